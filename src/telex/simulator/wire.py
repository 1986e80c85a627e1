"""Between HTTP and the methods: which method with which arguments, and how an answer looks on the wire."""

import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from telex.simulator.params import Params, json_arguments
from telex.simulator.refusals import Refused, Why

MAX_BODY = 1 << 20
BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: an answer, or a broken or silent connection.

    Attributes:
        status: the HTTP status; 0 when nothing is answered.
        reset: break the connection.
        hang: say nothing until the client gives up.
    """

    status: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    reset: bool = False
    hang: bool = False


def success(result: Any, description: str = "") -> Reply:
    """An answer with ``ok: true``."""
    body = {"ok": True, "result": result, **({"description": description} if description else {})}
    return Reply(200, json.dumps(body, separators=(",", ":")))


def refusal(refused: Refused) -> Reply:
    """An answer with ``ok: false``; a flood also says its seconds in a header."""
    body = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    seconds = refused.parameters.get("retry_after")
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return Reply(refused.code, json.dumps(body, separators=(",", ":")), headers)


def split_path(path: str, token: str, params: Params) -> str:
    """The method's name in lower case, from the part of the path after ``/bot``.

    Raises:
        Refused: the token is not the bot's, or the path has another shape.
    """
    given, slash, method = path.partition("/")
    if not slash:
        raise Refused(Why.NOT_FOUND)
    if ":" not in given or given.startswith("0") or len(given) > 80:
        raise Refused(Why.TOKEN_MALFORMED)
    if given != token:
        raise Refused(Why.UNAUTHORIZED)
    method = method.removeprefix("test/") or params.text("method")
    if "/" in method:
        raise Refused(Why.NOT_FOUND)
    return method


async def read_params(request: web.Request) -> Params:
    """The arguments of a request, from query and body; the query wins.

    Raises:
        Refused: there is more than the server reads.
    """
    values: dict[str, str] = {}
    for name, value in request.query.items():
        values.setdefault(name, value)
    try:
        if request.content_type == "application/json":
            body = (await request.read()).decode("utf-8", "replace")
            found: Any = json_arguments(body).items()
        elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            found = (await request.post()).items()
        else:
            found = ()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(Why.BODY_TOO_LARGE) from None
    except ValueError:
        found = ()  # a malformed form is no error by itself, as with JSON
    for name, value in found:
        if isinstance(value, str):
            values.setdefault(name, value)
    return Params(values)


def reset(request: web.Request) -> None:
    """Break the connection the hard way: the client reads a reset, not an end."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
