"""The event loop behind synchronous calls: one thread for the whole process, begun at the first call.

There is one and not one per agent, because a provider's connections belong to one loop and agents may share a provider.
"""

import asyncio
import os
import threading

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The loop, running in its thread."""
    global _loop  # noqa: PLW0603 - one per process is the point
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="telex-agent", daemon=True).start()
        return _loop


def _forget() -> None:
    """A forked child has the variable but not the thread."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
