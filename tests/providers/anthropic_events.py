"""The events of an Anthropic message, as a server writes them."""

import json
from typing import Any


def sse(*events: dict[str, Any], end: str = "\n\n", named: bool = True, escape: bool = False) -> bytes:
    lines = (
        (f"event: {event['type']}{end[: len(end) // 2]}" if named else "")
        + f"data: {json.dumps(event, ensure_ascii=escape)}{end}"
        for event in events
    )
    return "".join(lines).encode()


START = {
    "type": "message_start",
    "message": {"id": "msg", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}},
}
STOP = {"type": "message_stop"}
PING = {"type": "ping"}


def begin(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def end(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def said(index: int, *texts: str) -> list[dict[str, Any]]:
    return [begin(index, type="text", text=""), *(delta(index, "text_delta", text=text) for text in texts), end(index)]


def finish(reason: str | None = "end_turn", tokens: int = 5) -> dict[str, Any]:
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None},
        "usage": {"output_tokens": tokens},
    }
