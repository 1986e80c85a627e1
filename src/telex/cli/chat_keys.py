"""The keys of ``telex chat``: at its prompt, and while an answer comes."""

import asyncio
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.utils import get_cwidth

from telex.cli.approving import TerminalApproval
from telex.config import has_live_terminal

THOUGHTS = Keys.ControlT
ESCAPE_AFTER = 0.1  # seconds after which Escape is a key, and not the beginning of another
_MARGIN = 2  # columns of the prompt
_ENTER = {Keys.ControlM, Keys.ControlJ}
_PASTING = "\x1b[?2004h", "\x1b[?2004l"  # a pasted block comes as one, and not as keys


def prompt_keys(show_thoughts: Callable[[], object], commands: Sequence[str]) -> KeyBindings:
    """Enter sends, Alt-Enter and Ctrl-J begin a new line, Ctrl-T shows what the model thought, Tab completes a command."""
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        text = event.current_buffer.text
        if fits(text, event.app.output.get_size()):
            event.current_buffer.validate_and_handle()
        else:  # it is for whoever asked to write it
            event.current_buffer.reset(append_to_history=True)
            event.app.exit(result=text)

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("tab")
    def complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        fitting = [one for one in commands if buffer.text and one.startswith(buffer.text)]
        if len(fitting) == 1:
            buffer.insert_text(fitting[0][len(buffer.text) :])
        else:
            buffer.complete_next()

    keys.add(THOUGHTS)(lambda _: run_in_terminal(show_thoughts))
    return keys


def fits(question: str, screen: Size) -> bool:
    """Does the screen hold it? Of one that is longer the prompt would leave a part behind, and that twice."""
    rows = sum(1 + (get_cwidth(line) + _MARGIN) // max(1, screen.columns) for line in question.split("\n"))
    return rows < screen.rows


@contextmanager
def held_keyboard() -> Iterator[None]:
    """While inside, keys are ours also between prompts and answers; what was typed before waits for the first prompt."""
    keyboard = create_input()
    with keyboard.raw_mode():
        early = b""
        while select.select([keyboard.fileno()], [], [], 0)[0] and (data := os.read(keyboard.fileno(), 4096)):
            early += data
        presses: list[KeyPress] = []
        # A terminal that was not ours yet has made line feeds of Enter.
        Vt100Parser(presses.append).feed_and_flush(early.decode(errors="replace").replace("\n", "\r"))
        store_typeahead(keyboard, presses)
        yield


class AnswerKeys:
    """What is pressed while an answer comes: it is not shown, and what is no command waits for the next prompt.

    Args:
        stop: ends the answer.
        approval: asks questions that a key may answer.
        fold: hides or shows the thoughts.

    Attributes:
        stopped: the answer was stopped with Ctrl-C.
        leaving: it was pressed again, or Ctrl-D.
    """

    def __init__(self, stop: Callable[[], object], approval: TerminalApproval, fold: Callable[[], object]) -> None:
        self.stopped = False
        self.leaving = False
        self._stop = stop
        self._approval = approval
        self._fold = fold
        self._typed: list[KeyPress] = []
        self._line = 0  # where in it the line begins that is being typed
        self._escape: asyncio.TimerHandle | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """For the length of an answer."""
        if not sys.stdin or not sys.stdin.isatty() or not has_live_terminal():
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGINT, self._ctrl_c)
            try:
                yield
            finally:
                loop.remove_signal_handler(signal.SIGINT)
            return
        keyboard = create_input()
        with keyboard.raw_mode(), keyboard.attach(lambda: self._read(keyboard)):
            sys.stdout.write(_PASTING[0])
            sys.stdout.flush()
            self._take(get_typeahead(keyboard))
            try:
                yield
            finally:
                self._take(keyboard.flush_keys())
                if self._escape:
                    self._escape.cancel()
                sys.stdout.write(_PASTING[1])
                sys.stdout.flush()
        store_typeahead(keyboard, self._typed)

    def _read(self, keyboard: Input) -> None:
        if self._escape:
            self._escape.cancel()
        self._take(keyboard.read_keys())
        loop = asyncio.get_running_loop()
        self._escape = loop.call_later(ESCAPE_AFTER, lambda: self._take(keyboard.flush_keys()))

    def _take(self, presses: Sequence[KeyPress]) -> None:
        for press in presses:
            answered = self._approval.key(press.data)
            if press.key == Keys.ControlC:
                self._ctrl_c()
            elif press.key == Keys.ControlD:
                self.leaving = True
                self._stop()
            elif press.key == THOUGHTS:
                self._fold()
            elif not answered:
                self._keep(press)

    def _ctrl_c(self) -> None:
        self.leaving = self.stopped
        self.stopped = True
        self._stop()
        self._unsend()

    def _unsend(self) -> None:
        """Lines that were typed ahead wait at the prompt: nobody who stops an answer wants the next one at once."""
        while self._typed and self._typed[-1].key in _ENTER:
            self._typed.pop()
        self._typed = [KeyPress(Keys.ControlJ, "\n") if press.key in _ENTER else press for press in self._typed]
        self._line = 0  # they are one now

    def _keep(self, press: KeyPress) -> None:
        if press.key != Keys.Backspace:
            self._typed.append(press)
        elif len(self._typed) > self._line:
            self._typed.pop()
        if press.key in _ENTER:
            if self._begun.strip() == "/stop":
                del self._typed[self._line :]
                self._stop()
            self._line = len(self._typed)
        self._approval.typing(self._begun)

    @property
    def _begun(self) -> str:
        """The line that is being typed: arrows and the like are no part of it."""
        words = (
            press for press in self._typed[self._line :] if len(press.key) == 1 or press.key == Keys.BracketedPaste
        )
        return "".join(press.data for press in words)
