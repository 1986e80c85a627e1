"""A text that something else follows in the same message: what closes it there, so that the other stands outside of it."""

import re

from telex.display.markdown_cut import Cut, cut
from telex.display.markdown_inline import scan
from telex.display.markdown_rules import GLUE
from telex.display.tail import Leaf, Tail

_DETAILS = re.compile(r"<(/?)details\b", re.IGNORECASE)
_COMMENT, _COMMENT_END = "<!--", "-->"


def broken_off(source: str, *, whole: bool) -> Cut:
    """What closes ``source``, and what opens again behind the other what goes on of it.

    Args:
        source: the text so far.
        whole: it had come to its end, so that marks which open nothing there stay letters. Blocks are closed in any case.
    """
    if not source.strip():
        return Cut("", "")
    tail, details = _read(source)
    between = cut(source, "\n\n" if whole else "", ended=whole)
    closer = between.closer
    opener = between.opener if between.opener.strip(f"{GLUE} \n") else ""
    if tail.leaf is Leaf.FENCE:
        closer = "\n" + closer.removeprefix("\n")
    elif tail.leaf is Leaf.HTML and tail.html_end:
        closer, opener = f"\n{tail.html_end}", f"{_COMMENT}\n" if tail.html_end == _COMMENT_END else ""
    elif tail.leaf is Leaf.PARAGRAPH:
        text = source[source.rfind("\n\n") + 1 :]
        if text.startswith(_COMMENT, scan(text).keep):
            closer, opener = f"{_COMMENT_END}{closer}", f"{opener}{_COMMENT} "
    return Cut(closer + "\n\n</details>" * details, opener)


def _read(source: str) -> tuple[Tail, int]:
    """The state after ``source``, and how many summaries are open there."""
    tail, details = Tail(), 0
    for line in source.split("\n"):
        tail.feed(line.rstrip("\r"), 0)
        if "<" in line and tail.leaf not in {Leaf.FENCE, Leaf.INDENTED}:
            for found in _DETAILS.finditer(line):
                details = max(0, details + (-1 if found[1] else 1))
    return tail, details
