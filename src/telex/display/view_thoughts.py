"""What a model thinks, as a quote, and where in the answer such a quote may stand."""

from telex.display.styled_prepare import COLLAPSED, THINKING
from telex.display.tail import Leaf, Tail
from telex.display.view_words import Line, plain

LAST_THOUGHTS = 280  # characters of the reasoning that are shown while the model thinks
MOST_KEPT = 1500  # and that are kept
_FRESH_THOUGHTS = 40  # characters after which they are shown anew


class Quote(Line):
    """What the model thought, folded."""


class Thoughts:
    """The model thinks.

    Attributes:
        quote: its last words, as Markdown.
    """

    def __init__(self) -> None:
        self.quote = ""
        self._said = ""
        self._shown = 0  # characters of ``_said`` when ``quote`` was last brought up to date

    def think(self, text: str) -> None:
        """More of it."""
        self._said += text
        if len(self._said) - self._shown >= _FRESH_THOUGHTS or not self._shown:
            self._shown = len(self._said)
            words = " ".join(self._said[-2 * LAST_THOUGHTS :].split())
            last = f"…{words[-LAST_THOUGHTS:].partition(' ')[2]}" if len(words) > LAST_THOUGHTS else words
            self.quote = _quote(last, THINKING)

    def folded(self) -> str:
        """The quote that is left of it."""
        words = " ".join(self._said.split())
        if len(words) > MOST_KEPT:
            words = f"{words[:MOST_KEPT].rpartition(' ')[0]} …"
        return _quote(words, COLLAPSED)


def _quote(words: str, mark: str) -> str:
    return f"> {mark}💭 {plain(words)}" if words else ""


class Seams:
    """Finds where a growing text lies between two of its blocks, so that something else may stand there.

    It looks at each line once, when it is whole.
    """

    def __init__(self) -> None:
        self._tail = Tail()
        self._line = ""  # the last one, while it grows

    @property
    def here(self) -> bool:
        """Does the text so far end between two blocks?"""
        return not self._line and self._tail.leaf is Leaf.NONE

    def feed(self, text: str) -> int | None:
        """Take more of the text; how many characters of it stand before its first seam."""
        found, end = None, 0
        *lines, rest = text.split("\n")
        for line in lines:
            end += len(line) + 1
            self._take(self._line + line)
            if found is None and self.here:
                found = end
        self._line += rest
        return found

    def break_here(self) -> None:
        """A new paragraph begins, or whatever the text is part of goes on in a line of its own."""
        if self._line:
            self._take(self._line)
        self._take("")

    def _take(self, line: str) -> None:
        self._line = ""
        self._tail.feed(line.rstrip("\r"), 0)  # the places that a tail remembers are of no use here
