"""An answer that breaks off says whether the model had begun to call tools, so that the words before were no answer."""

import asyncio
from typing import Any

import pytest

from telex.errors import ProviderError
from telex.providers.anthropic import AnthropicMessages
from telex.providers.base import Request
from telex.providers.openai_chat import OpenAIChat
from telex.providers.openai_responses import OpenAIResponses
from telex.providers.scripted import Piece
from telex.testing import ModelSide
from tests.providers.conftest import model_server
from tests.testing.wires import Chat, Messages, Responses, answer

QUESTION = Request([{"role": "user", "content": "Go!"}])
WORDS, CALL = Piece(0, "Let me look."), Piece(0, "{}", "call", "look")


@pytest.mark.parametrize(
    ("wire", "made"), [(Chat, OpenAIChat), (Responses, OpenAIResponses), (Messages, AnthropicMessages)]
)
@pytest.mark.parametrize("ends", ["drop", "error"])
@pytest.mark.parametrize("calls", [True, False])
def test_an_answer_that_breaks_off_says_whether_calls_had_begun(wire: Any, made: Any, ends: Any, calls: bool) -> None:
    model = ModelSide(WORDS, *[CALL] * calls, Piece(0.02, "Out of order.", ends))

    async def main() -> None:
        async with asyncio.timeout(30), model_server(lambda call: answer(call, wire(), model)) as server:
            provider = made(server.url, "key", "m", max_retries=0)
            with pytest.raises(ProviderError) as failed:
                await provider.stream(QUESTION, model.emit)
            await provider.close()
        assert failed.value.calls_begun is calls

    asyncio.run(main())
