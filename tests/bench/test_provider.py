import asyncio

import pytest

from telex.bench.interrupt import closing
from telex.bench.provider import model_server
from telex.providers.anthropic import AnthropicMessages
from telex.providers.http_model import HTTPModel
from telex.providers.openai_chat import OpenAIChat
from telex.providers.openai_responses import OpenAIResponses


@pytest.mark.parametrize("made", [OpenAIChat, OpenAIResponses, AnthropicMessages])
def test_the_benches_server_speaks_every_format_and_sees_an_interrupt(made: type[HTTPModel]) -> None:
    async def main() -> None:
        async with asyncio.timeout(30), model_server() as (server, port):
            provider = made(f"http://127.0.0.1:{port}/v1", "none", "m")
            await closing(provider, server)  # returns once no stream is open
            await provider.close()

    asyncio.run(main())
