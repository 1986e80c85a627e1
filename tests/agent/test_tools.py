import asyncio
import enum
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pydantic
import pytest

from telex.agent.tool_runs import cut, summary
from telex.agent.tool_schema import Progress, problem_with
from telex.agent.tools import Tool, as_text, tool


@dataclass
class Place:
    city: str
    country: str = "Norway"


def ran(one: Tool, arguments: str) -> str:
    async def main() -> str:
        return await one.run(arguments, print)

    return asyncio.run(main())


def test_the_schema_comes_from_hints_and_docstring() -> None:
    @tool
    def search(query: str, limit: int = 5, exact: bool | None = None) -> list[str]:
        """Search the notes.

        Use it before you answer.

        Args:
            query: what to look for;
                may be several words.
            limit (int): at most so many.

        Returns:
            Titles.
        """
        return [query] * limit

    assert search.offer == {
        "name": "search",
        "description": "Search the notes.\n\nUse it before you answer.",
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "what to look for; may be several words."},
                "limit": {"type": "integer", "description": "at most so many.", "default": 5},
                "exact": {"anyOf": [{"type": "boolean"}, {"type": "null"}], "default": None},
            },
            "required": ["query"],
            "additionalProperties": False,
        },
    }
    assert ran(search, '{"query": "a", "limit": 2}') == '["a","a"]'
    assert search("b", 1) == ["b"]


def test_types_within_types_are_described_and_read() -> None:
    @tool
    async def forecast(
        place: Place, days: Annotated[int, msgspec.Meta(ge=1)] = 1, units: Literal["C", "F"] = "C"
    ) -> str:
        return f"{place.city}, {place.country}: {days} {units}"

    assert set(forecast.parameters["$defs"]) == {"Place"}
    assert ran(forecast, '{"place": {"city": "Oslo"}, "units": "F"}') == "Oslo, Norway: 1 F"
    for arguments, told in (
        ('{"place": {}}', "missing required field `city` - at `$.place`"),
        ('{"place": {"city": "a"}, "days": 0}', "`int` >= 1 - at `$.days`"),
        ('{"place": {"city": "a"}, "units": "K"}', "at `$.units`"),
        ("[]", "Expected `object`"),
    ):
        with pytest.raises(msgspec.DecodeError) as caught:
            ran(forecast, arguments)
        assert told in str(caught.value)


async def _later(text: str) -> str:
    await asyncio.sleep(0)
    return text


def _returns_an_awaitable(text: str) -> Any:
    return _later(text)


def _generates(text: str) -> Any:
    yield from text


def _generates_numbers(text: str) -> Any:
    yield from range(len(text))


async def _generates_later(text: str) -> Any:
    for letter in text:
        yield await _later(letter)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (_returns_an_awaitable, "abc"),
        (_generates, "abc"),
        (_generates_numbers, "[0,1,2]"),
        (_generates_later, "abc"),
        (functools.partial(_later), "abc"),
    ],
)
def test_what_is_awaited_or_generated_is_waited_for_and_told_whole(function: Any, told: str) -> None:
    assert ran(tool(function), '{"text": "abc"}') == told


def test_a_partial_and_an_object_that_can_be_called_are_tools_and_what_is_given_is_not_told() -> None:
    def search(query: str, key: str, limit: int = 3) -> str:
        """Search the notes."""
        return f"{query} {key} {limit}"

    class Index:
        """An index."""

        async def __call__(self, query: str) -> str:
            return query

    keyed = tool(functools.partial(search, key="secret"))
    assert (keyed.name, keyed.description, set(keyed.parameters["properties"])) == (
        "search",
        "Search the notes.",
        {"query", "limit"},
    )
    assert ran(keyed, '{"query": "a"}') == "a secret 3"
    index = tool(Index())
    assert (index.name, index.description) == ("Index", "An index.")
    assert ran(index, '{"query": "a"}') == "a"
    assert tool(functools.partial(_later)).description == ""


def test_a_decorated_method_is_the_tool_of_its_object() -> None:
    class Shelf:
        def __init__(self, *books: str) -> None:
            self.books = books

        @tool
        def book(self, place: int) -> str:
            """Tell which book stands there."""
            return self.books[place]

        @tool
        @staticmethod
        def half(number: int) -> int:
            return number // 2

    one, other = Shelf("Emma", "Ulysses"), Shelf("Dubliners")
    assert one.book.offer["parameters"]["required"] == ["place"]
    assert (one.book.name, one.book.description) == ("book", "Tell which book stands there.")
    assert [ran(one.book, '{"place": 1}'), ran(other.book, '{"place": 0}')] == ["Ulysses", "Dubliners"]
    assert one.book(0) == "Emma"
    assert ran(one.half, '{"number": 8}') == "4"


class Size(enum.Enum):
    SMALL, LARGE = "small", "large"


class Topping(pydantic.BaseModel):
    name: str
    grams: int = pydantic.Field(default=10, ge=0)


class Pizza(pydantic.BaseModel):
    size: Size
    toppings: list[Topping] = []


def test_a_pydantic_model_is_described_read_checked_and_told() -> None:
    @tool
    def bake(pizza: Pizza, size: Size = Size.SMALL) -> Pizza:
        assert isinstance(pizza, Pizza)
        assert isinstance(size, Size)
        return pizza

    assert bake.parameters["properties"]["pizza"]["properties"]["toppings"]["items"] == {
        "$ref": "#/$defs/Pizza_Topping"
    }
    assert bake.parameters["$defs"].keys() == {"Pizza_Topping", "Pizza_Size", "Size"}
    told = '{"size":"large","toppings":[{"name":"basil","grams":10}]}'
    assert ran(bake, '{"pizza": {"size": "large", "toppings": [{"name": "basil"}]}}') == told
    with pytest.raises(msgspec.ValidationError, match=r"toppings\.0\.grams"):
        ran(bake, '{"pizza": {"size": "large", "toppings": [{"name": "basil", "grams": -1}]}}')


def test_the_type_of_what_may_be_chosen_is_told() -> None:
    @tool
    def paint(
        colour: Literal["red", "blue"], size: Size, coats: Literal[1, 2] = 1, enum: Literal["a"] | None = None
    ) -> None: ...

    properties = paint.parameters["properties"]
    assert properties["colour"] == {"enum": ["blue", "red"], "type": "string"}  # without the latter Gemini refuses it
    assert properties["coats"] == {"enum": [1, 2], "type": "integer", "default": 1}
    assert properties["enum"]["default"] is None
    assert paint.parameters["$defs"]["Size"]["type"] == "string"


def test_a_path_is_a_text_to_the_model() -> None:
    @tool
    def show(path: Path) -> str:
        return path.name

    assert show.parameters["properties"] == {"path": {"type": "string"}}
    assert ran(show, '{"path": "/notes/a.txt"}') == "a.txt"


def test_a_parameter_whose_default_is_none_may_be_null() -> None:
    @tool
    def find(word: str = None, anything: Any = None) -> str:  # type: ignore[assignment]  # noqa: RUF013 - people write this
        return f"{word}"

    assert find.parameters["properties"]["word"] == {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert find.parameters["properties"]["anything"] == {"default": None}
    assert ran(find, '{"word": null}') == "None"


def test_a_type_called_arguments_is_like_any_other() -> None:
    Arguments: Any = dataclass(type("Arguments", (), {"__annotations__": {"x": int}}))  # noqa: N806

    def shift(arguments: Any) -> int:
        return int(arguments.x)

    shift.__annotations__["arguments"] = Arguments
    assert ran(tool(shift), '{"arguments": {"x": 2}}') == "2"


def test_a_hint_may_say_what_a_parameter_is_for() -> None:
    @tool
    def wait(
        seconds: Annotated[int, "how long"],
        reason: Annotated[str, pydantic.Field(description="why")],
        place: Annotated[str, "where"],
    ) -> None:
        """Wait.

        Args:
            place: the docstring counts.
        """

    about = {name: each["description"] for name, each in wait.parameters["properties"].items()}
    assert about == {"seconds": "how long", "reason": "why", "place": "the docstring counts."}


def test_a_default_that_can_change_is_not_shared() -> None:
    @tool
    async def collect(items: list[int] = [1]) -> list[int]:  # noqa: B006 - people write this
        return items

    assert ran(collect, "{}") == "[1]"


def test_a_parameter_for_progress_is_not_the_models_business() -> None:
    heard: list[str] = []

    @tool
    def slow(progress: Progress, upto: int) -> None:
        for number in range(upto):
            progress(str(number))

    async def main() -> str:
        said = await slow.run('{"upto": 2}', heard.append)
        await asyncio.sleep(0)
        return said

    assert set(slow.parameters["properties"]) == {"upto"}
    assert asyncio.run(main()) == "Done."
    assert heard == ["0", "1"]


def test_a_function_that_no_model_can_call_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"several\(\): \*names cannot be filled"):

        @tool
        def several(*names: str) -> None: ...

    with pytest.raises(TypeError, match=r"odd\(\): "):

        @tool
        def odd(thing: type[int] | asyncio.Event) -> None: ...

    with pytest.raises(TypeError, match=r"complicated\(\): a model cannot give a value of the type .*complex"):

        @tool
        def complicated(number: complex) -> None: ...

    with pytest.raises(TypeError, match=r"unknown\(\): .*Nowhere"):

        @tool
        def unknown(place: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(TypeError, match=r"max\(\): what it takes cannot be read"):
        tool(max)


def test_a_name_that_servers_do_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        tool(name="my tool")(lambda: None)
    assert tool(name="my_tool", description="It does.")(lambda: None).offer["description"] == "It does."


def test_what_a_thread_raises_comes_out_of_the_call() -> None:
    @tool
    def leave(how: str) -> None:
        raise {"exit": SystemExit, "stop": StopIteration, "key": KeyError}[how]("why")

    for how in ("exit", "stop"):
        with pytest.raises(RuntimeError):
            ran(leave, f'{{"how": "{how}"}}')
    with pytest.raises(KeyError, match="why"):
        ran(leave, '{"how": "key"}')


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("a", "a"),
        (None, "Done."),
        ({"a": [1]}, '{"a":[1]}'),
        (1j, "1j"),
        (["\udcff"], "['\\udcff']"),
        (b"Hi \xff", "Hi \ufffd"),
    ],
)
def test_what_a_tool_returns_is_sent_as_text(said: Any, text: str) -> None:
    assert as_text(said) == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"city": "Oslo  city"}', "Oslo city"),
        ('{"a": 1, "b": [2]}', "a: 1, b: [2]"),
        ("{}", ""),
        ("[1]", ""),
        ('{"a', ""),
        ('{"a": "' + "x" * 99 + '"}', "x" * 79 + "…"),
    ],
)
def test_a_summary_says_what_a_tool_was_asked(arguments: str, words: str) -> None:
    assert summary(arguments) == words


def test_only_what_is_too_long_is_cut() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "abc\n[Cut here: these are 3 of 4 characters.]"


SCHEMA = {
    "properties": {"a": {"type": "integer"}, "b": {"type": ["string", "null"]}, "c": {}, "d": {"type": "odd"}},
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"a": 1}, None),
        ({"a": 1.0, "b": None, "c": [1], "d": {}}, None),
        ({}, "`a` is missing"),
        ({"a": True}, "`a` must be of the type integer"),
        ({"a": 1, "b": 2}, "`b` must be of the type string or null"),
        ({"a": 1, "e": 2}, "no argument `e`"),
    ],
)
def test_arguments_are_checked_against_a_servers_schema(arguments: dict[str, Any], told: str | None) -> None:
    problem = problem_with(SCHEMA, arguments)
    assert problem is None if told is None else told in (problem or "")
