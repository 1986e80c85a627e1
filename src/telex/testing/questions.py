"""What a provider that is tried is asked, and what it is answered."""

from typing import Any

import pytest

from telex.providers.base import Request
from telex.providers.scripted import Piece
from telex.testing.model_side import ModelSide

CONVERSATION = (
    {"role": "system", "content": "Answer like a pirate."},
    {"role": "user", "content": "Where is Ærø?"},
    {"role": "assistant", "content": "South of Funen."},
    {"role": "user", "content": "And 東京?"},
)
TOOL = {
    "name": "add",
    "description": "Add two numbers.",
    "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
}


def said(*words: str) -> list[Piece]:
    """Words, one after the other."""
    return [Piece(0.02, word) for word in words]


def question(**more: Any) -> Request:
    """What is asked."""
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello."}]
    return Request(messages, **more)


def heard_question(model: ModelSide) -> str:
    """What the model's side was asked."""
    if not model.heard_questions:
        pytest.skip("the model's side does not say what it was asked: model.answering(asked)")
    return model.heard_questions[-1]
