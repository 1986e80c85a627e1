"""Groups: a first message, its edits, and the last edit without a cursor; what is refused and what is too long."""

import asyncio

import pytest

from telex.display.frame import Frame, Plain, Shown, TryLater
from telex.display.screen import Pacing
from telex.surfaces.telegram.dialect import utf16_length
from tests.surfaces.telegram.stage import (
    ADA,
    CURSOR,
    LAB,
    Stage,
    answered,
    final,
    numbered,
    option,
    play,
    preview,
)

EXACT = 1e-6  # what sums of seconds may be off by


def test_an_answer_in_a_group_is_one_message_that_grows_with_a_cursor_and_ends_without():
    async def story(stage: Stage) -> None:
        await stage.shown(100, LAB)
        first, *growing, last = stage.calls()
        assert first.method == "sendMessage"
        assert {call.method for call in growing} == {"editMessageText"}
        assert all(call.params["text"].endswith(CURSOR) for call in (first, *growing))
        assert last.params["text"] == numbered(100)
        assert stage.texts(LAB) == [numbered(100)]

    play(story)


def test_link_previews_are_off():
    async def story(stage: Stage) -> None:
        answer = stage.answer(LAB)
        await answer.say("Look at https://example.org and wait. " + numbered(100))
        assert await answer.end()
        assert len(stage.calls()) > 3
        assert all(option(call, "link_preview_options") == {"is_disabled": True} for call in stage.calls())

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_refused_entities_are_shown_as_the_rendered_letters(chat: int):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        await answer.say("This is **bold** and `code` and [a link](https://example.org).", 0.4)
        assert await answer.end()
        assert stage.texts(chat) == ["This is bold and code and a link."]
        refused = [call for call in stage.calls() if call.status == 400]
        assert len(refused) == 1
        behind = stage.calls()[stage.calls().index(refused[0]) + 1 :]
        assert behind[0].at - answered(refused[0]) < 0.1
        assert not [call for call in behind if "entities" in call.params]

    play(story, faults="*#3=entities")


def test_a_message_that_is_not_modified_is_shown():
    async def story(stage: Stage) -> None:
        surface = stage.surface(LAB, cursor="")
        assert await surface.show(preview("Well.")) == Shown()
        assert await surface.show(final("Well.")) == Shown()
        assert stage.calls()[-1].status == 400
        assert stage.texts(LAB) == ["Well."]

    play(story)


def test_markup_that_is_refused_on_a_plain_frame_is_not_asked_for_again():
    async def story(stage: Stage) -> None:
        surface = stage.surface(LAB)
        assert await surface.show(final("*Well*.")) == Plain()
        assert await surface.show(Frame(0, "*Well*.", final=True, plain=True)) == Shown()
        assert "entities" not in stage.messages(LAB)[0]

    play(story, faults="sendMessage#1=entities")


@pytest.mark.parametrize(("chat", "method"), [(LAB, "editMessageText"), (LAB, "sendMessage"), (ADA, "sendMessage")])
def test_a_flood_wait_is_waited_out_in_full_and_never_called_into(chat: int, method: str):
    async def story(stage: Stage) -> None:
        await stage.shown(200, chat)
        (refused,) = [call for call in stage.calls() if call.status == 429]
        after = [call for call in stage.calls("sendMessage", "editMessageText") if call.at > refused.at]
        assert after[0].at - answered(refused) >= 17 - EXACT
        assert after[0].status == 200
        assert stage.texts(chat) == [numbered(200)]

    play(story, faults=f"{method}#1=429:17")


def test_a_flood_wait_says_how_long():
    async def story(stage: Stage) -> None:
        assert await stage.surface(LAB).show(final("Well.")) == TryLater(17.0)

    play(story, faults="sendMessage#1=429:17")


# -- lengths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chat", [ADA, LAB])
@pytest.mark.parametrize("word", ["word", "👩‍👩‍👧‍👦", "𝕨𝕠𝕣𝕕"])
def test_no_call_has_more_than_4096_utf16_units(chat: int, word: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        await answer.say(" ".join([word] * 1800), 0.1, words=5)
        assert await answer.end()
        assert max(utf16_length(call.params["text"]) for call in stage.calls()) <= 4096
        assert {call.status for call in stage.calls()} == {200}
        assert " ".join(stage.texts(chat)).split() == [word] * 1800
        assert len(stage.texts(chat)) > 1

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_code_goes_on_in_the_next_message_with_its_language(chat: int):
    async def story(stage: Stage) -> None:
        lines = [f"value_{number} = {number}" for number in range(500)]
        answer = stage.answer(chat)
        await answer.say("Look:\n\n```python\n" + "\n".join(lines) + "\n```\n\nThat is it.", 0.1, words=5)
        assert await answer.end()
        code = []
        for message in stage.messages(chat):
            (entity,) = [entity for entity in message["entities"] if entity["type"] == "pre"]
            assert entity["language"] == "python"
            code += message["text"][entity["offset"] : entity["offset"] + entity["length"]].split("\n")
        assert code == lines
        assert len(stage.messages(chat)) > 2

    play(story)


# -- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chat", [ADA, LAB])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_preview_that_hangs_is_given_up_after_two_seconds(chat: int, when: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        await answer.say(numbered(200))
        assert await answer.end()
        hung, following = stage.calls()[2:4]
        assert hung.status == 0
        assert 2.0 - EXACT <= following.at - hung.at < 2.5
        assert stage.texts(chat) == [numbered(200)]

    play(story, faults=f"sendMessageDraft#3=hang_{when}; editMessageText#2=hang_{when}")


def test_where_calls_take_long_a_preview_has_four_trips():
    async def story(stage: Stage) -> None:
        await stage.shown(800, LAB)
        hung = next(call for call in stage.calls() if call.status == 0)
        following = stage.calls()[stage.calls().index(hung) + 1]
        assert following.at - hung.at >= 4 * 1.5 - EXACT

    play(story, latency=1.5, faults="editMessageText#4=hang_before")


def test_a_final_that_hangs_is_looked_for_after_ten_seconds():
    async def story(stage: Stage) -> None:
        await stage.shown(60)
        hung, found = stage.calls("sendMessage", "editMessageText")
        assert hung.status == 0
        assert found.method == "editMessageText"
        assert 10.0 - EXACT <= found.at - hung.at < 10.5
        assert stage.texts() == [numbered(60)]

    play(story, faults="sendMessage#1=hang_after")


@pytest.mark.parametrize("chat", [ADA, LAB])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_preview_that_hangs_when_the_answer_ends_does_not_hold_up_the_final(chat: int, when: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat, pacing=Pacing(edit_interval=0.0, buffer_threshold=1, preview_bound=60.0))
        await answer.say(numbered(4), 1.0)
        shows = ["sendMessageDraft", "sendMessage", "editMessageText"]
        stage.simulator.faults = stage.simulator.faults.parse(f"*#1=hang_{when}")
        await answer.say("The last words.", 0.01)
        ended = stage.simulator.clock()
        answer.consumer.finish()
        await stage.simulator.wait_for(lambda: any(text.endswith("The last words.") for text in stage.texts(chat)))
        finals = [call for call in stage.calls(*shows) if call.at >= ended and call.params["text"].endswith("words.")]
        assert finals[0].at - ended <= 0.5
        await answer.driving
        assert stage.texts(chat) == [f"{numbered(4)} The last words."]

    play(story)


def test_an_edit_that_was_given_up_on_is_confirmed_lest_it_comes_late():
    async def story(stage: Stage) -> None:
        answer = stage.answer(LAB, pacing=Pacing(edit_interval=0.0, buffer_threshold=1))
        await answer.say(numbered(4), 1.0)
        stage.simulator.faults = stage.simulator.faults.parse("editMessageText#1=hang_after")
        await answer.say("The last words.", 0.01)
        assert await answer.end()
        confirmed = [call for call in stage.calls() if call.params["text"] == f"{numbered(4)} The last words."]
        assert len(confirmed) == 2
        assert stage.texts(LAB) == [f"{numbered(4)} The last words."]

    play(story)


def test_while_nothing_is_said_in_a_group_the_typing_sign_lives_and_no_edit_is_repeated():
    async def story(stage: Stage) -> None:
        answer = stage.answer(LAB)
        await answer.say(numbered(10))
        await asyncio.sleep(3)
        calls = len(stage.calls())
        begun = stage.simulator.clock()
        await asyncio.sleep(60)
        assert len(stage.calls()) == calls
        signs = [call for call in stage.calls("sendChatAction") if call.at >= begun]
        assert 12 <= len(signs) <= 15
        assert await answer.end()

    play(story)
