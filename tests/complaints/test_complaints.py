"""What people complain of in other tools, each as a test of its opposite; over real sockets, in virtual time.

Those that need a whole gateway stand beside this file, in `test_with_the_gateway`.
"""

import asyncio
from itertools import pairwise

import pytest

from telex.events import SegmentEnded, TextDelta, ToolFinished, ToolStarted
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from tests.surfaces.telegram.stage import (
    ADA,
    CODE,
    IDEAS,
    LAB,
    WORKSHOP,
    Answer,
    Stage,
    answered,
    numbered,
    play,
)

BOTH = pytest.mark.parametrize("chat", [ADA, LAB])
LOST = ("reset_after", "hang_after", "502_after", "reset_before", "hang_before", "502")


def words(stage: Stage, chat: int, thread: int | None = None) -> list[str]:
    """All words that the bot's messages have, in their order."""
    return " ".join(stage.texts(chat, thread)).split()


async def all_but_the_end(stage: Stage, chat: int) -> Answer:
    """An answer whose words are all said, and shown, and which has not ended."""
    answer = stage.answer(chat)
    await answer.say(numbered(60))
    await asyncio.sleep(6)  # virtual time, here and below
    return answer


async def ended_under(stage: Stage, answer: Answer, faults: str) -> float:
    """End an answer while this goes wrong; returns the seconds until its driver was done."""
    stage.simulator.faults = FaultPlan.parse(faults)
    begun = stage.simulator.clock()
    assert await answer.end()
    return stage.simulator.clock() - begun


@pytest.mark.parametrize(("chat", "transport"), [(ADA, "auto"), (ADA, "edit"), (LAB, "auto")])
def test_under_flood_control_no_partial_answer_stands_beside_a_full_one(chat: int, transport: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat, transport=transport)
        await answer.say(numbered(300))
        await ended_under(stage, answer, "sendMessage#1-2=429:9; editMessageText#1-2=429:9")
        assert [call for call in stage.calls() if call.status == 429]
        assert stage.texts(chat) == [numbered(300)]
        assert len([frame for frame in stage.simulator.frames if frame.kind == "message" and "w" in frame.text]) == 1

    play(story, faults="editMessageText#2=429:9; sendMessageDraft#4=429:1")


@BOTH
def test_a_final_that_is_on_the_wire_for_more_than_five_seconds_is_not_sent_again(chat: int):
    async def story(stage: Stage) -> None:
        answer = await all_but_the_end(stage, chat)
        before = len(stage.calls())
        await ended_under(stage, answer, "*#1=slow:9")
        assert len(stage.calls()) == before + 1
        assert stage.texts(chat) == [numbered(60)]

    play(story)


@pytest.mark.parametrize("fault", ["", *LOST])
def test_short_private_replies_come_once(fault: str):
    async def story(stage: Stage) -> None:
        said = ["Yes.", "No.", "42", "Of course not."]
        for text in said:
            answer = stage.answer()
            await answer.say(text, 0.01)
            assert await answer.end()
        assert stage.texts() == said

    play(story, faults=f"sendMessage#1={fault}; sendMessage#3={fault}" if fault else "")


def test_topics_of_a_forum_share_its_limit_and_are_never_locked_out():
    async def story(stage: Stage) -> None:
        topics = [stage.simulator.state.add_topic(stage.simulator.state.chats[WORKSHOP], f"T{n}").id for n in range(4)]
        await asyncio.gather(*(stage.shown(900, WORKSHOP, topic) for topic in topics))
        assert [stage.texts(WORKSHOP, topic) for topic in topics] == [stage.texts(WORKSHOP, topics[0])] * 4
        assert words(stage, WORKSHOP, topics[0]) == numbered(900).split()
        assert len(stage.calls()) > 12
        assert not [call for call in stage.calls() if call.status == 429]

    play(story, limits=Limits())


def test_many_chats_share_the_bots_limit_and_are_never_locked_out():
    async def story(stage: Stage) -> None:
        people = range(2001, 2041)
        for person in people:
            stage.simulator.add_private(person, f"P{person}")
        await asyncio.gather(*(stage.shown(200, person) for person in people))
        assert [stage.texts(person) for person in people] == [[numbered(200)]] * len(people)
        assert not [call for call in stage.calls() if call.status == 429]

    play(story, limits=Limits())


@pytest.mark.parametrize(("chat", "transport"), [(ADA, "draft"), (ADA, "edit"), (LAB, "auto")])
def test_while_a_limit_is_waited_out_words_go_on_to_be_taken_in_and_are_shown_right_after(chat: int, transport: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat, transport=transport)
        begun = stage.simulator.clock()
        await answer.say(numbered(600))
        assert stage.simulator.clock() - begun < 31
        refused = next(call for call in stage.calls() if call.status == 429)
        after = next(call for call in stage.calls() if call.at > answered(refused))
        newest = max(int(word[1:]) for word in after.params["text"].split() if word[0] == "w")
        assert newest * 0.05 > after.at - begun - 0.3  # a word every 0.05 s
        assert await answer.end()

    play(story, faults="sendMessageDraft#4=429:12; editMessageText#3=429:12")


@BOTH
def test_past_4096_nothing_is_repeated(chat: int):
    async def story(stage: Stage) -> None:
        await stage.shown(2500, chat)
        assert words(stage, chat) == numbered(2500).split()
        assert len(stage.texts(chat)) > 2
        # Not at any moment either: what is on two pages of one frame would be there twice.
        shown: dict[int | None, str] = {}
        for frame in stage.simulator.frames:
            if frame.kind in {"message", "edit"} and frame.text.startswith("w"):
                shown[frame.message_id] = frame.text.removesuffix("▉")
                seen = " ".join(shown.values()).split()
                assert seen == numbered(len(seen)).split()

    play(story)


@BOTH
def test_what_comes_after_the_first_part_is_not_clipped_also_where_nothing_can_be_cut_at_a_space(chat: int):
    async def story(stage: Stage) -> None:
        text = "".join(f"{number:05}" for number in range(2400))
        answer = stage.answer(chat)
        for at in range(0, len(text), 60):
            answer.consumer.emit(TextDelta(text[at : at + 60]))
            await asyncio.sleep(0.05)
        assert await answer.end()
        assert "".join(stage.texts(chat)) == text
        assert len(stage.texts(chat)) == 3

    play(story)


@pytest.mark.parametrize("fault", ["500", "429:4", *LOST])
def test_the_cursor_goes_and_the_rest_is_sent_when_the_last_edits_fail(fault: str):
    async def story(stage: Stage) -> None:
        answer = await all_but_the_end(stage, LAB)
        answer.consumer.emit(TextDelta("and the rest"))
        await ended_under(stage, answer, f"editMessageText#1-3={fault}")
        assert stage.texts(LAB) == [f"{numbered(60)} and the rest"]

    play(story)


@BOTH
def test_the_text_before_a_tool_call_keeps_its_end(chat: int):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        await answer.say(numbered(100))
        answer.consumer.emit(TextDelta("the very end"))
        answer.consumer.emit(SegmentEnded())
        answer.consumer.emit(ToolStarted("1", "search", "cats"))
        await asyncio.sleep(9)
        visible = stage.simulator.draft(ADA) if chat == ADA else None
        text = visible.text if visible else stage.texts(chat)[0]
        assert f"{numbered(100)} the very end" in text
        answer.consumer.emit(ToolFinished("1"))
        await answer.say(numbered(20, "x"))
        assert await answer.end()
        (whole,) = stage.texts(chat)
        assert whole.startswith(f"{numbered(100)} the very end\n")
        assert whole.endswith(f"\n{numbered(20, 'x')}")

    play(story)


@BOTH
def test_a_draft_or_a_typing_sign_does_not_vanish_while_a_tool_runs(chat: int):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        await answer.say("Let me look.")
        answer.consumer.emit(ToolStarted("1", "search", "cats"))
        await asyncio.sleep(5)
        begun = stage.simulator.clock()
        await asyncio.sleep(120)
        sign, life = ("sendMessageDraft", 30) if chat == ADA else ("sendChatAction", 5)
        starts = [begun, *(call.at for call in stage.calls(sign) if call.at > begun), stage.simulator.clock()]
        assert all(later - earlier < life for earlier, later in pairwise(starts))
        assert not [frame for frame in stage.simulator.frames if frame.kind == "draft_gone"]
        assert await answer.end()

    play(story)


@BOTH
@pytest.mark.parametrize("fault", ["500", "429:1", "entities", "slow:5", *LOST])
def test_one_error_does_not_turn_streaming_off_for_the_rest_of_the_session(chat: int, fault: str):
    async def story(stage: Stage) -> None:
        method = "sendMessageDraft" if chat == ADA else "editMessageText"
        await stage.shown(300, chat)
        first = [call for call in stage.calls(method) if call.status == 200]
        await stage.shown(300, chat)
        second = [call for call in stage.calls(method) if call.status == 200][len(first) :]
        assert len(first) > 3
        assert len(second) > 3

    play(story, faults=f"sendMessageDraft#2={fault}; editMessageText#1={fault}")


@pytest.mark.parametrize(("chat", "transport"), [(ADA, "auto"), (ADA, "edit"), (LAB, "auto")])
def test_once_a_message_is_full_no_identical_edit_is_sent(chat: int, transport: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat, transport=transport)
        await answer.say(numbered(850), 0.1, words=5)  # just about full
        await asyncio.sleep(15)
        await answer.say(numbered(400, "x"), 0.1, words=5)
        assert await answer.end()
        shown = [(call.params.get("message_id"), call.params["text"]) for call in stage.calls("editMessageText")]
        assert len(shown) == len(set(shown))
        assert {call.status for call in stage.calls()} == {200}

    play(story)


@BOTH
def test_code_fences_are_not_broken_by_the_cut(chat: int):
    async def story(stage: Stage) -> None:
        lines = [f"value_{number} = {number}" for number in range(500)]
        answer = stage.answer(chat)
        await answer.say("```python\n" + "\n".join(lines) + "\n```", 0.1, words=5)
        assert await answer.end()
        assert len(stage.messages(chat)) > 2
        for message in stage.messages(chat):
            (entity,) = message["entities"]
            assert (entity["type"], entity["language"]) == ("pre", "python")
            assert (entity["offset"], entity["length"]) == (0, len(message["text"]))
        assert "\n".join(stage.texts(chat)).split("\n") == lines
        assert not [frame for frame in stage.simulator.frames if "`" in frame.text]

    play(story)


@pytest.mark.parametrize("fault", ["", *LOST])
def test_no_answer_comes_in_the_wrong_topic(fault: str):
    async def story(stage: Stage) -> None:
        marks = {IDEAS: "i", CODE: "c", None: "g"}

        async def one(topic: int | None) -> None:
            answer = stage.answer(WORKSHOP, topic)
            await answer.say(numbered(100, marks[topic]))
            assert await answer.end()

        await asyncio.gather(*map(one, marks))
        assert {topic: stage.texts(WORKSHOP, topic) for topic in marks} == {
            topic: [numbered(100, mark)] for topic, mark in marks.items()
        }
        wrong = [f for f in stage.simulator.frames if f.kind in {"message", "edit"} and f.text[0] in "icg"]
        assert all(frame.text[0] == marks[frame.thread_id] for frame in wrong)

    play(story, faults=f"sendMessage#1-3={fault}" if fault else "")


@BOTH
def test_a_reply_to_a_question_that_was_deleted_arrives(chat: int):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        (question,) = stage.simulator.messages(chat)
        stage.simulator.delete(chat, question["message_id"])
        await answer.say(numbered(60))
        assert await answer.end()
        assert stage.texts(chat) == [numbered(60)]

    play(story)


@pytest.mark.parametrize(("chat", "transport"), [(ADA, "draft"), (ADA, "edit"), (LAB, "auto")])
def test_nothing_is_called_inside_a_flood_window_to_lengthen_it(chat: int, transport: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat, transport=transport)
        await answer.say(numbered(600))
        assert await answer.end()
        refused = [call for call in stage.calls() if call.status == 429]
        assert len(refused) == 1
        limited = "sendMessageDraft" if transport == "draft" else "editMessageText"
        after = [call for call in stage.calls(limited) if call.at > refused[0].at]
        assert after[0].at - answered(refused[0]) > 16.999

    play(story, faults="sendMessageDraft#4=429:17; editMessageText#3=429:17")


@BOTH
def test_a_final_that_is_refused_for_its_time_is_not_dropped(chat: int):
    async def story(stage: Stage) -> None:
        answer = await all_but_the_end(stage, chat)
        took = await ended_under(stage, answer, "sendMessage#1-3=429:70; editMessageText#1-3=429:70")
        assert stage.texts(chat) == [numbered(60)]
        assert 210 <= took < 240

    play(story)


@BOTH
@pytest.mark.parametrize("fault", ["slow:40", "hang_before", "hang_after"])
def test_a_final_that_hangs_for_forty_seconds_takes_no_answer_with_it(chat: int, fault: str):
    async def story(stage: Stage) -> None:
        answer = await all_but_the_end(stage, chat)
        assert await ended_under(stage, answer, f"*#1={fault}") < 13
        assert stage.texts(chat) == [numbered(60)]
        await asyncio.sleep(40)
        assert stage.texts(chat) == [numbered(60)]

    play(story)


@BOTH
@pytest.mark.parametrize("fault", ["slow:40", "hang_before", "hang_after"])
def test_a_preview_that_hangs_for_forty_seconds_freezes_no_screen(chat: int, fault: str):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        await answer.say(numbered(200))
        seen = [frame.at for frame in stage.simulator.frames if "w" in frame.text] + [stage.simulator.clock()]
        assert all(later - earlier < 5.5 for earlier, later in pairwise(seen))
        assert await answer.end()
        assert stage.texts(chat) == [numbered(200)]

    play(story, faults=f"sendMessageDraft#3={fault}; editMessageText#2={fault}")
