"""The gateway's process: the same gateway as ever, with a model that knows the answers. ``python -m telex.chaos.child``."""

import asyncio
import logging
import sys

from telex.chaos.script import script
from telex.cli.stopping import on_stop
from telex.config import load
from telex.gateway.gateway import Gateway
from telex.providers.scripted import Scripted


async def serve(path: str) -> None:
    """Answer until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    provider = Scripted(script, name="chaos")
    gateway = Gateway(load(path), provider)
    try:
        with on_stop(gateway.stop):
            await gateway.run()
    finally:
        await provider.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
