"""What a reader sees of a document, by markdown-it-py: the reference that the reading is compared with."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

from telex.display.styled_html import KNOWN

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(tasklists_plugin)
_TAG = re.compile(
    r"<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<![A-Za-z][^>]*>|</?([A-Za-z][\w-]*)[^<>]*>"
)


def letters(text: str) -> str:
    """The letters and digits of ``text``."""
    return re.sub(r"[\W_]", "", text)


def visible(markdown: str) -> str:
    """The letters and digits that a reader sees: texts, code, numbers of lists, alternative texts."""
    return letters("".join(_shown(_PARSER.parse(markdown), [])))


def _shown(tokens: list[Token], lists: list[int | None]) -> list[str]:
    made: list[str] = []
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                start = token.attrGet("start")
                lists.append(1 if start is None else int(start))
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
            case "list_item_open" if lists[-1] is not None:
                made.append(f"{lists[-1]}.")
                lists[-1] += 1
            case "image":
                made.append("".join(_shown(token.children or [], lists)) or "image")
            case "inline":
                made += _shown(token.children or [], lists)
            case "text" | "code_inline" | "code_block" | "fence":
                made.append(token.content)
            case "html_inline" | "html_block":
                made.append(_without_tags(token.content))
    return made


def _without_tags(html: str) -> str:
    def shown(found: re.Match[str]) -> str:
        name = (found[1] or "").lower()
        if name == "img":
            alternative = re.search(r"alt=\"([^\"]*)\"", found[0])
            return alternative[1] if alternative else "image"
        return found[0] if name and name not in KNOWN else ""

    return _TAG.sub(shown, html)
