"""The events of an OpenAI response, as a server writes them."""

import json
from typing import Any


def sse(*events: dict[str, Any], end: str = "\n\n", named: bool = True, escape: bool = False) -> bytes:
    lines = (
        (f"event: {event['type']}{end[: len(end) // 2]}" if named else "")
        + f"data: {json.dumps({**event, 'sequence_number': number}, ensure_ascii=escape)}{end}"
        for number, event in enumerate(events)
    )
    return "".join(lines).encode()


def event(name: str, place: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": f"response.{name}", "output_index": place, **more}


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def ended(*output: Any, status: str = "completed", **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": 5}
    response = {"object": "response", "status": status, "output": list(output), "usage": usage, **more}
    return event(status, response=response)


def said(place: int, *texts: str) -> list[dict[str, Any]]:
    whole = "".join(texts)
    return [
        event("output_item.added", place, item={"type": "message", "id": "m", "content": []}),
        event("content_part.added", place, content_index=0, part={"type": "output_text", "text": ""}),
        *(event("output_text.delta", place, content_index=0, delta=text, logprobs=[]) for text in texts),
        event("output_text.done", place, content_index=0, text=whole),
        event("content_part.done", place, content_index=0, part={"type": "output_text", "text": whole}),
        event("output_item.done", place, item=message(whole)),
    ]


CREATED = [event("created", response={"status": "in_progress"}), event("in_progress", response={})]
