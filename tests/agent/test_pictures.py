"""Pictures that a person sends: what the model is shown of them, and what the reader is told."""

from collections.abc import Sequence
from typing import Any

from telex.agent.agent import AIAgent
from telex.agent.history import History
from telex.agent.pictures import EARLIER, LOST, MOST, NO_EYES, NO_PICTURE
from telex.events import Event, Notice
from telex.providers.base import Emit, Message, Reply, Request
from telex.providers.pictures import UNSEEN
from telex.providers.scripted import Piece, Scripted
from telex.testing.virtual_time import run

DATA = "data:image/png;base64,AAAA"


class Looking:
    """A model that sees, or not, and keeps what it was shown."""

    name = "looking"

    def __init__(self, *, vision: bool) -> None:
        self.vision = vision
        self.shown: list[Sequence[Message]] = []

    async def stream(self, request: Request, emit: Emit) -> Reply:
        self.shown.append(request.messages)
        return await Scripted([Piece(0, "I see.")]).stream(request, emit)

    async def close(self) -> None:
        pass


def ask(agent: AIAgent, text: str, *pictures: str) -> list[str]:
    """Ask, and return the notices."""
    events: list[Event] = []
    run(agent.run_turn(text, events.append, pictures))
    return [event.text for event in events if isinstance(event, Notice)]


def shown(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def test_a_model_that_sees_gets_the_picture_before_the_words() -> None:
    model = Looking(vision=True)
    assert ask(AIAgent(model), "What is this?", DATA) == []
    assert model.shown == [[{"role": "user", "content": [shown(DATA), {"type": "text", "text": "What is this?"}]}]]


def test_a_model_that_does_not_see_gets_all_the_words_and_the_reader_is_told() -> None:
    model = Looking(vision=False)
    agent = AIAgent(model)
    assert ask(agent, "What is this?", DATA) == [NO_EYES]
    assert ask(agent, "And now?") == []
    (first, second) = model.shown
    assert first == [{"role": "user", "content": f"{UNSEEN}\n\nWhat is this?"}]
    assert second[0] == first[0]
    assert agent.history[0]["content"][0] == shown(DATA)  # another model may see it


def test_the_history_keeps_a_name_and_the_model_gets_the_picture() -> None:
    model, looked_up = Looking(vision=True), []

    async def load(name: str) -> str:
        looked_up.append(name)
        return DATA

    agent = AIAgent(model, load_picture=load)
    assert ask(agent, "", "a:1") == []
    assert agent.history[0] == {"role": "user", "content": [shown("a:1")]}
    assert model.shown == [[{"role": "user", "content": [shown(DATA)]}]]
    again = AIAgent(model, history=agent.history, load_picture=load)
    ask(again, "Which colour?")
    assert model.shown[1][0] == model.shown[0][0]
    assert looked_up == ["a:1", "a:1"]


def test_a_picture_that_cannot_be_had_is_told_once_and_the_words_are_answered() -> None:
    async def load(_: str) -> None:
        return None

    for agent in (AIAgent(Looking(vision=True), load_picture=load), AIAgent(Looking(vision=True))):
        assert ask(agent, "What is this?", "a:1", "a:2") == [NO_PICTURE]
        assert ask(agent, "And this?") == []
    model = Looking(vision=True)
    ask(AIAgent(model, load_picture=load), "What?", "a:1")
    assert model.shown[0][0]["content"] == f"{LOST}\n\nWhat?"


def test_only_the_newest_pictures_are_sent() -> None:
    model = Looking(vision=True)
    agent = AIAgent(model)
    for number in range(MOST + 2):
        ask(agent, "", f"data:{number}")
    sent = [message["content"] for message in model.shown[-1] if message["role"] == "user"]
    assert sent[:2] == [EARLIER, EARLIER]
    assert sent[2:] == [[shown(f"data:{number}")] for number in range(2, MOST + 2)]


def test_all_pictures_of_a_question_are_sent_and_then_no_earlier_ones() -> None:
    model = Looking(vision=True)
    agent = AIAgent(model)
    album = [f"data:{number}" for number in range(10)]
    ask(agent, "", "data:before")
    ask(agent, "", *album)
    sent = [message["content"] for message in model.shown[-1] if message["role"] == "user"]
    assert sent == [EARLIER, list(map(shown, album))]


def test_questions_with_pictures_that_follow_one_another_are_joined() -> None:
    history = History()
    history.question("Two of them:", ["a:1"])
    history.question("", ["a:2"])
    history.question("Which is nicer?")
    (message,) = history.for_model()
    words = [part["text"] for part in message["content"] if part["type"] == "text"]
    assert words == ["Two of them:", "Which is nicer?"]
    assert sum(part["type"] == "image_url" for part in message["content"]) == 2


def test_a_picture_does_not_fill_the_context_with_its_letters() -> None:
    history = History()
    history.question("a", ["data:" + "x" * 1_000_000])
    history.answer("b")
    history.question("c")
    assert len(history.for_model(4000)) == 3
    assert len(history.for_model(400)) == 1


def test_a_model_whose_server_turns_out_to_take_no_pictures_is_told_of_once() -> None:
    class Refusing(Looking):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            self.vision = False
            return await super().stream(request, emit)

    agent = AIAgent(Refusing(vision=True))
    assert ask(agent, "What is this?", DATA) == [NO_EYES]
    assert ask(agent, "And now?") == []
