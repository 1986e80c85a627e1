"""telex under a bot that exists: what `telex.live` shows in a simulated Telegram."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

import telex
from telex.config import RichMessages
from telex.display.screen import Reasoning
from telex.errors import ConfigError, PlatformError
from telex.events import ReasoningDelta
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from telex.testing import Clock

ADA, WORKSHOP, IDEAS = 1001, -1001000000002, 2


def simulated(story: Callable[[Simulator], Coroutine[Any, Any, None]], limits: Limits | None = None) -> None:
    async def main() -> None:
        simulator = Simulator(limits=limits)
        await simulator.start()
        try:
            await story(simulator)
        finally:
            await simulator.stop()

    asyncio.run(main())


def texts(simulator: Simulator, chat: int = ADA, thread: int | None = None) -> list[str]:
    return [message["text"] for message in simulator.messages(chat, thread)]


async def model() -> AsyncIterator[str]:
    for word in ("Hello", " **dear**", " world."):
        yield word
        await asyncio.sleep(0)


def test_three_lines_show_an_answer_once():
    async def story(simulator: Simulator) -> None:
        async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
            async for piece in model():
                out.feed(piece)
        assert texts(simulator) == ["Hello dear world."]
        assert out.already_sent

    simulated(story)


@pytest.mark.parametrize("reasoning", ["off", "keep"])
def test_what_is_thought_in_tags_is_not_said(reasoning: Reasoning):
    async def story(simulator: Simulator) -> None:
        target = telex.telegram(simulator.token, ADA, api_base=simulator.base_url, reasoning=reasoning)
        async with telex.live(target) as out:
            for piece in ("<thi", "nk>let me ", "see</think>", "\n\nUse `<think>`", " here, a <", "b"):
                out.feed(piece)
        thought = "" if reasoning == "off" else "💭 let me see\n"
        assert [text.replace("\n\n", "\n") for text in texts(simulator)] == [f"{thought}Use <think> here, a <b"]

    simulated(story)


def test_one_bot_object_shares_its_pace_over_all_chats():
    """Telegram takes about 30 messages a second from one bot: from 60 chats at once, more would be refused."""
    chats = range(2001, 2061)

    async def story() -> None:
        for chat in chats:
            simulator.add_private(chat, f"P{chat}")

        async def answer(bot: telex.Telegram, chat: int) -> None:
            async with telex.live(bot.chat(chat)) as out:
                await out.feed_from(model())

        async with telex.Telegram(simulator.token, api_base=simulator.base_url) as bot:
            for _ in range(2):
                await asyncio.gather(*(answer(bot, chat) for chat in chats))
        assert all(texts(simulator, chat) == ["Hello dear world."] * 2 for chat in chats)
        assert not [call for call in simulator.calls if call.status == 429]

    clock = Clock()
    simulator = Simulator(clock=clock.time)
    clock.run(simulator.start())
    clock.run(story())
    clock.run(simulator.stop())
    clock.close()


@pytest.mark.parametrize("rich", ["off", "on"])
def test_there_is_no_stop_button_which_nobody_would_hear(rich: RichMessages):
    async def story(simulator: Simulator) -> None:
        place = telex.telegram(simulator.token, ADA, api_base=simulator.base_url, rich=rich)
        async with telex.live(place) as out:
            out.feed("Hello")
            await simulator.wait_for(lambda: simulator.draft(ADA) is not None)
            assert not simulator.press_stop(ADA)

    simulated(story)


def test_a_topic_is_answered_in_it():
    async def story(simulator: Simulator) -> None:
        place = telex.telegram(simulator.token, WORKSHOP, thread_id=IDEAS, api_base=simulator.base_url)
        async with telex.live(place) as out:
            await out.feed_from(model())
        assert texts(simulator, WORKSHOP, IDEAS) == ["Hello dear world."]

    simulated(story)


def test_an_exception_ends_the_answer_visibly_and_goes_on_its_way():
    async def story(simulator: Simulator) -> None:
        async def broken() -> AsyncIterator[str]:
            yield "Half an"
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
                await out.feed_from(broken())
        (text,) = texts(simulator)
        assert text.startswith("Half an")
        assert "broke off" in text

    simulated(story)


def test_a_chat_that_is_closed_to_the_bot_is_an_error():
    async def story(simulator: Simulator) -> None:
        simulator.block(ADA)
        with pytest.raises(PlatformError, match="blocked"):
            async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
                out.feed("Hello")

    simulated(story)


def test_a_message_whose_confirmation_is_lost_is_not_sent_twice():
    async def story(simulator: Simulator) -> None:
        question = simulator.say(ADA, "Hi")["message_id"]
        simulator.faults = FaultPlan.parse("sendMessage#1=reset_after")
        place = telex.telegram(simulator.token, ADA, reply_to=question, api_base=simulator.base_url)
        async with telex.live(place) as out:
            await out.feed_from(model())
        assert texts(simulator) == ["Hi", "Hello dear world."]

    simulated(story)


@pytest.mark.parametrize("piece", [42, b"Hello", ["Hello"]])
def test_what_is_no_part_of_an_answer_is_refused_at_once(piece: Any):
    async def story(simulator: Simulator) -> None:
        with pytest.raises(TypeError, match=type(piece).__name__):
            async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
                out.feed(piece)

    simulated(story)


def test_a_place_for_one_answer_says_so_when_it_is_used_again():
    async def story(simulator: Simulator) -> None:
        place = telex.telegram(simulator.token, ADA, api_base=simulator.base_url)
        async with telex.live(place) as out:
            out.feed("Hello")
        with pytest.raises(RuntimeError, match="for one answer"):
            async with telex.live(place):
                pass

    simulated(story)


def test_a_bot_that_telegram_does_not_know_is_an_error():
    async def story(simulator: Simulator) -> None:
        with pytest.raises(PlatformError, match="Unauthorized") as failed:
            async with telex.live(telex.telegram("12345:secret", ADA, api_base=simulator.base_url)) as out:
                out.feed("Hello")
        assert "secret" not in str(failed.value)

    simulated(story)


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("chat_id", lambda: telex.telegram("1:a", "@channel")),  # type: ignore[arg-type] # what a user may write
        ("chat_id", lambda: telex.Telegram("1:a").chat("1001")),  # type: ignore[arg-type] # the same
        ("api_base", lambda: telex.Telegram("1:a", api_base="localhost:8081")),
        ("rich", lambda: telex.Telegram("1:a", rich="very")),  # type: ignore[arg-type] # the same
        ("rich", lambda: telex.Telegram("1:a", rich=True)),  # type: ignore[arg-type] # the same
        ("chat_id", lambda: telex.telegram("1:a", True)),
        ("chat_id", lambda: telex.telegram("1:a", 0)),
        ("thread_id", lambda: telex.telegram("1:a", 1, thread_id="2")),  # type: ignore[arg-type] # the same
        ("thread_id", lambda: telex.Telegram("1:a").chat(1, thread_id=0)),
        ("reply_to", lambda: telex.telegram("1:a", 1, reply_to="7")),  # type: ignore[arg-type] # the same
        ("reply_to", lambda: telex.Telegram("1:a").chat(1, reply_to=-7)),
        ("api_base", lambda: telex.Telegram("1:a", api_base=None)),  # type: ignore[arg-type] # the same
        ("streaming", lambda: telex.Telegram("1:a", streaming="auto")),  # type: ignore[arg-type] # the same
        ("streaming", lambda: telex.Telegram("1:a", streaming=[])),  # type: ignore[arg-type] # the same
        ("page_numbers", lambda: telex.Telegram("1:a", page_numbers="yes")),  # type: ignore[arg-type] # the same
        ("token", lambda: telex.Telegram(None)),  # type: ignore[arg-type] # the same
        ("token", lambda: telex.Telegram("")),
        ("token", lambda: telex.Telegram("secret token")),
        ("target", lambda: telex.live("1:secret")),  # type: ignore[arg-type] # the same
        ("pacing", lambda: telex.live(telex.telegram("1:a", 1), {"edit_interval": 1})),  # type: ignore[arg-type] # the same
    ],
)
def test_a_bad_argument_is_named(key: str, make: Callable[[], object]):
    with pytest.raises(ConfigError, match=f"`{key}`") as said:
        make()
    assert "secret" not in str(said.value)


def test_a_bad_setting_is_named():
    with pytest.raises(ConfigError, match="transport"):
        telex.Telegram("1:a", streaming={"transport": "pigeon"})
    with pytest.raises(ConfigError, match="`rich` must be one of off, auto, on, got 'yes'"):
        telex.Telegram("1:a", rich="yes")  # type: ignore[arg-type]


def test_the_function_stays_reachable_beside_the_module_of_its_name():
    import telex.live as module

    assert callable(telex.live)
    assert callable(module)


def test_the_token_is_not_in_a_repr():
    assert "secret" not in repr(telex.Telegram("12345:secret")) + repr(telex.telegram("12345:secret", 1))


@pytest.mark.parametrize(("reasoning", "final"), [("off", "Yes."), ("live", "Yes."), ("keep", "💭 Is it so?\n\nYes.")])
@pytest.mark.parametrize("per_answer", [False, True], ids=["for all answers", "for one"])
def test_what_the_model_thinks_is_shown_as_it_was_asked_for(reasoning: Reasoning, final: str, per_answer: bool):
    async def story(simulator: Simulator) -> None:
        how: dict[str, Any] = {"reasoning": reasoning}
        place = telex.telegram(simulator.token, ADA, api_base=simulator.base_url, **({} if per_answer else how))
        async with telex.live(place, **(how if per_answer else {})) as out:
            out.feed(ReasoningDelta("Is it so?"))
            await simulator.wait_for(lambda: bool(simulator.calls))
            out.feed("Yes.")
        assert texts(simulator) == [final]
        assert any("💭 Is it so?" in frame.text for frame in simulator.frames) == (reasoning != "off")

    simulated(story)


def test_a_way_to_show_reasoning_that_there_is_not_is_named():
    with pytest.raises(ConfigError, match=r"reasoning.*off, live, keep.*loud"):
        telex.Telegram("1:a", reasoning="loud")  # type: ignore[arg-type] # what a user may write
    with pytest.raises(ConfigError, match="loud"):
        telex.live(telex.telegram("1:a", 1), reasoning="loud")  # type: ignore[arg-type] # the same


def test_a_long_answer_becomes_pages_and_loses_nothing():
    answer = "\n\n".join(f"Paragraph {number}, which says one thing." for number in range(400))

    async def story(simulator: Simulator) -> None:
        async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
            for start in range(0, len(answer), 500):
                out.feed(answer[start : start + 500])
                await asyncio.sleep(0)
        assert len(texts(simulator)) > 3
        assert all(len(text) <= 4096 for text in texts(simulator))
        assert "\n\n".join(texts(simulator)).split() == answer.split()

    simulated(story)


def test_refusals_and_broken_connections_end_in_one_answer_all_the_same():
    async def story(simulator: Simulator) -> None:
        question = simulator.say(ADA, "Hi")["message_id"]
        simulator.faults = FaultPlan.parse("sendMessageDraft#1=429:30;sendMessage#1=502;sendMessage#2=429:5")
        place = telex.telegram(simulator.token, ADA, reply_to=question, api_base=simulator.base_url)
        async with telex.live(place) as out:
            await out.feed_from(model())
        assert texts(simulator) == ["Hi", "Hello dear world."]
        assert out.already_sent

    clock = Clock()
    simulator = Simulator(clock=clock.time)
    clock.run(simulator.start())
    clock.run(story(simulator))
    clock.run(simulator.stop())
    clock.close()
