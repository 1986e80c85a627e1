"""Rich messages: used where an answer needs them and the chat takes them, and never at the cost of an answer."""

import asyncio
import json
from typing import Any

import pytest

from telex.config import RichMessages
from telex.display.screen import Pacing
from telex.events import ReasoningDelta
from telex.simulator.limits import Limits, Rate
from telex.simulator.rich import counted
from telex.surfaces.telegram.rich_choice import REFUSED_FOR
from tests.surfaces.telegram.stage import ADA, CURSOR, GRACE, LAB, Stage, final, numbered, play, preview

RICH = ("sendRichMessage", "sendRichMessageDraft")
TABLE = "| name | size |\n|---|--:|\n| one | 1 |\n| two | 2 |"
ANSWER = f"## Sizes\n\n{numbered(60)}\n\n{TABLE}\n\nThat is all."
LETTERS = "".join(filter(str.isalnum, f"Sizes{numbered(60)}namesizeone1two2Thatisall"))


def kinds(stage: Stage, chat: int = ADA) -> list[str]:
    """How each message of the bot is made, oldest first."""
    return ["rich" if "rich_message" in message else "text" for message in stage.messages(chat)]


def letters(stage: Stage, chat: int = ADA) -> str:
    """All that can be read there."""
    return "".join(filter(str.isalnum, "".join(stage.texts(chat))))


async def told(stage: Stage, text: str = ANSWER, chat: int = ADA, words: int = 1, **how: Any) -> None:
    """An answer with this text."""
    answer = stage.answer(chat, **how)
    await answer.say(text, words=words)
    assert await answer.end()


def test_the_first_answer_that_needs_it_ends_as_a_rich_message_and_the_second_is_drafted_as_one():
    async def story(stage: Stage) -> None:
        await told(stage)
        assert kinds(stage) == ["rich"]
        assert not stage.calls("sendRichMessageDraft")
        await told(stage)
        assert kinds(stage) == ["rich", "rich"]
        assert len(stage.calls("sendRichMessageDraft")) > 5
        assert letters(stage) == LETTERS * 2
        (table,) = [block for block in stage.messages()[0]["rich_message"]["blocks"] if block["type"] == "table"]
        assert table["cells"][1][1]["text"] == "1"

    play(story)


@pytest.mark.parametrize("mode", ["auto", "off"])
def test_an_answer_that_entities_can_show_is_no_rich_message(mode: RichMessages):
    async def story(stage: Stage) -> None:
        await told(stage, "**bold** and `code`" if mode == "auto" else ANSWER)
        assert kinds(stage) == ["text"]
        assert not stage.calls(*RICH)

    play(story, rich=mode)


def test_with_rich_on_every_answer_is_one_from_its_first_draft():
    async def story(stage: Stage) -> None:
        await told(stage, numbered(30))
        assert kinds(stage) == ["rich"]
        drafts = [call for call in stage.calls("sendMessageDraft") if call.params["text"]]
        assert not drafts
        assert stage.calls("sendRichMessageDraft")

    play(story, rich="on")


def test_a_group_sees_a_rich_message_grow_by_edits_with_a_cursor_that_goes():
    async def story(stage: Stage) -> None:
        await told(stage, chat=LAB)
        await told(stage, chat=LAB)
        grown = [
            call.params["rich_message"] for call in stage.calls("editMessageText") if "rich_message" in call.params
        ]
        assert len(grown) > 3
        assert CURSOR.strip() in grown[-2]
        assert kinds(stage, LAB) == ["rich", "rich"]
        assert letters(stage, LAB) == LETTERS * 2

    play(story)


def test_an_answer_begins_with_entities_and_goes_on_as_a_rich_message_from_where_it_needs_it():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        await told(stage, f"{numbered(40)}\n\n{TABLE}\n\n{numbered(20, 'v')}")
        methods = [call.method for call in stage.calls()]
        first = methods.index("sendRichMessageDraft")
        assert "sendMessageDraft" in methods[:first]
        assert set(methods[first:]) == {"sendRichMessageDraft", "sendRichMessage"}
        assert kinds(stage) == ["rich"]

    play(story)


@pytest.mark.parametrize("fault", ["no_rich", "rich_refused"])
@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_refusal_costs_one_call_no_time_and_no_letter(chat: int, fault: str):
    async def story(stage: Stage) -> None:
        await told(stage, chat=chat)
        assert kinds(stage, chat) == ["text"]
        assert letters(stage, chat) == LETTERS
        asked = [call for call in stage.calls() if "rich_message" in call.params]
        assert len(asked) == 1
        after = next(call for call in stage.calls() if call.at > asked[0].at)
        assert asked[0].answered_at is not None
        assert after.at - asked[0].answered_at < 0.01
        await told(stage, chat=chat)
        assert len([call for call in stage.calls() if "rich_message" in call.params]) == 1

    play(story, faults=f"*#1={fault}")


def test_a_chat_that_refused_is_asked_again_after_some_minutes_and_another_chat_at_once():
    async def story(stage: Stage) -> None:
        await told(stage)
        stage.simulator.bot.rich_refusal = None
        await told(stage)
        assert kinds(stage) == ["text", "text"]
        stage.simulator.add_private(GRACE, "Grace")
        await told(stage, chat=GRACE)
        assert kinds(stage, GRACE) == ["rich"]
        await asyncio.sleep(REFUSED_FOR)  # virtual time
        await told(stage)
        assert kinds(stage) == ["text", "text", "rich"]

    play(story, faults="*#1=rich_refused")


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_long_page_that_is_refused_in_its_middle_is_cut_anew_and_loses_nothing(chat: int):
    async def story(stage: Stage) -> None:
        stage.telegram.chat(chat).rich.taken = True
        answer = stage.answer(chat)
        await answer.say(f"# T\n\n{numbered(2000)}", words=100)
        assert len(stage.texts(chat)) <= 1  # so far all of it on one page
        stage.simulator.faults = type(stage.simulator.faults).parse("*#1=rich_refused")
        await answer.say(numbered(400, "v"), words=50)
        assert await answer.end()
        assert set(kinds(stage, chat)) == {"text"}
        assert letters(stage, chat) == "".join(filter(str.isalnum, f"T{numbered(2000)}{numbered(400, 'v')}"))
        assert len(stage.texts(chat)[0]) > 3500

    play(story)


def test_a_rich_page_holds_thirty_thousand_characters_and_the_next_one_the_rest():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        text = f"# T\n\n{numbered(8000)}"
        await told(stage, text, words=200)
        assert kinds(stage) == ["rich", "rich"]
        first, last = stage.texts()
        assert 27000 < len(first) <= 32768
        assert f"{first} {last}" == text.removeprefix("# ").replace("\n\n", "\n")

    play(story)


def test_a_whole_answer_at_once_is_one_rich_message_where_the_chat_takes_them():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        text = f"{numbered(4000)}\n\n{TABLE}"
        await told(stage, text, words=10**6, transport="off", pacing=Pacing(previews=False))
        assert kinds(stage) == ["rich"]
        assert len(stage.texts()[0]) > 20000

    play(story)


def test_a_page_has_at_most_five_hundred_blocks():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        text = "# T\n\n" + "\n\n".join(f"p{number}" for number in range(700))
        await told(stage, text, words=10**6)
        found = [counted(message["rich_message"]["blocks"]).blocks for message in stage.messages()]
        assert max(found) <= 500
        assert sum(found) == 701

    play(story)


def test_a_table_of_more_than_twenty_columns_goes_with_entities():
    async def story(stage: Stage) -> None:
        row = "|" + "|".join(f"c{number}" for number in range(21)) + "|"
        await told(stage, f"{row}\n|{'---|' * 21}\n{row}")
        assert kinds(stage) == ["text"]

    play(story)


@pytest.mark.parametrize("method", RICH)
def test_a_flood_wait_is_a_flood_wait_and_says_nothing_of_rich_messages(method: str):
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        await told(stage)
        (call,) = [call for call in stage.calls(method) if call.status == 429]
        assert call.answered_at is not None
        later = [other.at for other in stage.calls(method, "sendMessage", "sendMessageDraft") if other.at > call.at]
        assert min(later) >= call.answered_at + 1
        assert kinds(stage) == ["rich"]
        assert stage.telegram.chat(ADA).rich.taken

    play(story, faults=f"{method}#1=429:1")


@pytest.mark.parametrize("fault", ["reset_after", "reset_before", "hang_after", "502_after"])
@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_rich_message_whose_making_is_not_answered_stands_once(chat: int, fault: str):
    async def story(stage: Stage) -> None:
        stage.telegram.chat(chat).rich.taken = True
        await told(stage, chat=chat)
        assert kinds(stage, chat) == ["rich"]
        assert letters(stage, chat) == LETTERS

    play(story, faults=f"sendRichMessage#1={fault}")


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_lost_rich_message_is_found_also_where_none_is_taken_any_more(chat: int):
    async def story(stage: Stage) -> None:
        stage.telegram.chat(chat).rich.taken = True
        await told(stage, chat=chat)
        assert kinds(stage, chat) == ["text"]
        assert letters(stage, chat) == LETTERS

    play(story, faults="sendRichMessage#1=reset_after; editMessageText#1=rich_refused")


def test_a_rich_message_that_is_deleted_goes_on_in_a_new_one_with_all_its_words():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(LAB).rich.taken = True
        answer = stage.answer(LAB)
        await answer.say(f"# T\n\n{numbered(40)}")
        stage.simulator.delete(LAB, stage.messages(LAB)[0]["message_id"])
        await answer.say(numbered(40, "v"))
        assert await answer.end()
        assert kinds(stage, LAB) == ["rich"]
        assert letters(stage, LAB) == "".join(filter(str.isalnum, f"T{numbered(40)}{numbered(40, 'v')}"))

    play(story)


def test_after_a_stop_the_end_is_a_rich_message_and_there_is_no_further_draft():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        answer = stage.answer()
        await answer.say(f"# T\n\n{numbered(40)}")
        assert stage.simulator.press_stop(ADA)
        drafts = len(stage.calls("sendRichMessageDraft"))
        answer.surface.stop_previews()
        assert await answer.end()
        assert len(stage.calls("sendRichMessageDraft")) == drafts
        assert kinds(stage) == ["rich"]

    play(story)


def test_reasoning_has_a_line_of_its_own_in_a_draft_of_a_chat_that_takes_rich_messages():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        answer = stage.answer(pacing=Pacing(reasoning="live"))
        answer.consumer.emit(ReasoningDelta("is <b>it</b> so?"))
        await stage.simulator.wait_for(lambda: bool(stage.calls("sendRichMessageDraft")))
        await asyncio.sleep(1)  # virtual time
        draft = stage.simulator.draft(ADA)
        assert draft
        assert draft.blocks == ({"type": "thinking", "text": "💭 is <b>it</b> so?"},)
        await answer.say("It is so.")
        assert await answer.end()
        assert stage.texts() == ["It is so."]
        assert kinds(stage) == ["text"]

    play(story)


def test_a_message_that_is_read_from_right_to_left_says_so():
    async def story(stage: Stage) -> None:
        await told(stage, "# שלום\n\n| א | ב |\n|---|---|\n| ג | ד |")
        await told(stage)
        assert [message["rich_message"].get("is_rtl") for message in stage.messages()] == [True, None]

    play(story)


def test_limits_count_rich_messages_and_the_answer_arrives_in_time():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(ADA).rich.taken = True
        for _ in range(4):
            await told(stage)
        assert kinds(stage) == ["rich"] * 4

    play(story, limits=Limits(drafts=Rate(1.0, 3)))


def test_what_a_chat_takes_is_kept_over_a_restart():
    async def story(stage: Stage) -> None:
        learned: list[bool] = []
        stage.telegram.on_learned = lambda: learned.append(True)
        await told(stage)
        assert learned
        after = type(stage.telegram)(stage.telegram.api)
        after.restore(stage.telegram.learned(), 1.0)
        assert after.chat(ADA).rich.taken
        assert not after.chat(GRACE).rich.taken

    play(story)


def test_one_frame_is_one_call_and_a_sign_of_life_of_a_rich_message_is_none():
    async def story(stage: Stage) -> None:
        stage.telegram.chat(LAB).rich.taken = True
        surface = stage.surface(LAB)
        for _ in range(3):
            await surface.show(preview("# T"))
        await surface.show(final("# T"))
        sent, edited = stage.calls()
        assert (sent.method, edited.method) == ("sendRichMessage", "editMessageText")
        assert json.loads(edited.params["rich_message"]) == {"markdown": "# T"}
        surface.leave()

    play(story)
