"""A private chat: drafts while the answer grows, and one real message at its end."""

import asyncio
from itertools import pairwise

import pytest

from telex.simulator.refusals import Why
from telex.surfaces.telegram.chats import DRAFTS_REFUSED_FOR
from tests.surfaces.telegram.stage import ADA, GRACE, LAB, Stage, answered, final, numbered, option, play

DRAFT_LIFE = 30.0


def draft_ids(stage: Stage) -> list[str]:
    """The ids of the drafts, each once, in their order."""
    return list(dict.fromkeys(call.params["draft_id"] for call in stage.calls("sendMessageDraft")))


def test_an_answer_grows_in_one_draft_and_ends_as_one_message():
    async def story(stage: Stage) -> None:
        await stage.shown(60)
        assert len(stage.calls("sendMessageDraft")) > 5
        assert len(draft_ids(stage)) == 1
        assert stage.texts() == [numbered(60)]
        assert len(stage.calls("sendMessage")) == 1
        assert stage.calls("editMessageText") == []
        assert stage.simulator.draft(ADA) is None

    play(story)


def test_drafts_have_no_cursor_and_can_be_stopped():
    async def story(stage: Stage) -> None:
        await stage.shown(40)
        assert {call.params["can_stop"] for call in stage.calls("sendMessageDraft")} == {"true"}
        assert not [call for call in stage.calls() if "▉" in call.params["text"]]

    play(story)


def test_before_the_first_words_the_draft_is_empty():
    async def story(stage: Stage) -> None:
        answer = stage.answer()
        await asyncio.sleep(3)  # virtual time, here and below
        draft = stage.simulator.draft(ADA)
        assert draft is not None
        assert draft.text == ""
        await answer.say("Now.")
        assert await answer.end()
        assert len(draft_ids(stage)) == 1

    play(story)


def test_a_draft_lives_through_a_long_silence():
    async def story(stage: Stage) -> None:
        answer = stage.answer()
        await answer.say("Let me think.")
        await asyncio.sleep(200)
        assert not [frame for frame in stage.simulator.frames if frame.kind == "draft_gone"]
        starts = [call.at for call in stage.calls("sendMessageDraft")]
        assert all(later - earlier < DRAFT_LIFE for earlier, later in pairwise([*starts, 200.0]))
        assert len(starts) < 14
        assert {call.params["text"] for call in stage.calls("sendMessageDraft")[1:]} == {"Let me think."}
        assert await answer.end()

    play(story)


def test_a_draft_lives_and_shows_all_there_is_while_its_final_waits_out_a_limit():
    async def story(stage: Stage) -> None:
        await stage.shown(60)
        gone = [frame.at for frame in stage.simulator.frames if frame.kind == "draft_gone"]
        (message,) = [frame.at for frame in stage.simulator.frames if frame.kind == "message" and "w59" in frame.text]
        assert gone == [message]
        refused, shown = stage.calls("sendMessage")
        assert shown.at - answered(refused) >= 99.99
        after = [call for call in stage.calls("sendMessageDraft") if call.at > refused.at]
        assert after[0].params["text"] == numbered(60)
        assert len(after) < 8

    play(story, faults="sendMessage#1=429:100")


def test_a_message_of_the_bot_in_between_takes_the_draft_and_the_next_has_a_new_id_and_the_whole_text():
    async def story(stage: Stage) -> None:
        answer = stage.answer()
        await answer.say(numbered(20))
        await stage.surface().show(final("A status."))
        before = stage.calls("sendMessageDraft")[-1].params["draft_id"]
        await asyncio.sleep(1)
        draft = stage.simulator.draft(ADA)
        assert draft is not None
        assert draft.text == numbered(20)
        assert str(draft.draft_id) != before
        assert await answer.end()
        assert stage.texts() == ["A status.", numbered(20)]

    play(story)


def test_each_message_of_a_long_answer_has_a_draft_id_of_its_own():
    async def story(stage: Stage) -> None:
        await stage.shown(1500)
        messages = stage.texts()
        assert len(messages) > 1
        assert " ".join(messages).split() == numbered(1500).split()
        assert len(draft_ids(stage)) == len(messages)
        assert len(stage.calls("sendMessage")) == len(messages)

    play(story)


# -- drafts that do not work ------------------------------------------------------------------------------------------


def test_a_refused_draft_becomes_a_message_at_once_and_goes_on_by_edits():
    async def story(stage: Stage) -> None:
        stage.simulator.bot.draft_refusal = Why.DRAFT_PEER
        await stage.shown(60)
        refused, posted, *edits = stage.calls()
        assert refused.method == "sendMessageDraft"
        assert posted.method == "sendMessage"
        assert posted.at - answered(refused) < 0.1
        assert len(edits) > 2
        assert {call.method for call in edits} == {"editMessageText"}
        assert stage.texts() == [numbered(60)]

    play(story)


def test_a_chat_that_refused_a_draft_is_asked_again_after_some_minutes_and_other_chats_at_once():
    async def story(stage: Stage) -> None:
        stage.simulator.add_private(GRACE, "Grace")
        stage.simulator.bot.draft_refusal = Why.DRAFT_PEER
        await stage.shown(10)
        stage.simulator.bot.draft_refusal = None
        await stage.shown(10)
        assert len(stage.calls("sendMessageDraft")) == 1
        await stage.shown(10, GRACE)
        assert len(stage.calls("sendMessageDraft")) > 1
        await asyncio.sleep(DRAFTS_REFUSED_FOR)
        before = len(stage.calls("sendMessageDraft"))
        await stage.shown(10)
        assert len(stage.calls("sendMessageDraft")) > before

    play(story)


def test_a_server_without_drafts_is_asked_once():
    async def story(stage: Stage) -> None:
        stage.simulator.add_private(GRACE, "Grace")
        await stage.shown(20)
        await stage.shown(20, GRACE)
        assert len(stage.calls("sendMessageDraft")) == 1
        assert (stage.texts(), stage.texts(GRACE)) == ([numbered(20)], [numbered(20)])

    play(story, faults="sendMessageDraft#1=no_drafts")


def test_a_long_flood_wait_on_drafts_makes_a_silent_message_that_goes_on_by_edits():
    async def story(stage: Stage) -> None:
        await stage.shown(100)
        refused = next(call for call in stage.calls() if call.status == 429)
        after = [call for call in stage.calls() if call.at > refused.at]
        assert [after[0].method, after[-1].method] == ["sendMessage", "editMessageText"]
        assert after[0].at - refused.at < 2
        assert after[0].params["disable_notification"] == "true"
        assert not [call for call in after if call.method == "sendMessageDraft"]
        assert stage.texts() == [numbered(100)]
        await asyncio.sleep(5)
        await stage.shown(20)
        assert stage.calls()[-2].method == "sendMessageDraft"

    play(story, faults="sendMessageDraft#3=429:5")


def test_a_short_flood_wait_on_drafts_is_waited_out_in_full():
    async def story(stage: Stage) -> None:
        await stage.shown(100)
        drafts = stage.calls("sendMessageDraft")
        refused = next(call for call in drafts if call.status == 429)
        following = drafts[drafts.index(refused) + 1]
        assert following.at - answered(refused) >= 0.99
        assert len(stage.calls("sendMessage")) == 1

    play(story, faults="sendMessageDraft#3=429:1")


def test_drafts_that_are_never_answered_give_way_to_edits():
    async def story(stage: Stage) -> None:
        await stage.shown(300)
        assert len(stage.calls("sendMessageDraft")) == 3
        assert len(stage.calls("editMessageText")) > 2
        assert stage.texts() == [numbered(300)]

    play(story, faults="sendMessageDraft#2-99=hang_before")


def test_drafts_that_are_refused_for_their_time_are_not_counted_as_lost():
    async def story(stage: Stage) -> None:
        await stage.shown(600)
        assert len([call for call in stage.calls("sendMessageDraft") if call.status == 200]) > 2
        assert stage.calls("editMessageText") == []

    play(story, faults="sendMessageDraft#2-4=429:1")


# -- transports -------------------------------------------------------------------------------------------------------


def test_transport_draft_waits_out_any_flood_and_posts_nothing_but_the_end():
    async def story(stage: Stage) -> None:
        await stage.shown(300, transport="draft")
        drafts = stage.calls("sendMessageDraft")
        assert drafts[3].at - answered(drafts[2]) >= 6.99
        assert [call.method for call in stage.calls() if call.method != "sendMessageDraft"] == ["sendMessage"]

    play(story, faults="sendMessageDraft#3=429:7")


def test_transport_draft_where_drafts_do_not_work_shows_the_end_only():
    async def story(stage: Stage) -> None:
        stage.simulator.bot.draft_refusal = Why.DRAFT_PEER
        await stage.shown(60, transport="draft")
        await stage.shown(60, LAB, transport="draft")
        assert [call.method for call in stage.calls()] == ["sendMessageDraft", "sendMessage", "sendMessage"]

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_transport_off_shows_the_end_only(chat: int):
    async def story(stage: Stage) -> None:
        await stage.shown(60, chat, transport="off")
        assert [call.method for call in stage.calls()] == ["sendMessage"]

    play(story)


def test_transport_edit_edits_a_message_in_a_private_chat():
    async def story(stage: Stage) -> None:
        await stage.shown(60, transport="edit")
        methods = [call.method for call in stage.calls()]
        assert methods[0] == "sendMessage"
        assert set(methods[1:]) == {"editMessageText"}
        assert len(methods) > 3

    play(story)


# -- topics and stopping ----------------------------------------------------------------------------------------------


def test_in_a_topic_of_a_private_chat_every_call_names_it():
    async def story(stage: Stage) -> None:
        topic = stage.simulator.add_topic(ADA, "Plans").id
        await stage.shown(40, ADA, topic)
        assert {call.params.get("message_thread_id") for call in stage.calls()} == {str(topic)}
        assert stage.texts(ADA, topic) == [numbered(40)]

    play(story)


def test_a_message_in_one_topic_leaves_the_draft_of_another_alone():
    async def story(stage: Stage) -> None:
        topics = [stage.simulator.add_topic(ADA, name).id for name in ("Plans", "Cats")]
        answer = stage.answer(ADA, topics[0])
        await answer.say(numbered(10))
        await stage.shown(10, ADA, topics[1])
        await answer.say("more words")
        first = [call for call in stage.calls("sendMessageDraft") if option(call, "message_thread_id") == topics[0]]
        assert len({call.params["draft_id"] for call in first}) == 1
        assert await answer.end()

    play(story)


def test_after_a_stop_there_is_no_further_draft_also_while_the_end_waits_out_a_limit():
    async def story(stage: Stage) -> None:
        answer = stage.answer()
        await answer.say(numbered(40))
        stage.simulator.press_stop(ADA)
        answer.surface.stop_previews()
        stopped = stage.simulator.clock()
        assert await answer.end()
        assert not [call for call in stage.calls("sendMessageDraft") if call.at > stopped]
        assert stage.texts() == [numbered(40)]
        assert stage.simulator.clock() - stopped > 60

    play(story, faults="sendMessage#1=429:60")


def test_while_a_lost_message_is_looked_for_no_draft_stands_beside_it():
    async def story(stage: Stage) -> None:
        answer = stage.answer()
        await answer.say(numbered(40))
        assert await answer.end()
        posted = stage.calls("sendMessage")[0].at
        assert not [call for call in stage.calls("sendMessageDraft") if call.at > posted]
        assert (stage.texts(), stage.simulator.state.drafts) == ([numbered(40)], {})

    play(story, faults="sendMessage#1=reset_after; editMessageText#1=429:5")
