"""What every provider must do, as a suite for pytest.

A test module of a provider holds a class of its own, whose ``provider`` gives one that is answered as a `ModelSide` says;
docs/add-a-provider.md shows one.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, Notice, ReasoningDelta, TextDelta
from telex.providers.base import Provider, Reply, Request
from telex.providers.scripted import Piece
from telex.testing import virtual_time
from telex.testing.model_side import ModelSide, until
from telex.testing.questions import CONVERSATION, TOOL, heard_question, question, said
from telex.testing.watch import BLOCKED, Timed, open_sockets

AT_ONCE = 0.15  # seconds of the loop's time from a word's bytes to its event
WORDS = ("Hé", "llo", " 東京", " 😀", "\n\n", "**done**", ".")  # letters of one, two, three and four bytes


class ProviderSuite:
    """What every provider must do; a subclass adds ``provider``, and pytest runs the facts.

    Attributes:
        thinks: thoughts can be told from words.
        calls: the model can call tools.
        secret: a key that must not be in a name or an error.
        bound: seconds of the loop's time that one fact may take.
    """

    thinks: bool = True
    calls: bool = True
    secret: str | None = None
    bound: float = 60.0

    def provider(self, model: ModelSide) -> AbstractAsyncContextManager[Provider]:
        """A new provider, for one fact, that is answered as ``model`` says."""
        raise NotImplementedError

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Run a fact: in virtual time. A provider with a side outside this process takes ``asyncio.run``."""
        virtual_time.run(main, sockets=True)

    def _fact(self, model: ModelSide, fact: Callable[[Provider], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(self.bound), self.provider(model) as provider:
                await fact(provider)
                await provider.close()
            assert all(isinstance(event, TextDelta | ReasoningDelta | Notice) for event in model.events)
            assert not model.held_back, "words were held back until more came"
            assert min(model.lags, default=0.0) < AT_ONCE, "words were held back for a while: no queue and no pause"

        self.run(main())

    # -- an answer -----------------------------------------------------------------------------------------------------

    def test_it_has_a_name_for_people(self) -> None:
        async def fact(provider: Provider) -> None:
            assert provider.name
            assert self.secret is None or self.secret not in provider.name + repr(provider)

        self._fact(ModelSide(), fact)

    def test_words_are_emitted_at_once_in_order_and_make_the_reply(self) -> None:
        model = ModelSide(*said(*WORDS))

        async def fact(provider: Provider) -> None:
            reply = await provider.stream(question(), model.emit)
            assert reply.text == model.heard() == "".join(WORDS)
            assert (reply.finish, reply.calls, reply.reasoning) == ("stop", (), "")

        self._fact(model, fact)

    def test_everything_is_emitted_in_the_thread_that_asked_and_before_the_reply(self) -> None:
        model = ModelSide(*said(*WORDS))

        async def fact(provider: Provider) -> None:
            threads: set[int] = set()

            def emit(event: Event) -> None:
                threads.add(threading.get_ident())
                model.emit(event)

            await provider.stream(question(), emit)
            assert model.heard() == "".join(WORDS)
            assert threads == {threading.get_ident()}

        self._fact(model, fact)

    def test_what_a_listener_raises_comes_out_and_closes_the_connection(self) -> None:
        model = ModelSide(*said(WORDS[0]), endless=True)

        async def fact(provider: Provider) -> None:
            def emit(event: Event) -> None:
                model.emit(event)
                raise LookupError("the listener's own")

            with pytest.raises(LookupError, match="the listener's own"):
                await provider.stream(question(), emit)
            assert await model.all_closed(), "the connection of an answer that nobody listens to stays open"

        self._fact(model, fact)

    def test_it_does_not_block_the_loop(self) -> None:
        model = ModelSide(*said("Hello."))

        async def fact(provider: Provider) -> None:
            kept = []
            for _ in range(3):
                await (stream := Timed(provider.stream(question(), model.emit)))
                kept.append(stream.longest)
            assert min(kept) < BLOCKED, "an answer keeps the loop from its other work"

        self._fact(model, fact)

    def test_the_whole_conversation_reaches_the_model_in_its_order(self) -> None:
        model = ModelSide(*said("Hello."))

        async def fact(provider: Provider) -> None:
            await provider.stream(Request(CONVERSATION), model.emit)
            asked = heard_question(model)
            assert all(message["content"] in asked for message in CONVERSATION), asked
            places = [asked.index(message["content"]) for message in CONVERSATION if message["role"] != "system"]
            assert places == sorted(places), asked

        self._fact(model, fact)

    def test_tools_reach_the_model(self) -> None:
        if not self.calls:
            pytest.skip("`calls` is false")
        model = ModelSide(*said("Hello."))

        async def fact(provider: Provider) -> None:
            await provider.stream(question(tools=[TOOL]), model.emit)
            asked = heard_question(model)
            assert all(words in asked for words in ('"add"', "Add two numbers.", '"integer"')), asked

        self._fact(model, fact)

    def test_options_reach_the_model(self) -> None:
        model = ModelSide(*said("Hello."))

        async def fact(provider: Provider) -> None:
            await provider.stream(question(options={"temperature": 0.375}), model.emit)
            asked = heard_question(model)
            assert "temperature" in asked, asked
            assert "0.375" in asked, asked

        self._fact(model, fact)

    def test_a_question_is_not_changed(self) -> None:
        model = ModelSide(*said("Hello."))

        async def fact(provider: Provider) -> None:
            asked = question(tools=[TOOL] if self.calls else ())
            await provider.stream(asked, model.emit)
            assert asked == question(tools=[TOOL] if self.calls else ())

        self._fact(model, fact)

    def test_thoughts_are_no_words(self) -> None:
        if not self.thinks:
            pytest.skip("`thinks` is false")
        model = ModelSide(Piece(0.02, "Hm, ", "reasoning"), Piece(0.02, "well.", "reasoning"), *said("Hel", "lo."))

        async def fact(provider: Provider) -> None:
            reply = await provider.stream(question(), model.emit)
            assert reply.reasoning == model.heard(ReasoningDelta) == "Hm, well."
            assert reply.text == model.heard() == "Hello."
            kinds = [type(event) for event in model.events if getattr(event, "text", "")]
            assert kinds == sorted(kinds, key=lambda kind: kind is TextDelta)

        self._fact(model, fact)

    def test_calls_of_tools_are_in_the_reply(self) -> None:
        if not self.calls:
            pytest.skip("`calls` is false")
        calls = [Piece(0.02, '{"a": 1, "b": 2}', "call", "add"), Piece(0.02, "{}", "call", "add")]
        model = ModelSide(*said("Let me see."), *calls)

        async def fact(provider: Provider) -> None:
            reply = await provider.stream(question(tools=[TOOL]), model.emit)
            assert reply.text == model.heard() == "Let me see."
            assert reply.finish == "tool_calls"
            made = [(call.name, json.loads(call.arguments)) for call in reply.calls]
            assert made == [("add", {"a": 1, "b": 2}), ("add", {})]
            assert len({call.id for call in reply.calls if call.id}) == 2
            json.dumps(reply.message)

        self._fact(model, fact)

    def test_answers_run_side_by_side(self) -> None:
        model = ModelSide(*said(*WORDS))

        async def fact(provider: Provider) -> None:
            asked = [provider.stream(question(), model.emit) for _ in range(3)]
            assert [reply.text for reply in await asyncio.gather(*asked)] == ["".join(WORDS)] * 3
            assert len(model.heard()) == 3 * len("".join(WORDS))

        self._fact(model, fact)

    # -- an answer that fails ------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("words", [(), ("Hel", "lo")], ids=["before the first word", "in the middle"])
    def test_a_failure_is_an_error_that_says_what_to_do(self, words: tuple[str, ...]) -> None:
        model = ModelSide(*said(*words), Piece(0.02, "Out of order.", "error"))

        async def fact(provider: Provider) -> None:
            with pytest.raises(ProviderError) as failed:
                await provider.stream(question(), model.emit)
            assert str(failed.value)
            assert self.secret is None or self.secret not in str(failed.value)
            assert model.heard() == "".join(words)

        self._fact(model, fact)

    def test_half_an_answer_does_not_pass_for_a_whole_one(self) -> None:
        model = ModelSide(*said("Hel", "lo"), Piece(0.02, "", "drop"))

        async def fact(provider: Provider) -> None:
            with pytest.raises(ProviderDropped) as failed:
                await provider.stream(question(), model.emit)
            assert str(failed.value)
            assert model.heard() == "Hello"

        self._fact(model, fact)

    def test_where_nobody_is_there_that_is_an_error_that_says_so(self) -> None:
        async def main() -> None:
            said_of_it = ""
            async with asyncio.timeout(self.bound):
                async with self.provider(ModelSide()) as provider:
                    pass  # and its model's side is gone
                try:
                    await provider.stream(question(), lambda _: None)
                except ProviderError as error:
                    said_of_it = str(error) or "nothing"
                finally:
                    await provider.close()
            assert said_of_it != "nothing"
            assert self.secret is None or self.secret not in said_of_it

        self.run(main())

    # -- the end -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("pieces", [said("Hello."), [Piece(0.02, "", "drop")]], ids=["answered", "broken off"])
    def test_nothing_is_open_after_close(self, pieces: list[Piece]) -> None:
        model = ModelSide(*pieces)

        async def main() -> None:
            async with asyncio.timeout(self.bound), self.provider(model) as provider:
                before = open_sockets()
                for _ in range(2):
                    with suppress(ProviderError):
                        await provider.stream(question(), model.emit)
                await provider.close()
                assert await until(lambda: open_sockets() <= before), "a connection stays open after close()"

        self.run(main())

    # -- an answer that is stopped -------------------------------------------------------------------------------------

    @pytest.mark.parametrize("words", [(), ("Hel", "lo")], ids=["before the first word", "in the middle"])
    def test_an_answer_that_is_stopped_closes_its_connection_and_says_nothing_more(
        self, words: tuple[str, ...]
    ) -> None:
        model = ModelSide(*said(*words), endless=True)

        async def fact(provider: Provider) -> None:
            spoken = asyncio.Event()

            def emit(event: Event) -> None:
                model.emit(event)
                if model.heard() == "".join(words):
                    spoken.set()

            asked = asyncio.create_task(provider.stream(question(), emit))
            await (spoken.wait() if words else model.asked())
            await stopped(asked)
            assert await model.all_closed(), "the connection of an answer that was stopped stays open"
            assert model.heard() == "".join(words), "something was said after Stop"

        self._fact(model, fact)

    def test_one_answer_is_stopped_and_the_other_goes_on(self) -> None:
        model = ModelSide(*said("Hello"), endless=True)

        async def fact(provider: Provider) -> None:
            heard: list[list[str]] = [[], []]

            def listener(words: list[str]) -> Callable[[Event], None]:
                def emit(event: Event) -> None:
                    words.append(getattr(event, "text", ""))
                    model.emit(event)

                return emit

            first, second = (asyncio.create_task(provider.stream(question(), listener(words))) for words in heard)
            assert await until(lambda: heard == [["Hello"], ["Hello"]])
            await stopped(first)
            model.go_on()
            assert await until(lambda: len(heard[1]) > 1)
            second.cancel()
            await asyncio.wait([second])
            assert heard[0] == ["Hello"]
            assert await model.all_closed()

        self._fact(model, fact)


async def stopped(asked: "asyncio.Task[Reply]") -> None:
    """Stop an answer, as a person does."""
    asked.cancel()
    await asyncio.wait([asked])
    assert asked.cancelled(), "an answer that is stopped lets CancelledError through"
