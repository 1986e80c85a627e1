"""The answer that the benches stream: plain prose, so that what is visible is the source letter for letter."""

from telex.providers.scripted import Piece, typed

_WORDS = [
    "the",
    "wire",
    "carries",
    "each",
    "word",
    "as",
    "it",
    "is",
    "said",
    "and",
    "nobody",
    "waits",
    "for",
    "the",
    "last",
    "of",
    "them",
    "because",
    "reading",
    "begins",
    "with",
    "the",
    "first",
    "while",
    "the",
    "rest",
    "is",
    "still",
    "on",
    "its",
    "way",
    "so",
    "a",
    "good",
    "screen",
    "shows",
    "what",
    "is",
    "known",
    "and",
    "never",
    "takes",
    "it",
    "back",
]


def prose(characters: int) -> str:
    """Sentences in paragraphs, numbered so that no stretch of it occurs twice."""
    parts: list[str] = []
    length = number = 0
    while length < characters:
        words = [_WORDS[(number * 7 + step * (1 + number % 3)) % len(_WORDS)] for step in range(9)]
        sentence = f"{number} {' '.join(words)}."
        parts += [sentence, "\n\n" if number % 5 == 4 else " "]
        length += len(sentence) + len(parts[-1])
        number += 1
    return "".join(parts)[:characters].rstrip()


def trace(characters: int, tokens_per_second: float) -> list[Piece]:
    """``characters`` of prose in tokens of four characters, half a second after the question."""
    return typed(prose(characters), tokens_per_second, chars_per_token=4, first_after=0.5)
