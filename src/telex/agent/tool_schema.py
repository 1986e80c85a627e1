"""What a Python function takes, as JSON Schema for the model and as a type that checks what the model sends. Pure."""

import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Optional

import msgspec

from telex.agent.tool_types import schema_of, value_of

Progress = Callable[[str], None]
"""Says how far a tool is. A parameter with this type is filled by telex and is none of the model's business."""

_SIMPLE = (str, int, float, bool, type(None))
_ARGUMENT = re.compile(r"(\w+)\s*(?:\([^)]*\))?:\s*(.*)")
_SECTION = re.compile(r"(Args|Arguments|Returns|Yields|Raises|Note|Notes|Example|Examples|Attributes):\s*")


class Signature:
    """What ``function`` takes.

    Attributes:
        name: the function's.
        description: the docstring up to its ``Args:``.
        parameters: JSON Schema of an object.
        progress: the name of the parameter that wants a `Progress`, if there is one.

    Raises:
        TypeError: a parameter that no JSON object can fill.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        written, given = underlying(function), _given(function)
        inner = _inner(function)
        self.name = name = str(getattr(inner, "__name__", type(inner).__name__))
        self.description, about = described(_docstring(function))
        self.progress: str | None = None
        hints = _hints(name, written)
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for parameter in _parameters(name, function):
            if parameter.name in given:
                continue
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                said = str(parameter.replace(annotation=parameter.empty))
                raise TypeError(f"{name}(): {said} cannot be filled by a model; give it named parameters.")
            hint = hints.get(parameter.name, Any)
            if hint == Progress:
                self.progress = parameter.name
                continue
            if words := about.get(parameter.name) or _noted(hint):
                hint = Annotated[hint, msgspec.Meta(description=words)]
            if parameter.default is None and hint is not Any:
                hint = Optional[hint]  # noqa: UP045 - people leave that out, and the hint need not be a class
            fields.append(_field(parameter, hint))
        try:
            self._type = msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)
            self.parameters = schema_of(self._type)
        except TypeError as error:
            raise TypeError(f"{name}(): {error}") from None

    def read(self, arguments: str) -> dict[str, Any]:
        """The arguments that the model sent, in the types of the hints.

        Raises:
            msgspec.DecodeError: they are not what the function takes; says what and where.
        """
        read = msgspec.json.decode(arguments, type=self._type, dec_hook=value_of)
        return {name: getattr(read, name) for name in self._type.__struct_fields__}


def _parameters(name: str, function: Callable[..., Any]) -> Iterable[inspect.Parameter]:
    try:
        return inspect.signature(function).parameters.values()
    except ValueError:  # some of Python's own functions do not say
        raise TypeError(f"{name}(): what it takes cannot be read; write a function that calls it.") from None


def _hints(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:  # such as a type that is imported for type checkers alone
        raise TypeError(f"{name}(): a hint cannot be read when the program runs: {error}.") from None


def _noted(hint: Any) -> str | None:
    """What an ``Annotated`` hint says of a parameter: in a plain text, or as the ``description`` of pydantic's ``Field``."""
    for note in getattr(hint, "__metadata__", ()):
        words = note if isinstance(note, str) else getattr(note, "description", None)
        if isinstance(words, str):
            return words
    return None


def underlying(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it was written: within a ``functools.partial``, or as ``__call__`` of an object."""
    inner = _inner(function)
    return inner if inspect.isroutine(inner) or inspect.isclass(inner) else type(inner).__call__


def _inner(function: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _docstring(function: Callable[..., Any]) -> str:
    """What a function says of itself; an object, what its ``__call__`` or its class does."""
    inner, written = _inner(function), underlying(function)
    if inner is written:
        return inspect.getdoc(inner) or ""
    return inspect.cleandoc(written.__doc__ or type(inner).__doc__ or "")


def _given(function: Callable[..., Any]) -> set[str]:
    """The parameters that a ``functools.partial`` fills by name: none of the model's business."""
    given: set[str] = set()
    while isinstance(function, functools.partial):
        given |= function.keywords.keys()
        function = function.func
    return given


def described(docstring: str) -> tuple[str, dict[str, str]]:
    """The words of a docstring in Google's style before its first section, and what ``Args:`` says by name."""
    words: list[str] = []
    about: dict[str, str] = {}
    section, indent, last = "", None, ""
    for line in docstring.splitlines():
        if found := _SECTION.fullmatch(line):
            section, indent = found.group(1), None
        elif not section:
            words.append(line)
        elif section.startswith("Arg") and line.strip():
            depth = len(line) - len(line.lstrip())
            indent = depth if indent is None else indent
            begins = _ARGUMENT.fullmatch(line.strip()) if depth == indent else None
            if begins:
                last = begins.group(1)
                about[last] = begins.group(2)
            elif last:
                about[last] = f"{about[last]} {line.strip()}"
    return "\n".join(words).strip(), about


def problem_with(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> str | None:
    """What is wrong with ``arguments`` by the required keys and the plain types of ``schema``; ``None`` when nothing is.

    The server that the schema comes from checks the rest.
    """
    properties = schema.get("properties") or {}
    for name in schema.get("required") or ():
        if name not in arguments:
            return f"the argument `{name}` is missing"
    for name, value in arguments.items():
        about = properties.get(name)
        if about is None:
            if schema.get("additionalProperties") is False:
                return f"there is no argument `{name}`"
            continue
        wanted = about.get("type") if isinstance(about, dict) else None
        kinds = [wanted] if isinstance(wanted, str) else wanted
        if isinstance(kinds, list) and not any(_is(kind, value) for kind in kinds):
            return f"the argument `{name}` must be of the type {' or '.join(map(str, kinds))}"
    return None


def _is(kind: Any, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "null":
            return value is None
    return True  # a type that a later standard adds


def _field(parameter: inspect.Parameter, hint: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    default = parameter.default
    if default is parameter.empty:
        return parameter.name, hint
    if isinstance(default, _SIMPLE):
        return parameter.name, hint, default
    return parameter.name, hint, msgspec.field(default_factory=lambda: default)
