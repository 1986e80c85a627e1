"""The one reading of Markdown for every surface that shows letters with marks: a text and the spans in it.

Lists have their bullets and numbers, tables their columns, footnotes their brackets; what is left to a dialect is how a
span (bold, code, a link, a quote) looks on its platform. Nothing here raises on any input.
"""

import contextlib
from dataclasses import dataclass

import pyromark
from pyromark import Options

from telex.display.settled import parts
from telex.display.styled_prepare import prepare
from telex.display.styled_span import Span
from telex.display.styled_table import WIDEST
from telex.display.styled_writer import Writer

__all__ = ["BETWEEN", "Span", "Styled", "parts", "read"]

OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_GFM
)

BETWEEN = "\n\n"
"""What stands between two of a document's `parts`, each of which can be read by itself."""


@dataclass(frozen=True, slots=True)
class Styled:
    """What a reader sees.

    Attributes:
        text: the letters, without white space at either end.
        spans: what marks them, in no order; they may overlap and hold white space.
    """

    text: str
    spans: tuple[Span, ...]


def read(markdown: str, *, widest: int = WIDEST) -> Styled:
    """``markdown`` as a reader sees it; best with nothing left open, but any text will do.

    Args:
        markdown: a document, or one of its `parts`.
        widest: columns of the widest table that is drawn as one; of a wider one each row is a small paragraph.
    """
    with contextlib.suppress(UnicodeEncodeError):
        return _read(markdown, widest)
    # half of a surrogate pair, from JSON that was cut in its middle
    return _read(markdown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), widest)


def _read(markdown: str, widest: int) -> Styled:
    source, marked = prepare(markdown)
    writer = Writer(marked, widest)
    writer.feed(pyromark.events(source, options=OPTIONS))
    whole = writer.text
    lead = len(whole) - len(whole.lstrip())
    if lead:
        for span in writer.spans:
            span.start, span.end = max(0, span.start - lead), max(0, span.end - lead)
    return Styled(whole.strip(), tuple(writer.spans))
