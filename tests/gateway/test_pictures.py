"""Pictures that people send, from the chat to the model and back over a restart."""

import asyncio
import base64
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from telex.agent.pictures import NO_EYES as TOLD_IN_THE_ANSWER
from telex.agent.pictures import NO_PICTURE
from telex.events import TextDelta
from telex.gateway.desk import NO_EYES
from telex.gateway.journal import Journal
from telex.gateway.pictures import MOST_BYTES
from telex.providers.base import Emit, Message, Reply, Request
from telex.providers.pictures import pictures, words
from telex.simulator.files import as_document, as_photo
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.gateway.playground import ADA, CODE, LAB, WORKSHOP, Playground, Words, numbered, play, playground

BOT = "@telex_demo_bot"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200))


class Seeing(Words):
    """Says how many pictures it was shown in all, and what it was asked last."""

    def __init__(self, *, vision: bool = True) -> None:
        super().__init__()
        self.vision = vision

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer the last question."""
        self.asked.append(list(request.messages))
        text = f"{len(shown(request.messages))} pictures. {words(request.messages[-1]['content'])}"
        emit(TextDelta(text))
        return Reply(text)


def shown(messages: Sequence[Message]) -> list[str]:
    return [url for message in messages for url in pictures(message)]


def data(kind: str, picture: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


@pytest.mark.parametrize(("chat", "thread"), [(ADA, None), (LAB, None), (WORKSHOP, CODE)])
def test_a_photo_with_words_is_seen_and_so_it_is_by_the_next_question(chat: int, thread: int | None) -> None:
    async def story(here: Playground) -> None:
        here.simulator.send_photo(chat, PNG, f"{BOT} what is this?", thread_id=thread)
        await here.answered(chat, "1 pictures. what is this?", thread)
        assert shown(here.model.asked[0]) == [data("png", PNG)]
        here.say(chat, f"{BOT} and the colour?", thread_id=thread)
        await here.answered(chat, "1 pictures. and the colour?", thread)
        assert len(here.calls("getFile")) == len(here.calls("download")) == 1

    play(story, model=Seeing())


def test_an_image_sent_as_a_file_is_seen_whatever_its_sender_calls_it() -> None:
    async def story(here: Playground) -> None:
        file = here.simulator.files.add(JPEG, "image/png")
        here.simulator.say(ADA, "", media=as_document(file))
        await here.answered(ADA, "1 pictures.")
        assert shown(here.model.asked[0]) == [data("jpeg", JPEG)]

    play(story, model=Seeing())


def test_of_a_photo_the_largest_size_that_models_make_use_of_is_fetched() -> None:
    async def story(here: Playground) -> None:
        sizes = [
            as_photo(here.simulator.files.add(JPEG + bytes([side % 256])), side, side // 2)
            for side in (320, 1280, 2560)
        ]
        here.simulator.say(ADA, "?", media={"photo": [size["photo"][0] for size in sizes]})
        await here.answered(ADA, "1 pictures. ?")
        assert here.calls("getFile")[0].params["file_id"] == sizes[1]["photo"][0]["file_id"]

    play(story, model=Seeing())


def test_a_model_that_does_not_see_answers_the_words_and_the_reader_is_told() -> None:
    async def story(here: Playground) -> None:
        here.simulator.send_photo(ADA, PNG, "What is this?")
        await here.until(lambda: any("What is this?" in text for text in here.texts(ADA)))
        (text,) = here.texts(ADA)
        assert TOLD_IN_THE_ANSWER in text
        here.simulator.send_photo(ADA, PNG)
        await here.answered(ADA, NO_EYES)
        assert len(here.model.asked) == 1
        assert not here.calls("getFile")

    play(story, model=Seeing(vision=False))


def test_an_album_is_one_question_with_all_its_pictures_and_its_parts_are_done_with(tmp_path: Path) -> None:
    async def story(here: Playground) -> None:
        for number, caption in enumerate([f"{BOT} which is best?", "", ""]):
            media = {**as_photo(here.simulator.files.add(PNG + bytes([number])), 90, 90), "media_group_id": "77"}
            here.simulator.say(LAB, caption, media=media)
        await here.answered(LAB, "3 pictures. which is best?")
        assert len(here.model.asked) == 1
        assert len(here.texts(LAB)) == 1

    play(story, model=Seeing(), folder=tmp_path)
    with sqlite3.connect(tmp_path / "journal-12345.sqlite3") as db:
        assert db.execute("SELECT count(*), sum(done) FROM inbox").fetchone() == (3, 3)


def test_a_question_in_reply_to_a_photo_is_about_it() -> None:
    async def story(here: Playground) -> None:
        photo = here.simulator.send_photo(LAB, PNG)
        here.say(LAB, f"{BOT} what is it?", reply_to=photo["message_id"])
        await here.answered(LAB, "1 pictures. what is it?")
        assert shown(here.model.asked[0]) == [data("png", PNG)]

    play(story, model=Seeing())


@pytest.mark.parametrize("what", ["too large", "no picture", "gone"])
def test_a_picture_that_cannot_be_had_is_told_and_the_words_are_answered(what: str, caplog: Any) -> None:
    async def story(here: Playground) -> None:
        picture = {"too large": JPEG + bytes(MOST_BYTES), "no picture": b"%PDF-1.7", "gone": JPEG}[what]
        media = as_photo(here.simulator.files.add(picture), 90, 90)
        if what == "gone":
            media["photo"][0]["file_id"] = "AgAnother"
        here.simulator.say(ADA, "What is this?", media=media)
        await here.until(lambda: any(NO_PICTURE in text for text in here.texts(ADA)))
        assert "0 pictures." in here.texts(ADA)[-1]
        assert here.simulator.token.partition(":")[2] not in caplog.text + str(here.texts(ADA))

    caplog.set_level(logging.DEBUG)
    play(story, model=Seeing())


def test_the_journal_keeps_names_and_a_new_run_sees_the_picture_again(tmp_path: Path) -> None:
    async def main() -> None:
        simulator = Simulator(limits=Limits.none())
        await simulator.start()
        async with playground(folder=tmp_path, simulator=simulator, model=Seeing()) as here:
            here.simulator.send_photo(ADA, PNG * 1000, "What is this?")
            await here.answered(ADA, "1 pictures. What is this?")
        async with playground(folder=tmp_path, simulator=simulator, model=Seeing()) as here:
            here.say(ADA, "And the colour?")
            await here.answered(ADA, "1 pictures. And the colour?")
            assert shown(here.model.asked[0]) == [data("png", PNG * 1000)]
        await simulator.stop()
        with sqlite3.connect(tmp_path / "journal-12345.sqlite3") as db:
            bodies = [body for (body,) in db.execute("SELECT body FROM inbox UNION ALL SELECT body FROM conversations")]
        assert max(map(len, bodies)) < 1000

    asyncio.run(main())


def test_a_question_that_a_former_run_took_in_is_asked_again_with_its_picture(tmp_path: Path) -> None:
    async def main() -> None:
        simulator = Simulator(limits=Limits.none())
        await simulator.start()
        file = simulator.files.add(PNG)
        journal = await Journal.open(tmp_path, 12345)
        await journal.begin(1, ADA, None, 5, "What is this?", ADA, [f"telegram:{file.id}"])
        await journal.close()
        async with playground(folder=tmp_path, simulator=simulator, model=Seeing()) as here:
            await here.answered(ADA, "1 pictures. What is this?")
        await simulator.stop()

    asyncio.run(main())


def test_an_album_that_was_not_whole_at_a_stop_is_asked_about_by_the_next_run(tmp_path: Path) -> None:
    async def main() -> None:
        simulator = Simulator(limits=Limits.none())
        await simulator.start()
        for run in range(2):
            async with playground(folder=tmp_path, simulator=simulator, model=Seeing()) as here:
                if run == 0:
                    for number, caption in enumerate(["Which is best?", ""]):
                        media = {**as_photo(simulator.files.add(PNG + bytes([number])), 90, 90), "media_group_id": "77"}
                        simulator.say(ADA, caption, media=media)
                    await here.until(lambda: not simulator.queue.pending)
                else:
                    await here.answered(ADA, "2 pictures. Which is best?")
        await simulator.stop()

    asyncio.run(main())


def test_words_alone_are_asked_as_ever() -> None:
    async def story(here: Playground) -> None:
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        assert here.model.asked[0][-1]["content"] == "say 3"

    play(story)
