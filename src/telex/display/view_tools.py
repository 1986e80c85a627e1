"""The lines of tools, as they run and when they are done."""

import re
from collections import Counter
from enum import Enum

from telex.display.view_words import Line, code_span, plain

MOST_TOOL_LINES = 3  # of tools in a row; more are one line


class State(Enum):
    """How it goes with a tool; the value is the sign that says so."""

    RUNS = "⏳"
    DONE = "✅"
    FAILED = "❌"
    STOPPED = "⏹"


_RUNNING = re.compile(rf"^{State.RUNS.value} (.+?)(?: · [^·\n]+)? …(?: \([^\n]*\))?$", re.MULTILINE)


def none_runs(text: str) -> str:
    """The Markdown of a page that was left in the middle, with the lines of tools that ran then: they were stopped."""
    return _RUNNING.sub(rf"{State.STOPPED.value} \1", text)


class Tool(Line):
    """A tool and its line; the line is empty where another one of the same row speaks for it.

    Attributes:
        name: the tool's.
        asked: what it was asked, in a few words.
        row: the tools that stand before and after it.
        state: how it goes.
        progress: what it says of it.
        took: seconds, where they are known.
    """

    def __init__(self, name: str, asked: str, row: "ToolRow") -> None:
        super().__init__("")
        self.name, self.asked, self.row = name, asked, row
        self.state = State.RUNS
        self.progress = ""
        self.took: float | None = None

    def own_line(self) -> str:
        """What its line says where it speaks for itself."""
        words = [self.state.value, code_span(self.name), plain(self.asked)]
        if self.state is State.RUNS:
            words += ["·" if self.asked and self.progress else "", plain(self.progress), "…"]
        else:
            words.append(_seconds([self]))
        return " ".join(filter(None, words))


class ToolRow:
    """Tools in a row: nothing that is to be read stands between them."""

    def __init__(self) -> None:
        self._tools: list[Tool] = []
        self._crowded = False  # so many ran at once that one line speaks for all, until all are done

    def start(self, name: str, summary: str) -> Tool:
        """One more runs."""
        tool = Tool(name, summary, self)
        self._tools.append(tool)
        return tool

    @property
    def runs(self) -> bool:
        """Does one of them run?"""
        return any(tool.state is State.RUNS for tool in self._tools)

    def lay_out(self) -> int:
        """Bring the lines up to date; how many changed.

        What speaks for several is the last one's line, for those before may be on a full page.
        """
        running = [tool for tool in self._tools if tool.state is State.RUNS]
        over = [tool for tool in self._tools if tool.state is not State.RUNS]
        self._crowded = bool(running) and (self._crowded or len(running) > MOST_TOOL_LINES)
        texts = {id(tool): tool.own_line() for tool in self._tools}
        if self._crowded:
            texts = {id(self._tools[-1]): _all_at_once(self._tools)}
        elif len(over) > MOST_TOOL_LINES:
            texts = {id(tool): tool.own_line() for tool in running}
            texts[id(over[-1])] = _what_became(over)
        return sum(_set(tool, texts.get(id(tool), "")) for tool in self._tools)


def _set(line: Line, text: str) -> bool:
    changed = line.text != text
    line.text = text
    return changed


def _all_at_once(tools: list[Tool]) -> str:
    states = Counter(tool.state for tool in tools)
    counts = [(states[State.DONE], "done"), (states[State.FAILED], "failed")]
    said = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"{State.RUNS.value} {len(tools)} tools: {_names(tools)} …" + (f" ({said})" if said else "")


def _what_became(tools: list[Tool]) -> str:
    states = Counter(tool.state for tool in tools)
    first, *others = [(state.value, states[state]) for state in State if states[state]]
    counts = [f"{first[0]} {first[1]} tool{'s' * (first[1] > 1)}", *(f"{sign} {count}" for sign, count in others)]
    return " ".join(filter(None, [f"{', '.join(counts)}: {_names(tools)}", _seconds(tools)]))


def _names(tools: list[Tool]) -> str:
    counts = Counter(tool.name for tool in tools)
    return ", ".join(code_span(name) + (f" ×{count}" if count > 1 else "") for name, count in counts.items())


def _seconds(tools: list[Tool]) -> str:
    took = [tool.took for tool in tools if tool.took is not None]
    return f"({sum(took):.1f} s)" if took else ""
