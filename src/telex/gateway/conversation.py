"""One conversation: a chat or a topic, its agent, and the turn that runs in it.

A turn is two tasks side by side: the agent's, which may be cancelled at any time, and the driver's, which then still
brings the last frame to the screen. The next turn's words are collected from its start, and shown when the screen is free.
Questions that come faster than the model can be asked are asked as one, and answered as one.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable

from telex.agent.agent import AIAgent
from telex.agent.tool_runs import AskApproval, ToolRequest
from telex.display.screen import Pacing
from telex.display.view_tools import none_runs
from telex.events import End, Notice, TextDelta
from telex.gateway.approvals import Approvals
from telex.gateway.journal import How, Journal, PageRow, TurnRecord, Unfinished
from telex.gateway.journal_file import Fenced
from telex.gateway.turn import GO_ON_BUTTON, Question, Stage, Turn
from telex.gateway.turn_log import TurnLog
from telex.live import GatewayStreamConsumer
from telex.recording.recorder import Recorder
from telex.surfaces.telegram.surface import TelegramSurface

log = logging.getLogger("telex.gateway")

CUT_OFF = "Cut off: telex was restarted."
GO_ON_QUESTION = "Go on where you were cut off."

MakeSurface = Callable[[int | None, TurnLog], TelegramSurface]
MakeAgent = Callable[[AskApproval], AIAgent]


class Conversation:
    """A chat or a topic.

    Args:
        name: for the log.
        agent: makes its memory and its model.
        surface: makes this place's surface for one turn, replying to a message id.
        pacing: how turns are shown.
        journal: where turns are written down.
        key: chat and topic, for the journal.
        approvals: asks whether a tool may run.
        recorder: makes who records a turn, if anybody does.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a place, a memory and a journal need
        self,
        name: str,
        agent: MakeAgent,
        surface: MakeSurface,
        pacing: Pacing,
        journal: Journal,
        key: tuple[int, int | None],
        approvals: Approvals,
        recorder: Callable[[], Recorder | None],
    ) -> None:
        self.key = key
        self._name = name
        self._agent = agent(self._ask_approval)
        self._approvals = approvals
        self._recorder = recorder
        self._surface = surface
        self._pacing = pacing
        self._journal = journal
        self._turn: Turn | None = None
        self._speaking: Turn | None = None  # whose question the model has
        self._asking: set[asyncio.Task[None]] = set()
        self._unread: list[Question] = []
        self._screen_free: asyncio.Task[None] | None = None  # the latest answer's driver
        self._showing: set[asyncio.Task[None]] = set()
        self._closing = False

    def __repr__(self) -> str:
        return self._name

    # -- what a person does ----------------------------------------------------------------------------------------

    def ask(self, question: Question, record: TurnRecord | None = None) -> None:
        """Answer it; a running answer is interrupted. ``record`` is its own where a former run began with it."""
        if self._turn:
            self._turn.silence()
            self._turn.overtaken = True
        turn = self._turn = self._new_turn(question.message_id)
        turn.log.record, turn.asked = record, question
        turn.before, turn.unread = frozenset(self._asking), self._unread
        turn.agent_task = asyncio.create_task(self._answer(turn, question))
        self._asking.add(turn.agent_task)
        turn.agent_task.add_done_callback(self._asking.discard)

    def tell(self, text: str, message_id: int | None = None, *, in_turn: bool = False) -> None:
        """Show a text of telex's own, with the same promises as an answer: at once, or when the screen is free."""
        turn = self._own(self._surface(message_id, TurnLog()), text)
        if in_turn:
            self._show_in_turn(turn)
        else:
            self._show(turn, after=None)

    def replace(self, message_id: int, text: str) -> None:
        """Show a text of telex's own in the place of a message of the bot's; its buttons go."""
        turn = self._own(self._surface(None, TurnLog()), text)
        turn.surface.resume(0, message_id=message_id, above=None)
        self._show(turn, after=None)

    def stop(self) -> bool:
        """Interrupt the running answer; false when there is none."""
        if self._turn is None or not self.answering:
            return False
        self._turn.stopped = True
        self._agent.interrupt()  # a question that is cancelled alone would be asked again with the next
        self._turn.silence()
        self._turn.surface.stop_previews()
        return True

    def reset(self) -> None:
        """Forget what was said."""
        self.stop()
        self._agent.reset()
        self._unread = []  # a new list: a turn that is just being stopped writes into the old one

    def owns_draft(self, draft_id: int) -> bool:
        """Is this the draft of the running answer?"""
        return self._turn is not None and self._turn.surface.owns_draft(draft_id)

    # -- the turn ----------------------------------------------------------------------------------------------------

    def _new_turn(self, message_id: int | None) -> Turn:
        turn_log = TurnLog()
        surface = self._surface(message_id, turn_log)
        consumer = GatewayStreamConsumer(surface, self._pacing, self._recorder())
        turn_log.presenter = consumer.presenter
        return Turn(surface, consumer, turn_log)

    def _own(self, surface: TelegramSurface, text: str) -> Turn:
        """A text of telex's own, which is not written down."""
        turn = Turn(surface, GatewayStreamConsumer(surface, self._pacing), TurnLog())
        turn.consumer.emit(TextDelta(text))
        turn.consumer.finish()
        return turn

    def _show(self, turn: Turn, after: "asyncio.Task[None] | None") -> "asyncio.Task[None]":
        task = asyncio.create_task(self._drive(turn, after))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)
        return task

    def _show_in_turn(self, turn: Turn) -> None:
        self._screen_free = self._show(turn, after=self._screen_free)

    async def _drive(self, turn: Turn, after: "asyncio.Task[None] | None") -> None:
        if after is not None:
            await asyncio.wait([after])  # its last frame stands before this turn's first
        saving = asyncio.create_task(turn.log.keep_saving())
        try:
            await turn.consumer.run()
            if turn.consumer.already_sent or turn.consumer.presenter.closed:
                await turn.log.done()
        except Fenced as fenced:
            log.warning("%s: %s; it shows the end of this answer", self._name, fenced)
        except Exception:
            log.exception("%s: showing an answer failed; this is a bug in telex", self._name)
        finally:
            saving.cancel()
        if turn.consumer.presenter.closed:
            log.warning("%s: the answer could not be shown: %s", self._name, turn.consumer.presenter.closed)
            turn.silence()

    async def _answer(self, turn: Turn, asked: Question) -> None:
        try:
            if turn.log.record is None:
                turn.log.record = await self._journal.begin(
                    asked.update_id, *self.key, asked.message_id, asked.text, asked.asker, asked.pictures
                )
            if turn.before:
                await asyncio.wait(turn.before)  # an agent has one turn at a time
            if turn.stopped:
                turn.unread.clear()  # nobody wants an answer to what came before it either
            else:
                turn.unread.append(asked)
            if turn.overtaken:
                await turn.log.done()
                return
            self._show_in_turn(turn)
            if turn.stopped:
                turn.stage = Stage.OVER
                turn.consumer.finish(End.INTERRUPTED)
                return
            await self._speak(turn)
        except Fenced as fenced:
            log.warning("%s: %s", self._name, fenced)
        except Exception:
            log.exception("%s: a turn failed; this is a bug in telex", self._name)

    async def _speak(self, turn: Turn) -> None:
        turn.stage = Stage.SPEAKING
        self._speaking = turn
        text = "\n\n".join(question.text for question in turn.unread if question.text)
        pictures = [picture for question in turn.unread for picture in question.pictures]
        turn.unread.clear()
        try:
            await self._agent.run_turn(text, turn.emit, pictures)
        finally:
            turn.stage = Stage.OVER
            turn.consumer.finish()  # does nothing where the agent has ended the turn, as it should
            with contextlib.suppress(Fenced):
                await turn.log.save()  # first: what is remembered as said is never shown as cut off after a kill
                await self._journal.remember(*self.key, self._agent.history)

    async def _ask_approval(self, request: ToolRequest) -> bool:
        """Ask whoever asked the question whether a tool may run."""
        turn = self._speaking
        assert turn is not None  # noqa: S101 - tools run only while the model speaks
        assert turn.asked is not None  # noqa: S101 - and the model speaks only when asked

        def show(
            surface: TelegramSurface, text: str, after: "asyncio.Task[None] | None" = None
        ) -> "asyncio.Task[None]":
            return self._show(self._own(surface, text), after)

        await turn.log.save()  # first: a kill from here on cuts the answer off, and no tool is asked for or run again
        surface = self._surface(turn.asked.message_id, TurnLog())
        return await self._approvals.ask(request, turn.asked.asker, surface, show, lambda: turn.stage is Stage.OVER)

    # -- after a restart -----------------------------------------------------------------------------------------------

    def finish(self, left: Unfinished) -> None:
        """Bring a turn of a former run to its end: show what is known, or ask again where nothing was shown."""
        nothing = not any(page.text.strip() for page in left.pages)
        if nothing and left.how is How.GROWING and not left.messages and not left.doubtful:
            question = Question(left.question, left.question_id, asker=left.asker, pictures=left.pictures)
            self.ask(question, self._journal.resume(left.turn))
            return
        task = self._screen_free = asyncio.create_task(self._finish(left, self._screen_free))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)

    async def _finish(self, left: Unfinished, after: "asyncio.Task[None] | None") -> None:
        if after is not None:
            await asyncio.wait([after])
        record = self._journal.resume(left.turn)
        pages = [page for page in left.pages if page.text.strip()]
        known = [page.number for page in left.pages] + [*left.messages, *left.doubtful]
        fresh = itertools.count(max(known, default=0) + 1)  # for pages that are cut again
        try:
            for number, page in enumerate(pages):
                if self._closing:
                    return  # the next start goes on with it
                turn = self._resumed(left, page)
                turn.log.record = record
                turn.log.resume(page.number, fresh)
                turn.log.later = [(later.number, later.text) for later in pages[number + 1 :]]
                turn.log.at_end = left.how
                if page is pages[-1] and left.how is not How.COMPLETE:
                    turn.surface.buttons = GO_ON_BUTTON
                    turn.log.at_end = How.CUT_OFF
                    if left.how is How.GROWING:
                        turn.consumer.emit(Notice(CUT_OFF))
                turn.consumer.finish()
                await turn.consumer.run()
            await record.done()
        except Fenced as fenced:
            log.warning("%s: %s", self._name, fenced)

    def _resumed(self, left: Unfinished, page: PageRow) -> Turn:
        turn = self._new_turn(left.question_id)
        if page.number in left.messages or page.number in left.doubtful:
            turn.surface.resume(0, message_id=left.messages.get(page.number), above=left.doubtful.get(page.number))
        turn.consumer.emit(TextDelta(none_runs(page.text) if left.how is How.GROWING else page.text))
        return turn

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self, notice: str) -> None:
        """Cut a running answer off, visibly; it is then still shown to its end. One not begun is left to the next start."""
        self._closing = True
        if self._turn is None or self._turn.agent_task is None:
            return
        if self._turn.stage is Stage.WAITING:
            self._turn.agent_task.cancel()
        elif self._turn.stage is Stage.SPEAKING:
            self._turn.consumer.emit(Notice(notice))
            self._turn.silence()

    @property
    def answering(self) -> bool:
        """The model still speaks, or is about to."""
        return self._turn is not None and self._turn.stage is not Stage.OVER

    @property
    def showing(self) -> "frozenset[asyncio.Task[None]]":
        """The drivers that have not yet brought their last frame to the screen."""
        return frozenset(self._showing)
