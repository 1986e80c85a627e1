import asyncio
from typing import Any

import pytest

from telex.agent.agent import AIAgent
from telex.agent.pictures import NO_EYES
from telex.events import Event, Notice
from telex.providers.base import Message, Request
from telex.providers.chain import Chain, Link
from telex.providers.learned import Learned, Question
from telex.providers.openai_chat import OpenAIChat
from telex.providers.pictures import UNSEEN, known_to_see, unseen, words
from telex.testing.virtual_time import run

SEE = [
    "gpt-4o", "openai/gpt-4o-mini", "chatgpt-4o-latest", "gpt-4.1-nano", "gpt-5", "o1", "o3", "o4-mini", "claude-3-haiku-20240307",
    "claude-sonnet-4-5", "anthropic/claude-opus-4", "gemini-2.5-flash", "qwen2.5-vl-7b-instruct", "qwen2.5vl:7b", "llava:13b",
    "llama3.2-vision", "meta-llama/llama-4-scout", "pixtral-12b", "minicpm-v", "mistral-small-3.1", "glm-4v-vision", "SmolVLM-500M",
]  # fmt: skip
BLIND = [
    "", "gpt-3.5-turbo", "gpt-4", "o1-mini", "o3-mini", "deepseek-chat", "llama3.1:8b", "mistral-7b", "qwen3:8b", "claude-2.1",
    "smollm2-135m", "gemma3:1b", "phi-4", "vllm-served", "gpt-oss:20b",
]  # fmt: skip
PARTS = [
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
    {"type": "text", "text": "What is it?"},
]
REFUSALS = [
    (500, b'{"error": {"message": "image input is not supported - hint: you may need to provide the mmproj"}}'),
    (404, b'{"error": {"message": "No endpoints found that support image input"}}'),
    (400, b'{"error": {"message": "Invalid content type. image_url is only supported by certain models."}}'),
    (400, b'{"error": "this model does not support images"}'),
    (422, b'{"detail": "unknown variant `image_url`, expected `text`"}'),
]  # fmt: skip


@pytest.mark.parametrize("model", SEE)
def test_models_that_are_known_to_see(model: str) -> None:
    assert known_to_see(model)


@pytest.mark.parametrize("model", BLIND)
def test_models_that_are_not_known_to_see(model: str) -> None:
    assert not known_to_see(model)


@pytest.mark.parametrize(
    ("chosen", "model", "sees"), [(None, "gpt-4o", True), (False, "gpt-4o", False), (True, "m", True)]
)
def test_what_the_user_chose_counts_more_than_the_name(chosen: bool | None, model: str, sees: bool) -> None:
    async def main() -> bool:
        provider = OpenAIChat("http://127.0.0.1:9/v1", model=model, vision=chosen)
        assert Chain([Link(OpenAIChat("http://127.0.0.1:9/v1", model="m")), Link(provider)]).vision is sees
        return provider.vision

    assert run(main()) is sees


@pytest.mark.parametrize(("status", "refusal"), REFUSALS)
def test_a_server_that_refuses_pictures_is_asked_again_in_words_and_remembered(status: int, refusal: bytes) -> None:
    learned, request = Learned(), Request([{"role": "user", "content": PARTS}])
    question = Question(learned, lambda: {"messages": learned.asked(request).messages})
    assert question.body["messages"][0]["content"] == PARTS
    assert question.refused(status, refusal)
    assert question.body["messages"] == [{"role": "user", "content": f"{UNSEEN}\n\nWhat is it?"}]
    assert not learned.pictures
    assert not Question(learned, lambda: {"messages": []}).refused(500, refusal)


def test_messages_without_pictures_stay_as_they_are() -> None:
    messages: list[Message] = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "tool_calls": []},
    ]
    assert unseen(messages) == messages
    assert words(PARTS) == "What is it?"


@pytest.mark.parametrize(("model", "seen"), [("llava:7b", True), ("llama3.2", False)])
def test_a_model_that_is_found_at_the_first_question_sees_its_picture_or_the_reader_is_told(
    model_server: Any, model: str, seen: bool
) -> None:
    async def handler(call: Any) -> None:
        if call.method == "GET":
            await call.json({"data": [{"id": model}]})
        else:
            await call.answer("I see.")

    async def main() -> None:
        events: list[Event] = []
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = OpenAIChat(server.url)
            await AIAgent(provider).run_turn("What is this?", events.append, ["data:image/png;base64,AAAA"])
            await provider.close()
        sent = server.calls[-1].body["messages"][-1]["content"]
        assert ("image_url" in str(sent)) is seen
        assert [event.text for event in events if isinstance(event, Notice)] == ([] if seen else [NO_EYES])

    asyncio.run(main())
