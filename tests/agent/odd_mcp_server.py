"""An MCP server without the SDK, which answers as no server should: over its standard input and output."""

import json
import sys
from typing import Any

TOOLS = ("refuse", "muddle", "picture", "change")


def send(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The members of an answer."""
    match method, params.get("name"):
        case "initialize", _:
            about = {"serverInfo": {"name": "odd", "version": "1"}, "capabilities": {"tools": {"listChanged": True}}}
            return {"result": {"protocolVersion": params["protocolVersion"], **about}}
        case "tools/list", _:
            return {"result": {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in tools]}}
        case "tools/call", "refuse":
            return {"error": {"code": -32000, "message": "no tickets are left"}}
        case "tools/call", "muddle":
            return {"result": {"content": "what?"}}
        case "tools/call", "picture":
            picture = {"type": "image", "data": "AAAA", "mimeType": "image/png"}
            return {"result": {"content": [{"type": "text", "text": "A cat:"}, picture]}}
        case "tools/call", "change":
            tools[:] = ["changed"]
            send(method="notifications/tools/list_changed")
            return {"result": {"content": [{"type": "text", "text": "changed"}]}}
        case "tools/call", _:
            return {"result": {"content": [{"type": "text", "text": f"{asked} calls"}]}}
    return {"error": {"code": -32601, "message": f"no {method}"}}


tools = list(TOOLS)
asked = 0
for line in sys.stdin:
    sys.stdout.write("INFO: this is no message\n")
    message = json.loads(line)
    asked += message.get("method") == "tools/call"
    if "id" in message:
        send(id=message["id"], **answer(message["method"], message.get("params", {})))
