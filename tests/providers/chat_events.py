"""The chunks of a chat completion, as a server writes them."""

import json
from typing import Any


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


def sse(*chunks: Any, done: bool = True, end: str = "\n\n", field: str = "data: ", escape: bool = False) -> bytes:
    datas = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=escape) for item in chunks]
    return "".join(f"{field}{data}{end}" for data in [*datas, *(["[DONE]"] if done else [])]).encode()


def say(text: Any) -> dict[str, Any]:
    return chunk({"content": text})


STOP = chunk({}, "stop")
