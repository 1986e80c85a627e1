"""The parts of a growing Markdown text that need not be read again, remembered from one frame to the next.

A text is parted before paragraphs and headings at the margin. All parts but the last are settled: whatever is added,
they stay. So a frame costs what the last part costs, however long the answer is. The memory changes no result.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from telex.display.markdown_rules import GLUE
from telex.display.tail_borders import borders

_KEY = 64  # characters; answers that begin alike take turns, which costs time and nothing else
_MOST = 512  # answers that grow at the same time
_GOES_ON = re.compile(r"[^\W\d_]|#{1,6} |\*\*[^\s*]|$")
_DEFINING = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*\[(\^?)((?:[^\]\\\n]|\\.)+)\]:", re.MULTILINE)
_LINK_TARGET = re.compile(r"[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]")


@dataclass(slots=True)
class _Part:
    """A part and the labels in it.

    Attributes:
        source: its text.
        defines: what it defines for all others, by label.
        labels: the labels it mentions.
        odd: only a full reading tells what it defines.
    """

    source: str
    defines: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    odd: bool = False


@dataclass(slots=True)
class _Memory:
    """The settled parts of one answer; ``prefix`` is all of them together."""

    prefix: str = ""
    settled: list[_Part] = field(default_factory=list)


_memories: OrderedDict[str, _Memory] = OrderedDict()


def parts(source: str) -> list[str]:
    """``source`` in pieces that mean the same one by one as together, parted before paragraphs and headings.

    What a piece refers to and another one defines (a link, a footnote) is added before it; so the pieces together are
    not always the text.
    """
    memory = _settle(source)
    found = [*memory.settled, _part(source[len(memory.prefix) :])]
    if not any(part.defines or part.odd for part in found):
        return [part.source for part in found]
    if any(part.odd for part in found):
        return [source]
    defined: dict[str, str] = {}
    for part in found:
        defined = part.defines | defined
    return [_with_definitions(part, defined) for part in found]


def forget() -> None:
    """Remember nothing: everything is read again, with the same result."""
    _memories.clear()


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
    memory = _memories.get(source[:_KEY])
    if memory is None or not source.startswith(memory.prefix) or not _GOES_ON.match(source, len(memory.prefix)):
        memory = _memories[source[:_KEY]] = _Memory()
        if len(_memories) > _MOST:
            _memories.popitem(last=False)
    _memories.move_to_end(source[:_KEY])
    start = len(memory.prefix)
    ends = borders(source[start:] if start else source)
    if ends:
        for first, last in zip([0, *ends[:-1]], ends, strict=True):
            memory.settled.append(_part(source[start + first : start + last]))
        memory.prefix = source[: start + ends[-1]]
    return memory


def _part(source: str) -> _Part:
    if "[" not in source:
        return _Part(source)
    labels = tuple({_normal(found) for found in _LABEL.findall(source)})
    if "]:" not in source or not _DEFINING.search(source):
        return _Part(source, labels=labels)
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
    return _Part(source, defines, labels)


def _with_definitions(part: _Part, defined: dict[str, str]) -> str:
    """The part behind the definitions of the labels that it mentions and does not define itself."""
    needed = [defined[label] for label in sorted(part.labels) if label in defined and label not in part.defines]
    return "".join(f"{line}\n\n" for line in needed) + part.source if needed else part.source


def _normal(label: str) -> str:
    """Labels are the same whatever their case and white space."""
    return " ".join(label.split()).casefold()
