"""The chat page: what a person sees of the simulated Telegram, in a browser, over one WebSocket.

    GET /              the page; its scripts and styles lie under /page/
    GET /ws            a WebSocket: the whole picture first, then events; commands come back
    GET /photo/...     a picture that a person has sent

The page is driven by people's browsers, and browsers also run other people's websites: ``guard`` keeps those out.
"""

from pathlib import Path
from typing import Final

from aiohttp import web

from telex.simulator.page import guard
from telex.simulator.page.connection import Connection, SimulatedTelegram

__all__ = ["SimulatedTelegram", "add_page"]

_FOLDER: Final = Path(__file__).parent
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def add_page(app: web.Application, simulator: SimulatedTelegram) -> None:
    """Add the chat page of ``simulator`` to ``app``: ``GET /``, ``GET /page/...`` and the WebSocket ``/ws``.

    When the app shuts down, every open page is told so with close code 1001, and comes back by itself later.
    """
    open_pages: set[Connection] = set()

    async def index(request: web.Request) -> web.StreamResponse:
        guard.refuse_foreign(request)
        return _file(_FOLDER / "index.html", "text/html")

    async def socket(request: web.Request) -> web.StreamResponse:
        guard.refuse_foreign(request)
        connection = Connection(simulator)
        open_pages.add(connection)
        try:
            return await connection.run(request)
        finally:
            open_pages.discard(connection)

    async def photo(request: web.Request) -> web.StreamResponse:
        guard.refuse_foreign(request)
        found = simulator.picture(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found[0], content_type=found[1], headers=guard.PAGE_HEADERS)

    async def close_pages(_: web.Application) -> None:
        for connection in list(open_pages):
            await connection.close()

    app.router.add_get("/", index)
    app.router.add_get("/ws", socket)
    app.router.add_get("/photo/{id}", photo)
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _TYPES:
            app.router.add_get(f"/page/{path.name}", _asset(path))
    app.on_shutdown.append(close_pages)


def _asset(path: Path) -> guard.Handler:
    async def asset(_: web.Request) -> web.StreamResponse:
        return _file(path, _TYPES[path.suffix])

    return asset


def _file(path: Path, content_type: str) -> web.FileResponse:
    headers = {**guard.PAGE_HEADERS, "Content-Type": f"{content_type}; charset=utf-8"}
    return web.FileResponse(path, headers=headers)
