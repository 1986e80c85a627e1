"""Pictures in messages: which models see them, and how a message looks to one that does not. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from telex.providers.base import Message

UNSEEN = "[The user sent a picture here, which you cannot see.]"

_SEES = re.compile(
    r"(?:^|[/:_-])(?:(?:chat)?gpt-4o|gpt-4\.[1-9]|gpt-4-turbo|gpt-[5-9]|o1(?!-mini|-preview)|o3(?!-mini)|o4|gemini|pixtral"
    r"|claude-(?:3|[a-z]+-\d)|llama-?4|mistral-(?:small|medium)-?3|moondream|molmo|internvl|smolvlm|idefics)"
    r"|vision|llava|[-_.\d]vlm?(?![a-z])|minicpm-v|multimodal|omni",
    re.IGNORECASE,
)


def known_to_see(model: str) -> bool:
    """Does the name say that the model sees pictures? A name that says nothing is a no."""
    return bool(_SEES.search(model))


def question(text: str, pictures: Sequence[str]) -> str | list[dict[str, Any]]:
    """The content of a person's message.

    Args:
        text: the words.
        pictures: addresses: ``data:``, ``https:``, or what an agent's ``load_picture`` knows.
    """
    if not pictures:
        return text
    shown = [{"type": "image_url", "image_url": {"url": url}} for url in pictures]
    return [*shown, {"type": "text", "text": text}] if text else shown


def parts(content: Any) -> list[dict[str, Any]]:
    """Any content as parts."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [dict(part) for part in content or ()]


def words(content: Any) -> str:
    """The words of any content."""
    return (
        content if isinstance(content, str) else "\n\n".join(part.get("text") or "" for part in content or ()).strip()
    )


def picture(part: Mapping[str, Any]) -> str | None:
    """The address of the picture that a part is."""
    return str(part["image_url"]["url"]) if part.get("type") == "image_url" else None


def pictures(message: Message) -> list[str]:
    """The addresses of a message's pictures."""
    content = message.get("content")
    return [] if isinstance(content, str) else [url for part in content or () if (url := picture(part))]


def changed(messages: Sequence[Message], change: Callable[[str], str | None], otherwise: str) -> list[Message]:
    """The messages with other pictures.

    Args:
        messages: of a conversation.
        change: gives the address that takes a picture's place; ``None`` for words.
        otherwise: these words.
    """

    def part(one: dict[str, Any]) -> dict[str, Any]:
        url = picture(one)
        if url is None:
            return one
        other = change(url)
        return {"type": "text", "text": otherwise} if other is None else {**one, "image_url": {"url": other}}

    def message(one: Message) -> Message:
        if not pictures(one):
            return one
        content: Any = list(map(part, parts(one["content"])))
        if not any(map(picture, content)):
            content = "\n\n".join(each["text"] for each in content if "text" in each)
        return {**one, "content": content}

    return list(map(message, messages))


def unseen(messages: Sequence[Message]) -> list[Message]:
    """The messages for a model that sees no pictures."""
    return changed(messages, lambda _: None, UNSEEN)
