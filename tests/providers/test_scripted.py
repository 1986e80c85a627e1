import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from telex.errors import ConfigError, ProviderDropped, ProviderError
from telex.events import Event, Notice, ReasoningDelta, TextDelta
from telex.providers.base import Message, Reply, Request
from telex.providers.scripted import Piece, Scripted, typed
from telex.testing.virtual_time import run

QUESTION = Request([{"role": "system", "content": "s"}, {"role": "user", "content": "What is *this*?"}])


def play(scripted: Scripted, request: Request = QUESTION) -> tuple[list[tuple[float, Event]], Reply | ProviderError]:
    """What was emitted at which time, and how it ended."""
    heard: list[tuple[float, Event]] = []

    async def main() -> Reply | ProviderError:
        loop = asyncio.get_running_loop()
        try:
            return await scripted.stream(request, lambda event: heard.append((round(loop.time(), 6), event)))
        except ProviderError as error:
            return error

    return heard, run(main())


def test_pieces_come_at_their_times_and_make_the_reply() -> None:
    pieces = [Piece(0.5, "hm", "reasoning"), Piece(0.25, "Hel"), Piece(0, "lo"), Piece(1, "slow", "notice")]
    heard, reply = play(Scripted(pieces))
    assert heard == [
        (0.5, ReasoningDelta("hm")),
        (0.75, TextDelta("Hel")),
        (0.75, TextDelta("lo")),
        (1.75, Notice("slow")),
    ]
    assert reply == Reply("Hello", "hm")


def test_a_long_script_does_not_drift() -> None:
    heard, _ = play(Scripted.typing("x" * 40_000, tokens_per_second=60, first_after=0))
    assert heard[-1][0] == pytest.approx(9_999 / 60)


def test_a_slow_listener_is_caught_up_with() -> None:
    times: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def listen(event: Event) -> None:
            times.append(loop.time())
            if len(times) == 1:
                loop._jump.now += 2.5  # type: ignore[attr-defined] # somebody blocked the loop

        await Scripted([Piece(1, "x")] * 5).stream(QUESTION, listen)

    run(main())
    assert times == pytest.approx([1, 3.5, 3.5, 4, 5])


def test_errors_and_drops_end_the_script_after_what_came() -> None:
    heard, error = play(Scripted([Piece(0, "Hel"), Piece(0, "Out of luck", "error"), Piece(0, "lo")]))
    assert (len(heard), str(error)) == (1, "Out of luck")
    assert not isinstance(error, ProviderDropped)
    heard, error = play(Scripted([Piece(0, "Hel"), Piece(0, "", "drop")]))
    assert len(heard) == 1
    assert isinstance(error, ProviderDropped)
    assert str(error)


def test_a_script_can_be_made_from_the_question() -> None:
    _, reply = play(Scripted(lambda request: [Piece(0, request.messages[-1]["content"].upper())]))
    assert reply == Reply("WHAT IS *THIS*?")


def test_typing_cuts_the_text_into_tokens_and_loses_nothing() -> None:
    pieces = typed("abcdefghij", tokens_per_second=10, chars_per_token=4, first_after=0.5)
    assert pieces == [Piece(0.5, "abcd"), Piece(0.1, "efgh"), Piece(0.1, "ij")]
    assert typed("") == []


def test_the_demo_shows_what_markdown_can_do_and_repeats_the_question() -> None:
    heard, reply = play(Scripted.demo())
    assert isinstance(reply, Reply)
    assert "What is this?" in reply.text
    for mark in ("**", "\n- ", "\n| ", "```python", "\n> ", "\n## "):
        assert mark in reply.text
    assert 1_300 <= len(reply.text) <= 1_700
    assert heard[-1][0] == pytest.approx(0.5 + (len(heard) - 1) / 40, abs=1e-3)


def test_the_demo_takes_any_question() -> None:
    for question in ("", "`" * 500, "{x} " * 100, "a\nb"):
        _, reply = play(Scripted.demo(), Request([{"role": "user", "content": question}]))
        assert isinstance(reply, Reply)
    assert isinstance(play(Scripted.demo(), Request([]))[1], Reply)


def test_scripts_are_read_from_yaml_and_json(tmp_path: Path) -> None:
    yaml_file, json_file = tmp_path / "a.yaml", tmp_path / "a.json"
    yaml_file.write_text(
        "- Hello\n- {text: hm, after: 1, kind: reasoning}\n- {text: abcdefgh, tokens_per_second: 10}\n"
    )
    json_file.write_text(
        json.dumps(
            ["Hello", {"text": "hm", "after": 1, "kind": "reasoning"}, {"text": "abcdefgh", "tokens_per_second": 10}]
        )
    )
    heard, _ = play(Scripted.from_file(yaml_file))
    assert heard == [
        (0, TextDelta("Hello")),
        (1, ReasoningDelta("hm")),
        (1, TextDelta("abcd")),
        (1.1, TextDelta("efgh")),
    ]
    assert play(Scripted.from_file(str(json_file)))[0] == heard
    assert Scripted.from_file(yaml_file).name == "scripted (a.yaml)"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("- {text: a}\n- {text: b, after: soon}\n", r"Expected `float`, got `str` - at `\$\[1\]\.after`"),
        ("- {text: a, when: 1}\n", r"unknown field `when` - at `\$\[0\]`"),
        ("- {after: 1}\n", r"Expected `text`, or `call` .* - at `\$\[0\]`"),
        ("- {text: a, arguments: {}}\n", r"Expected `text`, or `call` .* - at `\$\[0\]`"),
        ("- {call: a, text: b}\n", r"Expected beside `call` only .* - at `\$\[0\]`"),
        ("- {text: a, kind: shout}\n", r"Invalid enum value 'shout' - at `\$\[0\]\.kind`"),
        ("- {text: a, after: -1}\n", r"`after` of 0 or more seconds - at `\$\[0\]`"),
        ("- {text: a, tokens_per_second: 0}\n", r"`tokens_per_second` above 0 - at `\$\[0\]`"),
        ("text: a\n", r"Expected `array`, got `object`"),
        ("- [", r"is not YAML or JSON: .*line 1"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_and_place(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=f"(?s)script.yaml: .*{told}"):
        Scripted.from_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file"):
        Scripted.from_file(tmp_path / "none.yaml")


def test_a_script_calls_tools_and_goes_on_when_it_is_asked_with_their_results(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("[Look., {call: see, arguments: {at: 1}}, {call: hear, after: 2}, Seen.]")
    scripted = Scripted.from_file(path)
    question: dict[str, Any] = {"role": "user", "content": "?"}

    async def main() -> None:
        first = await scripted.stream(Request([question]), lambda _: None)
        assert asyncio.get_running_loop().time() == 2.0
        assert (first.text, first.finish) == ("Look.", "tool_calls")
        assert [(call.name, call.arguments) for call in first.calls] == [("see", '{"at":1}'), ("hear", "{}")]
        assert len({call.id for call in first.calls}) == 2
        second = await scripted.stream(Request([question, first.message]), lambda _: None)
        assert (second.text, second.calls) == ("Seen.", ())
        assert (await scripted.stream(Request([question, first.message, question]), lambda _: None)).text == "Look."

    run(main())


def test_the_demo_calls_the_demos_tools_where_they_are_offered_and_ends_with_what_they_said() -> None:
    tools = [{"name": "timer"}, {"name": "save_note"}]
    messages: list[Message] = [{"role": "user", "content": "Show me a tool"}]
    texts = []
    for result in ("2 s are over.", "Saved as First-words.txt.", ""):
        _, reply = play(Scripted.demo(), Request(messages, tools=tools))
        assert isinstance(reply, Reply)
        texts.append(reply.text)
        if result:
            (call,) = reply.calls
            messages = [
                *messages, reply.message, {"role": "tool", "tool_call_id": call.id, "content": result}
            ]  # fmt: skip
    assert "Saved as First-words.txt." in texts[-1]
    assert not any("## What you see here" in text for text in texts)  # the tour is for other questions
