"""PURE: Markdown as plain text: bullets, numbers, drawn tables, and no sign of markup."""

from telex.display.styled import BETWEEN, parts, read


def render(markdown: str) -> str:
    """``markdown`` as a reader sees it without any marks."""
    return BETWEEN.join(filter(None, (read(part).text for part in parts(markdown))))
