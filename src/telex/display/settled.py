"""The parts of a growing Markdown text that need not be read again, remembered from one frame to the next.

A text is parted before paragraphs, headings, quotes, code and tables at the margin. All parts but the last are settled: whatever is added,
they stay. So a frame costs what the last part costs, however long the answer is. The memory changes no result.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from telex.display.markdown_rules import GLUE
from telex.display.tail_borders import PART, borders

_KEY = 64  # characters; answers that begin alike take turns, which costs time and nothing else
_MOST = 512  # answers that grow at the same time
_GOES_ON = re.compile(rf"{PART}|$")
_DEFINING = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*\[(\^?)((?:[^\]\\\n]|\\.)+)\]:", re.MULTILINE)
_LINK_TARGET = re.compile(r"[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]")


@dataclass(slots=True)
class _Part:
    """A part and what it defines.

    Attributes:
        source: its text.
        defines: what it defines for all others, by label.
        odd: only a full reading tells what it defines.
    """

    source: str
    defines: dict[str, str] = field(default_factory=dict)
    odd: bool = False


@dataclass(slots=True)
class _Memory:
    """The settled parts of one answer.

    Attributes:
        prefix: all of them together.
        settled: each.
        defined: what they define, by label; the first to define one wins.
        odd: one of them is.
        resolved: as many as were asked for, each behind the definitions that it needs.
        known: the definitions that these were taken from.
    """

    prefix: str = ""
    settled: list[_Part] = field(default_factory=list)
    defined: dict[str, str] = field(default_factory=dict)
    odd: bool = False
    resolved: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def settle(self, part: _Part) -> None:
        """One more."""
        self.settled.append(part)
        self.defined = part.defines | self.defined
        self.odd = self.odd or part.odd

    def resolve(self, defined: dict[str, str]) -> list[str]:
        """All of them, each behind those of ``defined`` that it needs."""
        if self.known != defined:
            self.known, self.resolved = defined, []
        for part in self.settled[len(self.resolved) :]:
            self.resolved.append(_with_definitions(part, defined))
        return self.resolved


_memories: OrderedDict[str, _Memory] = OrderedDict()
_latest: list[tuple[str, _Memory, str]] = []  # the text that was settled last, its memory and what was settled then


def parts(source: str) -> list[str]:
    """``source`` in pieces that mean the same one by one as together, parted before paragraphs, headings and the like.

    What a piece refers to and another one defines (a link, a footnote) is added before it; so the pieces together are
    not always the text.
    """
    memory = _settle(source)
    last = _part(source[len(memory.prefix) :])
    if memory.odd or last.odd:
        return [source]
    defined = last.defines | memory.defined
    return [*memory.resolve(defined), _with_definitions(last, defined)]


def forget() -> None:
    """Remember nothing: everything is read again, with the same result."""
    _memories.clear()
    _latest.clear()


def settled_until(source: str, limit: int) -> int:
    """The end of the settled parts of ``source`` that lie before ``limit``; a block begins there outside of all others."""
    memory = _settle(source)
    end = len(memory.prefix)
    for part in reversed(memory.settled):
        if end <= limit:
            break
        end -= len(part.source)
    return end


def _settle(source: str) -> _Memory:
    if _latest:  # a frame asks for the same text more than once
        before, memory, prefix = _latest[0]
        if before is source and memory.prefix is prefix:
            return memory
    memory = _settle_more(source)
    _latest[:] = [(source, memory, memory.prefix)]
    return memory


def _settle_more(source: str) -> _Memory:
    key = source[:_KEY]
    memory = _memories.get(key)
    if memory is None or not source.startswith(memory.prefix) or not _GOES_ON.match(source, len(memory.prefix)):
        memory = _memories[key] = _Memory()
        if len(_memories) > _MOST:
            _memories.popitem(last=False)
    _memories.move_to_end(key)
    start = len(memory.prefix)
    ends = borders(source[start:] if start else source)
    if ends:
        for first, last in zip([0, *ends[:-1]], ends, strict=True):
            memory.settle(_part(source[start + first : start + last]))
        memory.prefix = source[: start + ends[-1]]
    return memory


def _part(source: str) -> _Part:
    if "]:" not in source or not _DEFINING.search(source):
        return _Part(source)
    if "```" in source or "~~~" in source or "<" in source:
        return _Part(source, odd=True)  # what looks like a definition may stand in code
    defines: dict[str, str] = {}
    lines = source.split("\n")
    free = True  # a definition may begin here: behind an empty line or another one
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        found = _DEFINING.match(line)
        if found is None:
            free = not line.strip()
            continue
        note, label = found[1], found[2]
        alone = not after.strip() or _DEFINING.match(after)
        if not (free and line.startswith("[") and (note or (alone and _LINK_TARGET.fullmatch(line[found.end() :])))):
            return _Part(source, odd=True)
        defines.setdefault(_normal(note + label), f"[^{label}]: {GLUE}" if note else line)
    return _Part(source, defines)


def _with_definitions(part: _Part, defined: dict[str, str]) -> str:
    """The part behind the definitions of the labels that it mentions and does not define itself."""
    if not defined or "[" not in part.source:
        return part.source
    labels = sorted({_normal(found) for found in _LABEL.findall(part.source)})
    needed = [defined[label] for label in labels if label in defined and label not in part.defines]
    return "".join(f"{line}\n\n" for line in needed) + part.source if needed else part.source


def _normal(label: str) -> str:
    """Labels are the same whatever their case and white space."""
    return " ".join(label.split()).casefold()
