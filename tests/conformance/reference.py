"""What a reader sees of a document, by markdown-it-py: the reference that the reading is compared with."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

from telex.display.styled_html import KNOWN, RULE

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(tasklists_plugin)
_BULLET = "•"
_ALIKE = str.maketrans("◦▪", _BULLET * 2)
_BOXED = re.compile(f"{_BULLET}+(?=[☑☐])")  # a box stands in place of its bullet, or behind those around it
_UNSEEN = re.compile(r"[\s│┼─]")
_TAG = re.compile(
    r"<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<![A-Za-z][^>]*>|</?([A-Za-z][\w-]*)[^<>]*>"
)


def signs(text: str) -> str:
    """All that is seen of ``text`` but white space and the lines of tables; bullets are alike at any depth."""
    return _BOXED.sub("", _UNSEEN.sub("", text.translate(_ALIKE)))


def visible(markdown: str) -> str:
    """What a reader sees but white space: texts, code, bullets and numbers, boxes of tasks, alternative texts, rules."""
    return signs("".join(_shown(_PARSER.parse(markdown), [])))


def normal(address: str) -> str:
    """An address as the reference writes it."""
    return _PARSER.normalizeLink(address)


def links(markdown: str) -> list[str]:
    """Where the links of a document lead to, but addresses in brackets, and its pictures that stand in none, in their order."""
    return list(_targets(_PARSER.parse(markdown)))


def _targets(tokens: list[Token]) -> Iterator[str]:
    inside = False
    for token in tokens:
        if token.type == "link_open" and token.markup != "autolink":
            yield str(token.attrGet("href"))
        if token.type in {"link_open", "link_close"}:
            inside = token.type == "link_open"
        elif token.type == "image" and not inside:
            yield str(token.attrGet("src"))
        elif token.type == "inline":
            yield from _targets(token.children or [])


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
            case "list_item_open":
                made.append(_BULLET if lists[-1] is None else f"{lists[-1]}.")
                lists[-1] = lists[-1] and lists[-1] + 1
            case "image":
                made.append("".join(_shown(token.children or [], lists)) or "image")
            case "inline":
                made += _shown(token.children or [], lists)
            case "hr":
                made.append(RULE)
            case "text" | "code_inline" | "code_block" | "fence":
                made.append(token.content)
            case "html_inline" | "html_block" if "task-list-item-checkbox" in token.content:
                made.append("☑" if "checked" in token.content else "☐")
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
