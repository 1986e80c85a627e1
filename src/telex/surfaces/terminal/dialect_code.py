"""PURE: code in colours. Only the sixteen that every theme chooses for itself are used."""

from functools import lru_cache
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from pygments.util import ClassNotFound

Row = list[tuple[str, str]]
"""A line of code as pieces with their looks."""

_COLOURS: dict[Any, str] = {
    Token.Comment: "90",
    Token.Keyword: "35",
    Token.Keyword.Constant: "36",
    Token.Literal.String: "32",
    Token.Literal.Number: "36",
    Token.Name.Function: "34",
    Token.Name.Class: "33",
    Token.Name.Decorator: "33",
    Token.Name.Builtin: "36",
    Token.Name.Tag: "34",
    Token.Name.Attribute: "33",
    Token.Generic.Inserted: "32",
    Token.Generic.Deleted: "31",
    Token.Generic.Heading: "1",
    Token.Operator.Word: "35",
}


def highlighted(code: str, language: str) -> list[Row]:
    """``code`` line by line; without colours where ``language`` is unknown.

    Whole lines are read together, the last one by itself until it is whole, so a growing code is read once a line.
    """
    if not language or _lexer(language) is None:
        return [[(line, "")] for line in code.split("\n")]
    head, newline, last = code.rpartition("\n")
    rows = [list(row) for row in _read(head, language)] if newline else []
    return [*rows, *(list(row) for row in _read_line(last, language))]


def _read_rows(code: str, language: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    rows: list[list[tuple[str, str]]] = [[]]
    lexer = _lexer(language)
    for kind, value in lexer.get_tokens(code):
        first, *others = value.split("\n")
        colour = _colour(kind)
        rows[-1].append((first, colour))
        rows += [[(piece, colour)] for piece in others]
    return tuple(tuple(piece for piece in row if piece[0]) for row in rows[: code.count("\n") + 1])


_read = lru_cache(maxsize=32)(_read_rows)
_read_line = lru_cache(maxsize=8)(_read_rows)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=True)
    except ClassNotFound:
        return None


def _colour(kind: Any) -> str:
    while kind is not None:
        if kind in _COLOURS:
            return _COLOURS[kind]
        kind = kind.parent
    return ""
