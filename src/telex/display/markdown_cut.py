"""Cut growing Markdown into messages: what closes the one, and what opens the next so that the rest reads the same.

`GLUE` does the finer work: behind an opener it stands for the letters that went before, so that white space may follow;
at the start of a line it keeps the rest of a paragraph from being taken for a list or a quote.
"""

import re
from dataclasses import dataclass

from telex.display.markdown_inline import Open, scan
from telex.display.markdown_rules import GLUE
from telex.display.tail import LAST_BAR, Fence, Leaf, Tail, cells, is_header

_AFTER_BLANK = re.compile(r"\n[ \t>]*\n\Z")


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut between two messages.

    Attributes:
        closer: goes behind the source before the cut.
        opener: goes before the source after the cut.
    """

    closer: str
    opener: str


def cut(source: str) -> Cut:
    """What closes ``source`` where a message ends, and what opens the next one so that the rest goes on properly.

    Both belong to this very place: what follows the opener is what followed ``source``, line breaks and all. Inside a
    link, an HTML tag or an unfinished table header nothing can be closed for sure; such places are poor ones to cut.

    Args:
        source: the Markdown of this message so far, up to the cut.

    Returns:
        The two pieces; `GLUE` in them is shown as nothing.
    """
    source = source.replace("\r\n", "\n")
    last = source.rfind("\n") + 1
    line = source[last:]
    tail = Tail()
    tail.feed_all(source, last)
    if line.strip(" \t>"):
        tail.feed(line, last)
        line = ""
        fresh = False
    else:  # on a new line, of which there is a prefix at most
        fresh = True
    if tail.leaf is Leaf.FENCE and tail.fence is not None:
        return _cut_fence(source, tail, tail.fence, fresh, line)
    if tail.leaf is Leaf.TABLE:
        return _cut_table(source, tail, fresh, line)
    if tail.leaf in {Leaf.PARAGRAPH, Leaf.HEADING}:
        return _cut_text(source, tail, fresh, line)
    if not _is_listed(tail):
        return Cut("", line if fresh else _reopened(tail))
    if not fresh:
        return Cut("", _reopened(tail))
    blank = f"{tail.line_prefix().rstrip()}\n" if _AFTER_BLANK.search(source, 0, last) else ""
    return Cut("", f"{_reopened(tail)}\n{blank}{line}")


def _is_listed(tail: Tail) -> bool:
    return any(container.marker != ">" for container in tail.containers)


def _reopened(tail: Tail) -> str:
    """What a line begins with that opens the same quotes and items, their bullets unseen, in a new message."""
    done, inner, pending = "", "", False
    for container in tail.containers:
        if container.marker == ">":
            if pending:
                done += f"{GLUE}\n{inner}"
            done, inner, pending = f"{done}> ", f"{inner}> ", False
        else:
            wide = container.width - len(container.marker)
            done += " " * max(0, wide - 4) + container.marker + " " * min(4, max(1, wide))
            inner, pending = inner + " " * container.width, True
    return f"{done}{GLUE} " if pending else done


def _block_opener(tail: Tail) -> str:
    """What opens the same quotes and items where a block begins on a line of its own."""
    prefix = _reopened(tail)
    return f"{prefix}\n{tail.line_prefix()}" if prefix.endswith(f"{GLUE} ") else prefix


def _cut_fence(source: str, tail: Tail, fence: Fence, fresh: bool, line: str) -> Cut:
    fresh_line = source.endswith("\n") or not source
    inner, indent = tail.line_prefix(), " " * fence.indent
    opener = f"{_block_opener(tail)}{indent}{fence.run}{fence.info}\n"
    closer = ("" if fresh_line else "\n") + inner + indent + fence.run
    return Cut(closer, opener + (line if fresh else inner))


def _cut_table(source: str, tail: Tail, fresh: bool, line: str) -> Cut:
    inner = tail.line_prefix()
    head, delimiters = (row.strip() for row in tail.header)
    head = f"|{GLUE}{head[1:]}" if head.startswith("|") else f"{GLUE}{head}"  # not shown if no row follows
    opener = f"{_block_opener(tail)}{head}\n{inner}{delimiters}"
    if len(tail.starts) == 1 and not fresh:  # the row under the header may go on
        return Cut("", opener)
    opener += "\n"
    if fresh:
        return Cut("", opener + line)
    row = source[tail.starts[-1] :]
    bars = list(LAST_BAR.finditer(row))
    cell = row[bars[-1].end() :] if bars else row
    closer, again = _around(scan(cell).opens, cell)
    before = len(bars) if row.startswith("|") else len(bars) + 1
    return Cut(closer, f"{opener}{inner}{'|' * before} {again}")


def _cut_text(source: str, tail: Tail, fresh: bool, line: str) -> Cut:
    if tail.leaf is Leaf.PARAGRAPH and is_header(source, tail.starts[-1]):
        header = source[tail.starts[-1] :].rstrip(" \t\n>")
        if header.endswith("|"):  # shown as a table of one row here and begun again there
            row = "|" + "---|" * cells(header)
            closer = ("" if source.endswith("\n") else "\n") + tail.line_prefix() + row
            return Cut(closer, f"{_block_opener(tail)}{header}\n{line}" if fresh else f"{_block_opener(tail)}{header}")
    text = source[tail.starts[0] :]
    prefix = _reopened(tail)
    if tail.leaf is Leaf.HEADING:
        if fresh:
            return Cut("", f"{prefix}\n{line}" if _is_listed(tail) else line)
        closer, again = _around(scan(text).opens, text)
        hashes = text[: len(text) - len(text.lstrip("#"))]
        return Cut(closer, f"{_block_opener(tail)}{hashes} {again}")
    closer, again = _around(scan(text).opens, text)
    if not again and not prefix.endswith(f"{GLUE} "):
        prefix += f"{GLUE} "
    return Cut(closer, f"{prefix}{again}\n{line}" if fresh else prefix + again)


def _around(opens: list[Open], text: str) -> tuple[str, str]:
    """The closers of what is open at the end of ``text``, and what opens it again."""
    opens = [entry for entry in opens if entry.close]
    closers = "".join(entry.close for entry in reversed(opens))
    if closers and not text[-1:].isalnum():
        closers = GLUE + closers
    openers = "".join(entry.mark for entry in opens)
    if openers and opens[-1].close != "]()":
        openers += f"{GLUE} " if text[-1:].isspace() else GLUE
    return closers, openers
