"""What people complain of in other tools: answers twice, answers cut, answers that never come to their end."""

import asyncio
from functools import partial

from telex.simulator.limits import Limits, Rate
from tests.gateway.playground import ADA, CURSOR, GRACE, LAB, Playground, Words, fenced, numbered, play, playground

BOT = "@telex_demo_bot"


def words(here: Playground, chat: int) -> list[str]:
    return [word for text in here.texts(chat) for word in text.split()]


def whole(here: Playground, chat: int, count: int) -> bool:
    return words(here, chat) == numbered(count).split()


def ended(here: Playground, chat: int, word: str) -> bool:
    return words(here, chat)[-1:] == [word]


def test_under_flood_control_there_is_no_partial_answer_beside_a_full_one():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 400")
        await here.until(lambda: whole(here, LAB, 400))
        assert [call for call in here.simulator.calls if call.status == 429]
        assert len(here.texts(LAB)) == 1

    play(story, faults=f"editMessageText@{LAB}#1-3=429:1; editMessageText@{LAB}#6=429:1")


def test_a_final_that_is_slow_to_be_answered_is_not_sent_again():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 20")
        await here.until(lambda: whole(here, ADA, 20))
        here.say(ADA, "say 21")
        await here.answered(ADA, numbered(21))
        assert words(here, ADA) == numbered(20).split() + numbered(21).split()
        assert len(here.calls("sendMessage")) == 2

    play(story, faults="sendMessage#1=slow:3", streaming={"final_timeout": 10.0})


def test_a_final_that_was_carried_out_and_not_answered_is_found_and_not_sent_again():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 20")
        await here.until(lambda: here.calls("editMessageText"))
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        assert here.texts(ADA) == [numbered(20), numbered(3)]

    for fault in ("reset_after", "hang_after"):
        play(story, faults=f"sendMessage#1={fault}", streaming={"final_timeout": 1.0})


def test_short_private_replies_come_once():
    async def story(here: Playground) -> None:
        for number in range(1, 8):
            here.say(ADA, f"say {number}")
            await here.answered(ADA, numbered(number))
        assert here.texts(ADA) == [numbered(number) for number in range(1, 8)]

    play(story)


def test_past_4096_nothing_is_repeated_and_nothing_clipped():
    async def story(here: Playground) -> None:
        for chat in (ADA, LAB):
            here.say(chat, f"{BOT} say 2500")
        for chat in (ADA, LAB):
            await here.until(partial(whole, here, chat, 2500))
            assert len(here.texts(chat)) == 4
            assert all(len(text) <= 4096 for text in here.texts(chat))

    play(story)


def test_the_cursor_is_not_left_and_the_rest_is_sent_when_the_last_edits_fail():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 300")
        await here.until(lambda: whole(here, LAB, 300))
        assert CURSOR not in "".join(here.texts(LAB))

    for fault in ("500", "502", "reset_before", "429:1"):
        play(story, faults=f"editMessageText#1-4={fault}")


def test_the_text_before_a_tool_call_keeps_its_end():
    async def story(here: Playground) -> None:
        for chat in (ADA, LAB):
            here.say(chat, f"{BOT} tool 30")
            await here.until(partial(ended, here, chat, "x29"))
            said = [word for word in words(here, chat) if word[0] in "wx"]
            assert said == [*numbered(30).split(), *numbered(30).replace("w", "x").split()]

    play(story)


def test_code_is_never_broken_by_the_cut():
    async def story(here: Playground) -> None:
        here.say(ADA, "code 400")
        await here.until(lambda: here.texts(ADA) and here.texts(ADA)[-1].endswith("line_399 = 399"))
        messages = here.messages(ADA)
        assert len(messages) > 1
        for message in messages:
            (entity,) = message["entities"]
            assert (entity["type"], entity["language"]) == ("pre", "python")
            assert (entity["offset"], entity["length"]) == (0, len(message["text"]))
        assert "\n".join(message["text"] for message in messages) == fenced(400)[10:-4]

    play(story)


def test_a_final_that_is_refused_for_its_time_is_not_dropped():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 20")
        here.say(LAB, f"{BOT} say 20")
        await here.until(lambda: whole(here, ADA, 20) and whole(here, LAB, 20))
        assert len(here.texts(ADA)) == len(here.texts(LAB)) == 1

    play(story, faults=f"sendMessage@{ADA}#1-2=429:1; editMessageText@{LAB}#1-2=429:1")


def test_a_call_that_hangs_takes_no_answer_with_it():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 300")
        await here.until(lambda: whole(here, ADA, 300))
        assert len(here.texts(ADA)) == 1

    # the hung draft is given up after its bound; the final is not held up by it
    play(story, faults="sendMessageDraft#2-99=hang_before", streaming={"preview_timeout": 0.5})


def test_a_preview_that_hangs_when_the_answer_ends_does_not_hold_up_its_final():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 40")
        await here.until(lambda: whole(here, LAB, 40))
        (hung,) = here.calls("sendMessage")
        final = here.calls("editMessageText")[0]
        assert not hung.params["text"].endswith("w39")
        assert final.at - hung.at < 5

    play(
        story,
        faults=f"sendMessage@{LAB}#1=hang_after",
        streaming={"preview_timeout": 30.0},
        model=Words(pause=0.02),
    )


def test_a_question_that_was_deleted_meanwhile_is_still_answered():
    async def story(here: Playground) -> None:
        question = here.say(LAB, f"{BOT} say 20")
        here.simulator.delete(LAB, question)
        await here.until(lambda: whole(here, LAB, 20))

    play(story)


def test_a_restart_loses_no_turn(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            here.say(ADA, "say 20")
            here.serving.cancel()  # before the answer could be shown
            await asyncio.gather(here.serving, return_exceptions=True)
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                await again.until(lambda: [word for word in words(again, ADA) if word[0] == "w"])
                shown = [word for word in words(again, ADA) if word[0] == "w"]
                assert shown == numbered(20).split()[: len(shown)]

    asyncio.run(main())


def test_one_error_does_not_turn_streaming_off_for_the_rest_of_the_session():
    async def story(here: Playground) -> None:
        for number in (300, 301):
            here.say(ADA, f"say {number}")
            await here.answered(ADA, numbered(number))
        drafts = [call for call in here.calls("sendMessageDraft") if call.status == 200]
        assert len([call for call in drafts if "w0" in call.params.get("text", "")]) > 2

    play(story, faults="sendMessageDraft#2=500; sendMessageDraft#3=reset_after", model=Words(pause=0.005))


def test_several_chats_share_the_bots_budget_and_nobody_is_locked_out():
    async def story(here: Playground) -> None:
        chats = [ADA, GRACE, *range(2001, 2015)]
        for chat in chats[1:]:
            here.simulator.add_private(chat, f"P{chat}")
        for chat in chats:
            here.say(chat, "say 300")
        for chat in chats:
            await here.until(partial(whole, here, chat, 300))
        assert len([call for call in here.simulator.calls if call.status == 429]) <= 2

    limits = Limits(private=Rate(1.0, 5), drafts=Rate(2.0, 10), bot=Rate(30.0, 30))
    play(story, allow=(ADA, GRACE, *range(2001, 2015)), limits=limits)
