"""PURE: code in colours. Only the sixteen that every theme chooses for itself are used."""

from collections.abc import Iterator
from functools import lru_cache
from inspect import signature
from typing import Any, TypeAlias

from pygments.lexer import ExtendedRegexLexer, RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from pygments.util import ClassNotFound

Row = list[tuple[str, str]]
"""A line of code as pieces with their looks."""
Stack: TypeAlias = tuple[str, ...]
"""What is open at a place in the code, such as a string of many lines, by a lexer's names; the innermost last."""

_NOTHING_OPEN: Stack = ("root",)
_SHORTEST, _LONGEST = 24, 96  # lines of a stretch that is read at once
_LONG = 4000  # characters: a line that is longer is coloured when it is whole

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

    It is read a stretch at a time, and each stretch once, so a line that is added to a long code costs no more than to a short one.
    The last line is read by itself until it is whole.
    """
    if not language or _lexer(language) is None:
        return [[(line, "")] for line in code.split("\n")]
    *whole, last = code.split("\n")
    rows: list[Row] = []
    stack = _NOTHING_OPEN
    for stretch in _stretches(whole):
        read, stack = _read(stretch, language, stack)
        rows += [list(row) for row in read]
    if len(last) > _LONG:
        return [*rows, [(last, "")]]
    return [*rows, *(list(row) for row in _read_line(last, language, stack)[0])]


def _stretches(lines: list[str]) -> Iterator[str]:
    """Cut where a new part of the code is likely to begin; where it is cut, what comes later does not change."""
    begin = size = 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        outermost = number - begin >= _SHORTEST and not lines[number - 1].strip() and line[:1].strip()
        if outermost or number - begin >= _LONGEST or (size > _LONG and number > begin):
            yield "\n".join(lines[begin:number])
            begin, size = number, len(line) + 1
    if begin < len(lines):
        yield "\n".join(lines[begin:])


def _read_rows(code: str, language: str, stack: Stack) -> tuple[tuple[tuple[tuple[str, str], ...], ...], Stack]:
    """Lines of code in colours, and what is open behind them; ``stack`` is what is open before, the innermost last."""
    rows: list[Row] = [[]]
    lexer = _lexer(language)
    text = f"{code}\n"
    for _, kind, value in _tokens(lexer, text, stack):
        first, *others = value.split("\n")
        colour = _colour(kind)
        rows[-1].append((first, colour))
        rows += [[(piece, colour)] for piece in others]
    shown = tuple(tuple(piece for piece in row if piece[0]) for row in rows[: code.count("\n") + 1])
    return shown, _stack_behind(lexer, text, stack) if _can_go_on(lexer) else stack


_read = lru_cache(maxsize=512)(_read_rows)
_read_line = lru_cache(maxsize=8)(_read_rows)


def _can_go_on(lexer: Any) -> bool:
    """Can it begin where something is open? Others read each stretch as if it were the first."""
    return isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer)


def _tokens(lexer: Any, text: str, stack: Stack) -> Iterator[tuple[int, Any, str]]:
    if stack == _NOTHING_OPEN:
        yield from lexer.get_tokens_unprocessed(text)
    elif "stack" in signature(lexer.get_tokens_unprocessed).parameters:
        yield from lexer.get_tokens_unprocessed(text, stack)
    else:  # it would begin at the beginning, as the one of PHP does outside of any
        yield from RegexLexer.get_tokens_unprocessed(lexer, text, stack)


def _stack_behind(lexer: Any, text: str, stack: Stack) -> Stack:
    """What is open behind ``text``: what pygments does to find its tokens, which does not tell."""
    opened, at = list(stack), 0
    while at < len(text):
        for matching, _, change in lexer._tokens[opened[-1]]:  # noqa: SLF001 - what its rules are made into
            if found := matching(text, at):
                at = found.end()
                _change(opened, change)
                break
        else:
            opened = [*_NOTHING_OPEN] if text[at] == "\n" else opened
            at += 1
    return tuple(opened)


def _change(opened: list[str], change: Any) -> None:
    """Open and close what a rule says."""
    match change:
        case int():
            del opened[max(1, len(opened) + change) :]
        case str() | tuple():
            for one in [change] if isinstance(change, str) else change:
                if one != "#pop":
                    opened.append(opened[-1] if one == "#push" else one)
                elif len(opened) > 1:
                    opened.pop()


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
