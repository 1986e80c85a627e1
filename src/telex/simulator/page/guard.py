"""Keep other websites out of the page: they run in the same browser and can reach the same port.

Two doors have to be shut. A website may open a WebSocket to any address, and the browser only says so in ``Origin``;
and a name that its owner points at 127.0.0.1 (DNS rebinding) makes a foreign website look like the page's own host,
which shows in ``Host``. An address written in digits cannot be rebound, so it is let in.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The page changes with the package: a browser asks each time and is mostly told "not modified".
    "Cache-Control": "no-cache",
}


def refuse_foreign(request: web.Request) -> None:
    """Let the request pass if it comes from the page itself.

    Raises:
        aiohttp.web.HTTPForbidden: with a sentence that says what was wrong and where the page is.
    """
    sentence = refusal(request.headers.get("Host", ""), request.headers.get("Origin"))
    if sentence:
        raise web.HTTPForbidden(text=sentence)


def refusal(host: str, origin: str | None) -> str | None:
    """Why a request with these headers is not let in; None if it is.

    A request without ``Origin`` does not come from a website's script: browsers always send it with a WebSocket.
    """
    name, port = _split(f"http://{host}")
    if not _is_this_machine(name):
        return f"The chat page does not answer to the name {name!r}: open it at http://127.0.0.1:{port or 80}/."
    if origin is None:
        return None
    origin_name, origin_port = _split(origin)
    same_name = origin_name == name or (_is_loopback(origin_name) and _is_loopback(name))
    if same_name and origin_port == port:
        return None
    return f"Only the chat page itself may use this address, and this request came from {origin!r}."


def _split(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None


def _is_this_machine(name: str) -> bool:
    return name == "localhost" or _address(name) is not None


def _is_loopback(name: str) -> bool:
    address = _address(name)
    return name == "localhost" or (address is not None and address.is_loopback)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
