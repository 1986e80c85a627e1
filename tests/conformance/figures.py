"""What the conformance tests counted, over all processes: added up at the end of a run, and printed."""

from collections import Counter

COUNTED: Counter[str] = Counter()
"""The figures of the test that runs, by what they count."""
PROPERTY = "conformance"
"""A test's report carries its figures under this name."""


def lines(all_figures: Counter[str], dialects: int) -> list[str]:
    """The figures as a reader wants them."""

    def several(what: str) -> str:
        return f"{all_figures[what]:,} {what}"

    tried = (
        f"{several('examples')} with {several('prefixes of examples')}, {several('documents')} with "
        f"{several('prefixes of documents')}, {several('cuts')} and {several('pages')}, in {dialects} dialects"
    )
    compared = (
        f"{several('signs')} compared with the reference's: {several('signs that differ')}, and "
        f"{several('examples read differently on purpose')}; {several('links')}: {several('links that differ')}"
    )
    remembered = f"{several('frames')} remembered and made from scratch: {several('frames that differ')}"
    return [tried, compared, remembered]
