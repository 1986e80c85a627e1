"""What is wrong in a configuration, as a sentence that begins with the path of the key. Pure.

What a user wrote is shown again where it is short, and never a key's value that may be a secret.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args, get_type_hints

import msgspec

SECRET = frozenset({"token", "api_key", "headers", "proxy", "args", "env", "base_url", "api_base", "url"})
LONGEST_SHOWN = 20  # characters: a key that was put in the wrong place is longer

_UNKNOWN_KEY = re.compile(r"Object contains unknown field `(.+?)`")
_NAMED_KEY = re.compile(r"`(\w+)` (must .+)", re.DOTALL)
_TYPES = re.compile(r"`(\w+(?: \| \w+)*)`")  # of JSON, as msgspec calls them
_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "date": "a date",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a section of keys",
    "str": "text",
}


def explain(message: str, where: str, choices: Mapping[str, Any], root: type[msgspec.Struct], written: Any) -> str:
    """The sentence of msgspec with the path first, and what can be done.

    Args:
        message: what msgspec says.
        where: the path of the section that was read, without ``$.``; empty for the whole file.
        choices: the ``Literal`` types by path.
        root: the type of the whole file.
        written: the whole file, as it was written: before the environment's values were put in.
    """
    sentence, _, at = message.partition(" - at `")
    path = at.rstrip("`") or "$"
    if where:
        path = f"$.{where}{path[1:]}"
    if path.endswith("[...]"):  # msgspec leaves the names in maps out
        path = path.removesuffix("[...]")
        values = _value(written, path)
        odd = (name for name, value in values.items() if not isinstance(value, str)) if isinstance(values, dict) else ()
        path += "".join(f".{name}" for name in list(odd)[:1])
    if unknown := _UNKNOWN_KEY.search(sentence):
        return f"{path}.{unknown[1]} is not a key that telex knows here. {_advice(unknown[1], path, root)}"
    if named := _NAMED_KEY.fullmatch(sentence):
        return f"{path}.{named[1]}: {named[2]}."
    value = _value(written, path)
    shown = _shown(value, path)
    known = choices.get(re.sub(r"\[\d+\]", "", path))
    if known and "enum" in sentence:
        return f"{path}: expected one of {', '.join(get_args(known))}{f', got {shown}' if shown else ''}."
    sentence = _TYPES.sub(_in_words, sentence)
    if isinstance(value, bool):
        sentence, shown = sentence.replace("got true or false", f"got {str(value).lower()}"), ""
    return f"{path}: {sentence}{f' ({shown})' if shown else ''}.{_remedy(sentence, value)}"


def _in_words(types: re.Match[str]) -> str:
    """The types of a value as people call them."""
    words = " or ".join(_WORDS.get(name, name) for name in types[1].split(" | "))
    return words.replace("keys or a list", "keys or a list of them")


def _advice(key: str, path: str, root: type[msgspec.Struct]) -> str:
    """Which key may have been meant."""
    here = _section(path, root)
    for name in root.__struct_fields__:
        if key in (there := _section(f"$.{name}", root)).__struct_fields__ and there not in {here, root}:
            return f"It belongs under `{name}:`."
    if close := difflib.get_close_matches(key, here.__struct_fields__, 1):
        return f"Did you mean `{close[0]}`?"
    return f"There are: {', '.join(here.__struct_fields__)}."


def _section(path: str, root: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The type of the section at a path."""
    for name in re.sub(r"\[\d+\]", "", path).split(".")[1:]:
        hint = get_type_hints(root).get(name)  # none: a name of the user's choice
        root = next((kind for kind in _leaves(hint) if issubclass(kind, msgspec.Struct)), root)
    return root


def _leaves(hint: Any) -> Iterator[type]:
    if inner := get_args(hint):
        for each in inner:
            yield from _leaves(each)
    elif isinstance(hint, type):
        yield hint


def _value(written: Any, path: str) -> Any:
    """What stands at a path."""
    for name, number in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        try:
            written = written[int(number)] if number else written[name]
        except (LookupError, TypeError):
            return None
    return written


def _shown(value: Any, path: str) -> str:
    """What was written, for a message; empty where it is long, or may be a secret."""
    if not isinstance(value, str | int | float | date) or SECRET & set(re.split(r"[.\[]", path)):
        return ""
    text = repr(value) if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return text if len(text) <= LONGEST_SHOWN else ""


def _remedy(sentence: str, value: Any) -> str:
    """What to write instead."""
    if "Expected text, got" in sentence and isinstance(value, int | float | date):
        return " Write it in quotes."
    if sentence.startswith("Expected a list, got text"):
        return " Write it in brackets: [one, another]."
    return ""
