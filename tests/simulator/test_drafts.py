import json

import pytest

from telex.simulator import Simulator
from telex.simulator.params import Params

ADA, WORKSHOP = 1001, -1001000000002


class Desk:
    """A simulator without a socket, its clock in hand."""

    def __init__(self, clock):
        self.clock = clock
        self.simulator = Simulator(clock=clock)

    def call(self, method, **params):
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
        return self.simulator.perform(method, Params(texts))

    def draft(self, text="x", draft_id=1, **params):
        assert self.call("sendMessageDraft", chat_id=ADA, draft_id=draft_id, text=text, **params) is True

    def seen(self):
        return [(frame.kind, frame.draft_id, frame.text) for frame in self.simulator.frames]


@pytest.fixture
def desk(clock):
    return Desk(clock)


def test_a_draft_shows_each_text_and_is_no_message(desk):
    desk.draft("")
    desk.draft("a")
    desk.draft(" ab ")
    assert desk.seen() == [("draft", 1, ""), ("draft", 1, "a"), ("draft", 1, "ab")]
    assert desk.simulator.messages(ADA) == []
    assert desk.simulator.draft(ADA).text == "ab"


def test_a_draft_lives_thirty_seconds_from_its_last_update(desk, clock):
    desk.draft("a")
    clock.now += 29
    desk.draft("b")
    clock.now += 29.9
    assert desk.simulator.draft(ADA).text == "b"
    clock.now += 0.2
    desk.simulator.tick()
    assert desk.seen()[-1] == ("draft_gone", 1, "")
    assert desk.simulator.draft(ADA) is None


def test_a_draft_goes_when_a_message_of_the_bot_arrives(desk):
    desk.draft("a")
    desk.simulator.say(ADA, "still there?")
    assert desk.simulator.draft(ADA)
    desk.call("sendMessage", chat_id=ADA, text="answer")
    assert desk.seen()[-2:] == [("draft_gone", 1, ""), ("message", None, "answer")]


def test_a_draft_in_one_topic_stays_when_a_message_arrives_in_another(desk):
    one, two = (desk.simulator.add_topic(ADA, name).id for name in ("One", "Two"))
    desk.draft("a", message_thread_id=one)
    desk.call("sendMessage", chat_id=ADA, text="x", message_thread_id=two)
    desk.call("sendMessage", chat_id=ADA, text="x")
    assert desk.simulator.draft(ADA, one).text == "a"
    desk.call("sendMessage", chat_id=ADA, text="x", message_thread_id=one)
    assert desk.simulator.draft(ADA, one) is None


def test_a_new_draft_id_takes_the_place_of_the_old_draft(desk):
    desk.draft("a", 1)
    desk.draft("b", 2)
    assert desk.simulator.draft(ADA).draft_id == 2
    assert [draft["draft_id"] for draft in desk.simulator.snapshot()["drafts"]] == [2]


def test_stop_takes_the_draft_away_and_tells_the_bot_which_one(desk):
    desk.draft("a", 5, can_stop=True)
    assert desk.simulator.press_stop(ADA)
    assert desk.simulator.draft(ADA) is None
    (update,) = desk.simulator.queue.pending
    assert update["stopped_message_generation"]["draft_id"] == 5
    assert update["stopped_message_generation"]["chat"]["id"] == ADA


def test_a_draft_that_is_kept_on_stop_stays_without_its_button(desk, clock):
    desk.draft("a", 5, can_stop=True, keep_on_stop=True)
    assert desk.simulator.press_stop(ADA)
    assert desk.simulator.draft(ADA).text == "a"
    assert not desk.simulator.press_stop(ADA)
    clock.now += 31
    assert desk.simulator.draft(ADA) is None


def test_stop_is_only_there_where_the_draft_offers_it(desk):
    assert not desk.simulator.press_stop(ADA)
    desk.draft("a")
    assert not desk.simulator.press_stop(ADA)
    assert desk.simulator.queue.pending == []


def test_stop_in_a_topic_names_the_topic(desk):
    topic = desk.simulator.add_topic(ADA, "One").id
    desk.draft("a", can_stop=True, message_thread_id=topic)
    assert desk.simulator.press_stop(ADA, topic)
    assert desk.simulator.queue.pending[0]["stopped_message_generation"]["message_thread_id"] == topic


def test_a_timer_takes_an_old_draft_away_while_nobody_calls(against, clock):
    async def body(simulator, bot):
        await bot.result("sendMessageDraft", chat_id=ADA, draft_id=1, text="x")
        clock.now += 29.999  # the timer was set for the clock's thirty seconds; looking sets it anew
        assert simulator.snapshot()["drafts"]
        clock.now += 0.01
        await simulator.wait_for(lambda: any(frame.kind == "draft_gone" for frame in simulator.frames))

    against(body, clock=clock)
