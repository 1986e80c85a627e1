"""Work in a thread that nobody has to wait for."""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

ENDS = "it tried to end the program"


async def in_thread(function: Callable[[], Result]) -> Result:
    """Run a function in a thread that nobody waits for: a cancelled call leaves it, and so does the end of the program.

    ``asyncio.to_thread`` would keep a program that is over alive until the function returns.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()
    context = contextvars.copy_context()

    def settle(said: Any, error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(said)
        else:
            done.set_exception(error)

    def run() -> None:
        said: Any = None
        error: Exception | None = None
        try:
            said = context.run(function)
        except StopIteration:  # a future refuses to carry it
            error = RuntimeError("it raised StopIteration")
        except Exception as raised:  # noqa: BLE001 - it is raised again where the call is awaited
            error = raised
        except SystemExit:
            error = RuntimeError(ENDS)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, said, error)

    threading.Thread(target=run, name="telex-tool", daemon=True).start()
    return await done
