"""``telex bench markdown``: what a frame costs, and whether what readers see only grows.

The way of every frame is measured, from the answer's text to the text and entities that Telegram gets: the open page is cut
where it is full, its end is healed, and it is rendered. Two libraries and the usual regular-expression healing are measured
in the same run, where they are installed.
"""

import importlib.util
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from telex.bench import samples
from telex.display import settled
from telex.display.book import Book
from telex.display.markdown import heal
from telex.display.view import View
from telex.events import TextDelta
from telex.surfaces.memory import MemorySurface
from telex.surfaces.telegram import dialect

SIZES = 4_000, 40_000  # characters of an answer
PASSES = 3  # of which each frame's median counts
BOUND = 0.25e-3  # seconds of processor time for a frame, at the 95th percentile
STEADY = 0.995  # share of the steps that take no letter back
MOST_TAKEN_BACK = 40  # letters, in any step
_MOST_READ = 10_000_000  # characters that are read from scratch for one answer, to compare
_TOKEN = re.compile(r"\s?\w{1,5}|\s*[^\w\s]|\s+")
_DRAWN = re.compile(r"[\s│┼─]+")  # the lines of a drawn table move while it grows
_MARKERS = re.compile(r"\*\*|~~|``|\]\(|^#{1,6} |^\|", re.MULTILINE)
_WORDS = "Some words with **bold** and `code` and *italic*, and a [link](https://example.org/z) too. "
ONE_BLOCK = {
    name: (block * SIZES[0])[: SIZES[0] - len(head)].join((head, ""))
    for name, head, block in [
        ("a paragraph", "", _WORDS),
        ("a list", "", f"- {_WORDS}\n"),
        ("a quote", "", f"> {_WORDS}\n"),
        ("a table", "| a | b | c |\n|---|---|---|\n", "| **one** | `two` | and three |\n"),
        ("code", "```python\n", "value = compute(value)  # and so on\n"),
    ]
}
"""Answers that are a single block, of which nothing is settled before it ends."""
Frame = Callable[[str], str]
"""Shows a growing answer: from its text so far to the letters a reader sees."""


class _Page(MemorySurface):
    """A place that measures as Telegram does."""

    def measure(self, markdown: str) -> int:
        return dialect.length(markdown)


@dataclass(frozen=True, slots=True)
class Tail:
    """What readers of growing answers saw.

    Attributes:
        steps: a token each.
        back: steps that took letters back.
        most: letters taken back in one step.
        raw: steps that showed raw markers outside of code.
    """

    steps: int
    back: int
    most: int
    raw: int


def prefixes(answer: str) -> Iterator[str]:
    """The answer as it grows, token by token."""
    for found in _TOKEN.finditer(answer):
        yield answer[: found.end()]


def mixed(size: int) -> str:
    """All samples one after the other, up to ``size`` characters."""
    whole = "\n\n".join(samples.ALL.values())
    return (f"{whole}\n\n" * (size // len(whole) + 1))[:size]


def shown(markdown: str) -> str:
    """What telex shows of a growing answer."""
    return dialect.render(heal(markdown)).text


def page_frames(answer: str) -> list[float]:
    """Seconds of processor time of each frame of an answer that is cut into pages."""
    settled.forget()
    dialect.forget()
    view = View()
    book = Book(view, _Page(limit=4096))
    costs: list[float] = []
    for found in _TOKEN.finditer(answer):
        began = time.process_time()
        view.feed(TextDelta(found[0]))
        while book.seal_open_page():
            pass
        dialect.render(book.open_text())
        costs.append(time.process_time() - began)
        book.pages[-1].seen = view.end  # as the presenter notes when it shows a frame
    return costs


def frames(show: Frame, answer: str, most: int = 400) -> list[float]:
    """Seconds of processor time of the last ``most`` frames of a growing answer."""
    costs: list[float] = []
    for prefix in [*prefixes(answer)][-most:]:
        began = time.process_time()
        show(prefix)
        costs.append(time.process_time() - began)
    return costs


def percentile(costs: list[float], share: float = 0.95) -> float:
    """The cost that so many are not above."""
    return sorted(costs)[min(len(costs) - 1, int(len(costs) * share))]


def tail(show: Frame, answers: Iterable[str] = tuple(samples.ALL.values())) -> Tail:
    """Read every answer as it grows."""
    steps = back = most = raw = 0
    for answer in answers:
        before = ""
        meant = len(_MARKERS.findall(shown(answer)))
        for prefix in prefixes(answer):
            text = show(prefix)
            now = _DRAWN.sub("", text)
            steps += 1
            same = next((at for at, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), len(now))
            lost = max(0, len(before) - same)
            back, most = back + (lost > 0), max(most, lost)
            raw += len(_MARKERS.findall(text)) > meant
            before = now
    return Tail(steps, back, most, raw)


def remembered_wrong(answer: str) -> tuple[int, int]:
    """Steps in which the rendering with a memory is not the one without, and how many were compared: of a long answer some."""
    steps = [*prefixes(answer)]
    every = max(1, len(steps) * len(answer) // _MOST_READ)
    grown = []
    for number, prefix in enumerate(steps):
        shown_now = dialect.render(heal(prefix))
        if number % every == 0:
            grown.append((prefix, shown_now))
    wrong = 0
    for prefix, before in grown:
        settled.forget()
        dialect.forget()
        wrong += dialect.render(heal(prefix)) != before
    return wrong, len(grown)


def _others() -> Iterator[tuple[str, Frame]]:
    """Other ways to show a growing answer, as far as they are installed."""
    if importlib.util.find_spec("telegramify_markdown"):
        from telegramify_markdown import convert  # noqa: PLC0415 - only where it is installed

        yield "telegramify-markdown", lambda markdown: str(convert(markdown)[0])
        yield "the same, healed by counting", lambda markdown: str(convert(_counted(markdown))[0])
    if importlib.util.find_spec("markdown_it"):
        from markdown_it import MarkdownIt  # noqa: PLC0415 - the same

        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        yield "markdown-it-py", lambda markdown: re.sub(r"<[^>]*>", "", parser.render(markdown))


def _counted(markdown: str) -> str:
    """Close what is open as most do: count the markers outside of code, and add one where they are odd."""
    outside = re.sub(r"```[\s\S]*?(?:```|$)|`[^`\n]*`", "", markdown)
    if markdown.count("```") % 2:
        return f"{markdown}\n```"
    markdown = re.sub(r"!?\[([^\]\n]*)(?:\](?:\([^)\n]*)?)?$", r"\1", markdown)
    for mark in ("**", "__", "~~", "$$", "`"):
        if outside.count(mark) % 2:
            markdown = markdown.rstrip() + mark
    single = len(re.findall(r"(?<![*\w])\*(?![*\s])|(?<=\S)(?<!\*)\*(?!\*)", outside))
    return markdown + "*" if single % 2 else markdown


def main() -> int:
    """Print all figures; 1 when one is beyond its bound."""
    try:
        return _main()
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _main() -> int:
    others = [*_others()]
    if not others:
        print("telegramify-markdown and markdown-it-py are not installed, so not compared")
    wrong = [*_costs(others)]
    compared = [remembered_wrong(answer) for answer in [*samples.ALL.values(), *map(mixed, SIZES)]]
    differing, steps = (sum(figures) for figures in zip(*compared, strict=True))
    print(f"\nSteps in which the remembered rendering is not the one from scratch: {differing} of {steps:,}")
    if differing:
        wrong.append("what is remembered changes what is shown")
    wrong += _tails(others)
    for line in wrong:
        print(f"BEYOND ITS BOUND: {line}")
    if not wrong:
        print("All within their bounds.")
    return 1 if wrong else 0


def _costs(others: list[tuple[str, Frame]]) -> Iterator[str]:
    print(f"Processor time of a frame in µs, from text to entities; bound {BOUND * 1e6:.0f} at the 95th percentile")
    print(f"{'':32}{'p50':>9}{'p95':>9}{'most':>9}")
    for size in SIZES:
        passes = [page_frames(mixed(size)) for _ in range(PASSES)]
        costs = [statistics.median(costs) for costs in zip(*passes, strict=True)]
        _print_costs(f"telex, {size:,} characters", costs)
        if percentile(costs) > BOUND:
            yield f"a frame of {size:,} characters takes {percentile(costs) * 1e6:.0f} µs"
    for name, answer in ONE_BLOCK.items():
        _print_costs(f"telex, {name} of {SIZES[0]:,} (no bound)", page_frames(answer))
    for name, show in others:
        _print_costs(f"{name}, {SIZES[0]:,}", frames(show, mixed(SIZES[0])))


def _tails(others: list[tuple[str, Frame]]) -> Iterator[str]:
    print(
        f"\n{len(samples.ALL)} samples as they grow{'steps':>11}{'took letters back':>20}{'most':>11}{'raw markers':>13}"
    )
    for name, show in [("telex", shown), *others]:
        figures = tail(show)
        share = 1 - figures.back / figures.steps
        print(
            f"{name:29}{figures.steps:6}{figures.back:9} ({share:7.2%} not){figures.most:8}{figures.raw:13}", flush=True
        )
        if show is not shown:
            continue
        if share < STEADY:
            yield f"letters are taken back in {figures.back} of {figures.steps} steps, more than {1 - STEADY:.1%}"
        if figures.most > MOST_TAKEN_BACK:
            yield f"{figures.most} letters are taken back at once, more than {MOST_TAKEN_BACK}"


def _print_costs(name: str, costs: list[float]) -> None:
    figures = (percentile(costs, 0.5), percentile(costs), max(costs))
    print(f"{name:32}" + "".join(f"{figure * 1e6:9.0f}" for figure in figures), flush=True)
