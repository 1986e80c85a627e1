"""The end of a stream that somebody else made, also of one that is left early."""

import contextlib
import inspect
from collections.abc import AsyncIterator
from typing import Any


@contextlib.asynccontextmanager
async def closing(stream: Any) -> AsyncIterator[None]:
    """Close ``stream`` in the end, by its ``aclose`` or ``close`` where it has one, so that its model stops."""
    try:
        yield
    finally:
        close = getattr(stream, "aclose", None) or getattr(stream, "close", None)
        closed = close() if callable(close) else None
        if inspect.isawaitable(closed):
            await closed
