"""What still comes after a model has said that it is done: most servers end soon, some never do, and some go on speaking."""

import asyncio

import aiohttp

from telex.errors import ProviderDropped
from telex.providers.base import Decoder, Emit
from telex.providers.body import DROPPED

GRACE = 2.0  # seconds in which nothing more of the answer comes, after which the model's word is believed


async def afterword(response: aiohttp.ClientResponse, decoder: Decoder, emit: Emit) -> ProviderDropped | None:
    """Take usage and the last marker where they are sent, and more of the answer as long as it comes.

    Args:
        response: its body was read until ``decoder`` had ``finished``.
        decoder: is fed what comes.
        emit: gets what it makes of that.

    Returns:
        What broke the answer off: an end that is no clean one counts once words have followed the model's last.

    Raises:
        ProviderError: the server's own words, from the decoder.
    """
    now = asyncio.get_running_loop().time
    heard, went_on = now(), False
    while not decoder.done:
        try:
            async with asyncio.timeout_at(heard + GRACE):
                data = await response.content.readany()
        except TimeoutError:
            return None
        except (aiohttp.ClientError, OSError):
            return ProviderDropped(DROPPED) if went_on else None
        if not data:
            return None
        if _take(data, decoder, emit):
            heard, went_on = now(), True
    return None


def _take(data: bytes, decoder: Decoder, emit: Emit) -> bool:
    """Feed the decoder; true where that was more of the answer, and not only words about it or a sign of life."""
    calls = decoder.calls
    spoke = False
    for event in decoder.feed(data):
        spoke = True
        emit(event)
    return spoke or decoder.calls != calls
