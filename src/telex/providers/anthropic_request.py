"""A conversation in the shape that Anthropic's server takes. Pure.

It wants the system prompt apart, people and model in turns, and the results of all tools of one answer in one message.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from telex.providers.base import Message, beginning

_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")  # other servers' ids may hold anything: Kimi's are "functions.name:0"
_DATA = re.compile(r"data:([\w/+.-]+);base64,(.*)", re.DOTALL)


def system_prompt(messages: Sequence[Message]) -> str:
    """What the system messages say."""
    said = (message["content"] for message in messages if message["role"] == "system")
    return "\n\n".join(text for text in said if text)


def conversation(messages: Sequence[Message], state_of: Callable[[Message], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages but the system's.

    Args:
        messages: as ``Request`` has them.
        state_of: gives what this model left in a message, or nothing.
    """
    turns: list[dict[str, Any]] = []
    own_ids: set[str] = set()
    for message in messages:
        match message["role"]:
            case "system":
                continue
            case "assistant":
                own = state_of(message).get("content")
                role, content = "assistant", _with_the_beginning(own, message) if own else _answer(message)
                own_ids = {call["id"] for call in message.get("tool_calls") or ()} if own else set()
            case "tool":
                role, content = "user", [_result(message, own_ids)]
            case _:
                role, content = "user", _parts(message["content"])
        if not content:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += content
        else:
            turns.append({"role": role, "content": list(content)})
    return turns


def tools(offered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tools as the server takes them."""
    return [
        {
            "name": tool["name"],
            "description": tool.get("description", ""),
            "input_schema": tool.get("parameters") or {"type": "object", "properties": {}},
        }
        for tool in offered
    ]


def _with_the_beginning(own: Sequence[Mapping[str, Any]], message: Message) -> list[Mapping[str, Any]]:
    """A model's own blocks; behind its first thoughts what was said before another attempt went on, which they do not hold."""
    told = "".join(block["text"] for block in own if block.get("type") == "text")
    before = _parts(beginning(message.get("content") or "", told).rstrip())
    thoughts = next((n for n, block in enumerate(own) if "thinking" not in str(block.get("type"))), len(own))
    return [*own[:thoughts], *before, *own[thoughts:]]


def _answer(message: Message) -> list[dict[str, Any]]:
    return [*_parts((message.get("content") or "").rstrip()), *map(_call, message.get("tool_calls") or ())]


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    try:
        arguments = msgspec.json.decode(call["function"]["arguments"] or "{}")
    except msgspec.DecodeError:
        arguments = {}
    return {
        "type": "tool_use",
        "id": _id(call["id"]),
        "name": call["function"]["name"],
        "input": arguments if isinstance(arguments, dict) else {},
    }


def _result(message: Message, own_ids: Collection[str]) -> dict[str, Any]:
    named = message["tool_call_id"]
    call = named if named in own_ids else _id(named)
    return {"type": "tool_result", "tool_use_id": call, "content": _parts(message["content"])}


def _id(identity: str) -> str:
    """Another server's id of a call, as this one takes it."""
    return _NOT_IN_IDS.sub("_", identity)


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content.strip() else []  # the server refuses empty ones
    return [_part(part) for part in content or ()]


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    if part.get("type") != "image_url":
        return dict(part)
    url = part["image_url"]["url"]
    if found := _DATA.fullmatch(url):
        return {"type": "image", "source": {"type": "base64", "media_type": found[1], "data": found[2]}}
    return {"type": "image", "source": {"type": "url", "url": url}}
