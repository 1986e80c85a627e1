"""A conversation in the shape that OpenAI's Responses take. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from telex.providers.base import Message, beginning


def instructions(messages: Sequence[Message]) -> str:
    """What the system messages say."""
    said = (message["content"] for message in messages if message["role"] == "system")
    return "\n\n".join(text for text in said if text)


def items(messages: Sequence[Message], state_of: Callable[[Message], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages but the system's.

    Args:
        messages: as ``Request`` has them.
        state_of: gives what this model left in a message, or nothing.
    """
    found: list[dict[str, Any]] = []
    for message in messages:
        match message["role"]:
            case "system":
                continue
            case "assistant":
                own = state_of(message).get("output")
                found += [*_beginning(own, message), *own] if own else _answer(message)
            case "tool":
                output = message["content"]
                found.append({"type": "function_call_output", "call_id": message["tool_call_id"], "output": output})
            case _:
                found.append({"role": "user", "content": _parts(message["content"])})
    return found


def tools(offered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tools as the server takes them; strict schemas, its default, would refuse optional arguments."""
    return [{"type": "function", "strict": False, **tool} for tool in offered]


def _beginning(own: Sequence[Mapping[str, Any]], message: Message) -> list[dict[str, Any]]:
    """What was said before another attempt went on: the model's own items do not hold it."""
    parts = [part for item in own if item.get("type") == "message" for part in item.get("content") or ()]
    before = beginning(message.get("content") or "", "".join(str(part.get("text") or "") for part in parts))
    return [{"role": "assistant", "content": before}] if before.strip() else []


def _answer(message: Message) -> list[dict[str, Any]]:
    said = [{"role": "assistant", "content": message["content"]}] if message.get("content") else []
    calls = message.get("tool_calls") or ()
    return said + [
        {
            "type": "function_call",
            "call_id": call["id"],
            "name": call["function"]["name"],
            "arguments": call["function"]["arguments"],
        }
        for call in calls
    ]


def _parts(content: Any) -> Any:
    return content if isinstance(content, str) else [_part(part) for part in content]


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    match part.get("type"):
        case "image_url":
            return {"type": "input_image", "image_url": part["image_url"]["url"]}
        case "text":
            return {"type": "input_text", "text": part["text"]}
    return dict(part)
