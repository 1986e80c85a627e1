"""Cut growing Markdown into messages: what closes the one, and what opens the next so that the rest reads the same.

`GLUE` does the finer work: behind an opener it stands for the letters that went before, so that white space may follow;
at the start of a line it keeps the rest of a paragraph from being taken for a list or a quote.
"""

import re
from dataclasses import dataclass

from telex.display.labels import only_defines
from telex.display.markdown_inline import Open, scan
from telex.display.markdown_rules import GLUE
from telex.display.tail import LAST_BAR, Fence, Leaf, Tail, cells, is_header

_CELL_END = re.compile(rf"{LAST_BAR.pattern}|\n")
_AFTER_BLANK = re.compile(r"\n[ \t>]*\n\Z")


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut between two messages.

    Attributes:
        closer: goes behind the source before the cut.
        opener: goes before the source after the cut.
        sure: whatever else comes, both stay as they are.
    """

    closer: str
    opener: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Rest:
    """What stands behind a cut of the block that is open there.

    Attributes:
        more: its text, up to where it ends or to the newest letter.
        ends: no more of it will come.
        into: what it is then; a paragraph's last line may turn out to be a table's header.
    """

    more: str
    ends: bool
    into: Leaf


def cut(source: str, rest: str = "", *, ended: bool = False) -> Cut:
    """What closes ``source`` where a message ends, and what opens the next one so that the rest goes on properly.

    Both belong to this very place: what follows the opener is what followed ``source``, line breaks and all. Inside a
    link, an HTML tag or an unfinished table header nothing can be closed for sure; such places are poor ones to cut.
    Emphasis and the like are closed and opened again where they do end behind the cut, or still may.

    Args:
        source: the Markdown of this message so far, up to the cut.
        rest: what is known to follow.
        ended: nothing else will follow.

    Returns:
        The two pieces; `GLUE` in them is shown as nothing.
    """
    source, rest = source.replace("\r\n", "\n"), rest.replace("\r\n", "\n")
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
        return _cut_table(source, _rest_of_cell(rest, ended), tail, fresh, line)
    if tail.leaf in {Leaf.PARAGRAPH, Leaf.HEADING}:
        return _cut_text(source, _rest_of_text(source, rest, tail, ended), tail, fresh, line)
    if not _is_listed(tail):
        return Cut("", line if fresh else _reopened(tail))
    if not fresh:
        return Cut("", _reopened(tail))
    blank = f"{tail.line_prefix().rstrip()}\n" if _AFTER_BLANK.search(source, 0, last) else ""
    return Cut("", f"{_reopened(tail)}\n{blank}{line}")


def _rest_of_cell(rest: str, ended: bool) -> _Rest:
    found = _CELL_END.search(rest)
    return _Rest(rest[: found.start()] if found else rest, ended or found is not None, Leaf.TABLE)


def _rest_of_text(source: str, rest: str, tail: Tail, ended: bool) -> _Rest:
    """How the paragraph or heading goes on that is open at the end of ``source``."""
    whole = source + rest
    after = tail.copied()
    at = source.rfind("\n") + 1
    if whole[at : len(source)].strip(" \t>"):  # in the middle of a line, the rest of which belongs to it
        at = (whole.find("\n", len(source)) + 1) or len(whole) + 1
    while at <= len(whole):
        stop = whole.find("\n", at)
        if stop < 0 and not ended:
            break
        stop = stop if stop >= 0 else len(whole)
        after.feed(whole[at:stop], at)
        if after.leaf is not tail.leaf or after.starts[:1] != tail.starts[:1]:
            return _Rest(whole[len(source) : max(at, len(source))], ends=True, into=after.leaf)
        at = stop + 1
    return _Rest(rest, ended, tail.leaf)


def _going_on(text: str, rest: _Rest) -> list[Open]:
    """What is open at the end of ``text`` and ends in ``rest``, or still may."""
    read = scan(text)
    half = read.keep < len(text)
    opens = [entry for entry in read.opens if entry.close and entry.at <= read.keep]
    opens = [entry for entry in opens if not (half and entry.close == "]()")]
    if not opens or not rest.more.strip():
        return [] if rest.ends else opens
    after = scan(text + rest.more)
    may_end = after.ended if rest.ends else after.ended | {entry.at for entry in after.opens}
    return [entry for entry in opens if entry.at in may_end]


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


def _cut_table(source: str, rest: _Rest, tail: Tail, fresh: bool, line: str) -> Cut:
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
    opens = _going_on(cell, rest)
    closer, again = _around(opens, cell)
    before = len(bars) if row.startswith("|") else len(bars) + 1
    return Cut(closer, f"{opener}{inner}{'|' * before} {again}", rest.ends or not opens)


def _cut_text(source: str, rest: _Rest, tail: Tail, fresh: bool, line: str) -> Cut:
    may_be_header = tail.leaf is Leaf.PARAGRAPH and (rest.into is Leaf.TABLE or not rest.ends)
    if may_be_header and is_header(source, tail.starts[-1]):
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
        opens = _going_on(text, rest)
        closer, again = _around(opens, text)
        hashes = text[: len(text) - len(text.lstrip("#"))]
        return Cut(closer, f"{_block_opener(tail)}{hashes} {again}", rest.ends or not opens)
    if fresh and not tail.containers and only_defines(text):
        return Cut("", line)
    opens = _going_on(text, rest)
    closer, again = _around(opens, text)
    if not again and not prefix.endswith(f"{GLUE} "):
        prefix += f"{GLUE} "
    opener = f"{prefix}{again}\n{line}" if fresh else prefix + again
    return Cut(closer, opener, rest.ends or not opens)


def _around(opens: list[Open], text: str) -> tuple[str, str]:
    """The closers of what is open at the end of ``text``, and what opens it again."""
    closers = "".join(entry.close for entry in reversed(opens))
    if closers and not text[-1:].isalnum():
        closers = GLUE + closers
    openers = "".join(entry.mark for entry in opens)
    if openers and opens[-1].close != "]()":
        openers += f"{GLUE} " if text[-1:].isspace() else GLUE
    return closers, openers
