"""What is wrong in a configuration, as a sentence that begins with the path of the key. Pure."""

import re
from collections.abc import Mapping
from typing import Any, get_args

import yaml

_UNKNOWN_KEY = re.compile(r"Object contains unknown field `(.+?)`")
_NAMED_KEY = re.compile(r"`(\w+)` (must .+)", re.DOTALL)


def explain(message: str, where: str, choices: Mapping[str, Any]) -> str:
    """The sentence of msgspec with the path first.

    Args:
        message: what msgspec says.
        where: the path of the section that was read, without ``$.``; empty for the whole file.
        choices: the ``Literal`` types by path.
    """
    sentence, _, at = message.partition(" - at `")
    path = at.rstrip("`") or "$"
    if where:
        path = f"$.{where}{path[1:]}"
    unknown = _UNKNOWN_KEY.search(sentence)
    if unknown:
        return f"{path}.{unknown.group(1)} is not a key that telex knows here. Look for a spelling mistake."
    if named := _NAMED_KEY.fullmatch(sentence):
        return f"{path}.{named.group(1)}: {named.group(2)}."
    known = choices.get(re.sub(r"\[\d+\]", "", path))
    if known and "enum" in sentence:
        got = sentence.partition("value ")[2]
        return f"{path}: expected one of {', '.join(get_args(known))}, got {got}."
    return f"{path}: {sentence.replace('`object`', 'a section of keys').replace('`array`', 'a list').replace(' | ', ' or ')}."


def not_yaml(error: Exception) -> str:
    """What YAML minds, and where; not the line itself, for it may hold the token."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{type(error).__name__} in one of its values."
    mark = error.problem_mark or error.context_mark
    where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{error.problem or error.context}{where}."
