"""A marked piece of a text."""

from dataclasses import dataclass


@dataclass(slots=True)
class Span:
    """A piece of text in code points, ``start`` to ``end``, and what it is; ``extra`` is a language or an address."""

    start: int
    end: int
    kind: str
    extra: str = ""
