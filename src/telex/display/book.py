"""The pages of one turn: where its text is cut, and what the screen is known to show of each.

The last page is open and grows. A sealed page has its ``text`` and never changes; it is done once the screen is known to
show exactly that, as final. Pages are sealed, shown and done in their order.
"""

import re
from dataclasses import dataclass, field

from telex.display.frame import Frame
from telex.display.labels import LONGEST, defined, nowhere, used
from telex.display.markdown import cut, heal, undefined
from telex.display.pages import SEAL_FROM, may_end, seal_at, skip_white
from telex.display.screen import Screen
from telex.display.settled import settled_until
from telex.display.styled_table import WIDEST
from telex.display.view import Place, View
from telex.display.view_words import BREAK
from telex.events import End

SMALLEST_PAGE = 32
_MOST_LENGTHENED = 4  # rendered letters of one letter of Markdown, outside of tables: those fill their columns up
_DASHES = re.compile(r"-[ \t]*(?:[|:]|$)", re.MULTILINE)
_NUMBER = len("\n\n(999/999)")
NOWHERE = Place(0, 0)


@dataclass(slots=True)
class Page:
    """One message of the turn.

    Attributes:
        start: where in the view its text begins.
        opener: what is open where the page before was cut.
        sure: whatever else comes, the opener stays as it is.
        labels: where those lead that earlier pages define.
        told: those of them that its own text refers to.
        sought: characters of its text in which such labels were looked for.
        text: its Markdown, once sealed.
        shown: the last frame that the screen is known to show; ``None`` where nothing is known.
        words: what it shows or, after a call whose outcome is unknown, may show.
        plain: its markup was refused.
        seen: everything before it has been, or may have been, on the screen.
    """

    start: Place
    opener: str = ""
    sure: bool = True
    labels: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    sought: int = 0
    text: str | None = None
    shown: Frame | None = None
    words: str = ""
    plain: bool = False
    seen: Place = NOWHERE

    @property
    def lead(self) -> str:
        """What its Markdown begins with before the text: where labels lead, and what goes on."""
        return "".join(f"{self.labels[label]}\n\n" for label in self.told) + self.opener

    def tell(self, text: str) -> bool:
        """See which labels ``text``, which has grown, refers to; whether there are more than before."""
        new = text[max(0, self.sought - LONGEST) :]
        self.sought = len(text)
        more = [label for label in used(self.labels, new) if label not in self.told]
        self.told += more
        return bool(more)

    def forget(self) -> None:
        """Nothing of it is on the screen any more."""
        self.shown, self.words = None, ""


class Book:
    """All pages of a turn, cut from ``view`` so that each fits ``screen``; ``numbered`` where there are several."""

    def __init__(self, view: View, screen: Screen, *, numbered: bool = False) -> None:
        self.pages = [Page(Place(0, 0))]
        self._view = view
        self._screen = screen
        self._numbered = numbered
        self._healed = ("", "")  # the open page's Markdown, and the same with nothing left open
        self._measured = (0, 0)  # the open page's Markdown and how long it was once rendered
        self._limit = float("inf")  # what the platform said, where it is less than what the surface says

    @property
    def last(self) -> int:
        """The number of the newest page."""
        return len(self.pages) - 1

    def is_done(self, page: int) -> bool:
        """Does the screen show this page as it will stay?"""
        sealed = self.pages[page]
        return sealed.text is not None and sealed.shown == Frame(page, sealed.text, final=True, plain=sealed.plain)

    @property
    def undone(self) -> int | None:
        """The first page that the screen does not show as it will stay."""
        return next((number for number in range(len(self.pages)) if not self.is_done(number)), None)

    @property
    def pending_final(self) -> int | None:
        """The first page that should be shown as final and is not."""
        number = self.undone
        if number is None or (self.pages[number].text is None and not self._view.ended):
            return None
        return number

    @property
    def unfinished(self) -> list[tuple[int, str]]:
        """The pages that are not known to be shown to their end, with the Markdown they have so far."""
        pages = [(number, page) for number, page in enumerate(self.pages) if not self.is_done(number)]
        return [(number, self._source(page)[0] if page.text is None else page.text) for number, page in pages]

    def letters_before(self, page: int) -> int:
        """Characters of answer text on the pages before this one."""
        return self._view.letters_before(self.pages[page].start)

    def open_text(self) -> str:
        """The open page's Markdown with nothing left open, and below it, where there is room, what the model thinks.

        Empty while there is no more to it than what the page before left open.
        """
        page = self.pages[-1]
        source = self._source(page)[0]
        text = self._heal(source) if source[len(page.lead) :].strip() else ""
        if not self._view.thinking:
            return text
        whole = BREAK.join(filter(None, (text.rstrip(), self._view.thinking)))
        return whole if self._screen.measure(whole) <= self._room else text

    def forget_previews(self) -> None:
        """Only what is final is still on the screen; how long a text is there may be another matter now."""
        self._measured = (0, 0)
        for page in self.pages:
            if not (page.shown and page.shown.final):
                page.forget()

    # -- cutting -----------------------------------------------------------------------------------------------------

    def seal_open_page(self) -> bool:
        """Seal the open page where its text has grown enough; the next page begins behind it."""
        page = self.pages[-1]
        source, begins = self._source(page)
        kept = max(self._view.index(begins, page.seen), len(page.lead))
        if self._surely_stays_open(source, kept):
            return False
        at = seal_at(source, kept, self._room, self._screen.measure, ended=self._view.ended is not None)
        if at is None:
            return False
        if page.lead and not source[len(page.lead) : at].strip():  # nothing of its own has room below what goes on
            page.opener, page.told, self._measured = "", [], (0, 0)
            return self.seal_open_page()
        for border in (self._view.whole(begins, at), self._view.settled(begins) or at):
            at = border if kept <= border < at and source[len(page.lead) : border].strip() else at
        page.text = self._numbers(self._defining(source, at) + self._sealed(source, at), "…")
        goes_on = self._view.goes_on(begins, skip_white(source, at))
        self._measured = (0, 0)
        between = cut(source[:goes_on], source[goes_on:], ended=self._is_whole)
        labels = defined(source[:goes_on]) | page.labels
        self.pages.append(Page(self._view.place(begins, goes_on), between.opener, between.sure, labels))
        return True

    def _surely_stays_open(self, source: str, kept: int) -> bool:
        """Is the open page too short to be sealed, whatever came since it was measured last? Measuring is rendering.

        Where it is long enough and not too long, it stays open until an end comes behind ``kept``.
        """
        before, length = self._measured
        grown = len(source) - before
        most = self._room if not may_end(source, kept) else SEAL_FROM * self._room
        enough = most - _MOST_LENGTHENED * (grown + 16)
        if grown >= 0 and length < enough:  # no table is one without a row of dashes
            changing = source[settled_until(source, before) :]
            if "|" not in changing or not _DASHES.search(changing) or length < enough - _drawn(changing):
                return True
        shown = (
            source if self._view.ended else self._heal(source)
        )  # of a frame that is about to be made: no work is lost
        self._measured = (len(source), self._screen.measure(shown))
        return False

    def _heal(self, source: str) -> str:
        """Healed, and remembered until more comes."""
        if self._healed[0] != source:
            self._healed = (source, heal(source))
        return self._healed[1]

    def seal_rest(self) -> None:
        """Once the turn has ended: everything is cut and sealed."""
        if not self._view.ended or self.pages[-1].text is not None:
            return
        while self.seal_open_page():
            pass
        page = self.pages[-1]
        source = self._source(page)[0].rstrip()
        blank = not source[len(page.lead) :].strip() or (not page.words and not self._screen.measure(source))
        if len(self.pages) > 1 and blank:
            self.pages.pop()
            return
        if not self._is_whole:  # it broke off, and what is open would have been closed
            source += cut(source).closer
        page.text = self._numbers(source, str(len(self.pages)) if len(self.pages) > 1 else "")

    @property
    def _is_whole(self) -> bool:
        """Has the answer come to its end by itself, so that what is open there was meant so?"""
        return self._view.ended is not None and self._view.ended.end is End.FINISHED

    def _defining(self, source: str, at: int) -> str:
        """Where the labels lead that the text up to ``at`` refers to and only what follows defines, or most likely will."""
        later = defined(source[at:])
        labels = dict.fromkeys(undefined(source[:at]) if later or not self._is_whole else ())
        lines = [later.get(label.casefold()) or ("" if self._is_whole else nowhere(label)) for label in labels]
        lines += [later[label] for label in used(later, source[:at]) if later[label] not in lines]
        return "".join(f"{line}\n\n" for line in lines if line)

    def _sealed(self, source: str, at: int) -> str:
        """The text up to ``at`` as it stays; what goes on behind it is closed."""
        text = source[:at].rstrip()
        sealed = text + cut(text, source[len(text) :], ended=self._is_whole).closer
        if self._screen.measure(sealed) <= self._room:
            return sealed
        return text + cut(text).closer  # markers that are none are letters, and too many

    def _numbers(self, text: str, of: str) -> str:
        """``text`` with the open page's number; ``of`` how many pages there are."""
        if not self._numbered or not of:
            return text
        number = f"\n\n({len(self.pages)}/{of})"
        return text + cut(text, number, ended=True).closer + number

    def cut_again(self, number: int, limit: int) -> None:
        """The page was too long after all: cut it, and what follows it, anew."""
        self._limit = max(SMALLEST_PAGE, limit if limit < self._room else self._room * 9 // 10)
        page = self.pages[number]
        if page.text is not None:
            del self.pages[number + 1 :]
            page.text = None
        if self._screen.measure(page.words) > self._limit:  # a sign of life would repeat what is refused
            page.words = ""
        self._measured = (0, 0)

    @property
    def _room(self) -> int:
        room = int(min(self._limit, self._screen.limit))
        return room - _NUMBER if self._numbered else room

    def _source(self, page: Page) -> tuple[str, list[tuple[int, Place]]]:
        if not page.sure:
            self._open_again(page)
        text, begins = self._view.read(page.start)
        if page.labels and len(text) > page.sought and page.tell(text):
            self._measured = (0, 0)
        lead = page.lead
        return lead + text, [(at + len(lead), place) for at, place in begins]

    def _open_again(self, page: Page) -> None:
        """See what the page begins with, now that more of its first paragraph is known."""
        before = self.pages[self.pages.index(page) - 1]
        text, begins = self._view.read(before.start)
        at = self._view.index(begins, page.start)
        between = cut(before.lead + text[:at], text[at:], ended=self._is_whole)
        page.opener, page.sure = between.opener, between.sure


def _drawn(table: str) -> int:
    """How much longer than its Markdown a table can be: rows as wide as the widest, or each with the header's words."""
    lines = table.splitlines()
    return len(lines) * max(WIDEST + 8, *map(len, lines))
