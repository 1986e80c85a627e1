"""Several posts lost at once: each is found, and none is taken for another."""

import asyncio

from telex.gateway.journal import Journal
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from telex.surfaces.telegram.lost import Ids
from tests.gateway.playground import ADA, CODE, IDEAS, WORKSHOP, Playground, numbered, play, playground


def test_where_two_posts_are_lost_each_may_have_the_id_of_the_other():
    ids = Ids()
    ids.saw(100)
    first, second = ids.search(1, 100), ids.search(2, 100)
    assert first.next() == 101
    first.tried.add(101)
    assert first.next() == 102
    first.tried.add(102)
    assert first.next() is None
    assert second.next() == 101


def test_a_search_that_is_over_leaves_no_room_behind():
    ids = Ids()
    ids.saw(100)
    search, over = ids.search(1, 100), ids.search(2, 100)
    ids.saw(102)
    ids.close(over)
    search.tried.update({101, 103})
    assert search.next() is None


def test_in_one_chat_the_older_search_comes_first():
    ids = Ids()
    older, newer = ids.search(1, 100), ids.search(1, 101)
    assert ids.unsure(1) is older
    ids.close(older)
    assert ids.unsure(1) is newer
    assert ids.unsure(2) is None


def test_two_topics_that_lose_their_first_posts_at_once_each_keep_their_own_message():
    async def story(here: Playground) -> None:
        here.say(WORKSHOP, "@telex_demo_bot say 3", thread_id=IDEAS)
        here.say(WORKSHOP, "@telex_demo_bot say 5", thread_id=CODE)
        await here.answered(WORKSHOP, numbered(3), IDEAS)
        await here.answered(WORKSHOP, numbered(5), CODE)
        await here.until(lambda: len(here.calls("editMessageText")) >= 2)  # each looked for its own
        assert len(here.texts(WORKSHOP, IDEAS)) == len(here.texts(WORKSHOP, CODE)) == 1
        assert {frame.text for frame in here.simulator.frames if frame.thread_id == IDEAS and "w0" in frame.text} == {
            numbered(3)
        }

    faults = "sendMessage#1=hang_after; sendMessage#2=reset_after"
    play(story, faults=faults, streaming={"preview_timeout": 0.5, "final_timeout": 1.0})


def test_a_question_that_is_asked_again_after_a_kill_finds_its_lost_answer(tmp_path):
    async def main() -> None:
        simulator = Simulator(limits=Limits.none(), faults=FaultPlan.parse("sendMessage#1=reset_after"))
        question = simulator.state.next_id(simulator.state.chats[ADA])  # of the run before: nobody hears of it again
        journal = await Journal.open(tmp_path, simulator.state.bot["id"])
        await journal.begin(1, ADA, None, question, "say 3")
        await journal.close()
        try:
            async with playground(folder=tmp_path, simulator=simulator) as here:
                await here.until(lambda: len(here.calls("sendMessage", "editMessageText")) >= 2)
                assert here.texts(ADA) == [numbered(3)]
        finally:
            await simulator.stop()

    asyncio.run(main())
