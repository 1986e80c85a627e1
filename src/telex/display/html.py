"""PURE: Markdown as HTML: for pages, for exports, and for platforms that take HTML."""

from html import escape

from telex.display.addresses import addresses
from telex.display.nested import nested
from telex.display.styled import BETWEEN, Span, parts, read

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def render(markdown: str) -> str:
    """``markdown`` as HTML whose line breaks are line breaks (``white-space: pre-wrap``).

    Only the tags of Telegram's HTML style are used: ``b i u s code pre a blockquote tg-spoiler``. Nothing else of the
    text can become a tag, and only addresses of web pages, mail, telephones and Telegram become links, bare ones as well.
    """
    made = []
    for part in parts(markdown):
        styled = read(part)
        if styled.text:
            spans = [*styled.spans, *addresses(styled.text, styled.spans)]
            made.append(_html(styled.text, nested(styled.text, spans)))
    return BETWEEN.join(made)


def _html(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    inside: list[Span] = []
    at = 0

    def write_until(end: int) -> None:
        nonlocal at
        while inside and inside[-1].end <= end:
            span = inside.pop()
            pieces.append(escape(text[at : span.end], quote=False) + _closing(span))
            at = span.end
        pieces.append(escape(text[at:end], quote=False))
        at = end

    for span in spans:
        write_until(span.start)
        pieces.append(_opening(span))
        inside.append(span)
    write_until(len(text))
    return "".join(pieces)


def _opening(span: Span) -> str:
    if span.kind == "text_link":
        return f'<a href="{escape(span.extra)}">'
    if span.kind == "pre":
        return f'<pre><code class="language-{escape(span.extra)}">' if span.extra else "<pre>"
    if span.kind == "expandable_blockquote":
        return "<blockquote expandable>"
    return f"<{_TAGS[span.kind]}>"


def _closing(span: Span) -> str:
    if span.kind == "text_link":
        return "</a>"
    if span.kind == "pre":
        return "</code></pre>" if span.extra else "</pre>"
    return f"</{_TAGS[span.kind]}>"
