import asyncio
import json

from telex.simulator.polling import Poller
from telex.simulator.updates import UpdateQueue

ADA = 1001


def texts(updates):
    return [update["message"]["text"] for update in updates]


def test_a_poll_waits_until_somebody_writes(against):
    async def body(simulator, bot):
        poll = asyncio.create_task(bot.result("getUpdates", timeout=50))
        await simulator.wait_for(lambda: bool(simulator.calls))
        simulator.say(ADA, "hi")
        assert texts(await poll) == ["hi"]

    against(body)


def test_a_poll_without_time_answers_at_once_with_what_there_is(against):
    async def body(simulator, bot):
        assert await bot.result("getUpdates") == []

    against(body)


def test_updates_come_again_until_a_higher_offset_confirms_them(against):
    async def body(simulator, bot):
        for text in "abc":
            simulator.say(ADA, text)
        first = await bot.result("getUpdates", limit=2)
        assert texts(first) == ["a", "b"]
        assert texts(await bot.result("getUpdates", offset=first[0]["update_id"])) == ["a", "b", "c"]
        assert texts(await bot.result("getUpdates", offset=first[-1]["update_id"] + 1)) == ["c"]
        assert len(simulator.queue.pending) == 1

    against(body)


def test_a_negative_offset_keeps_only_the_newest(against):
    async def body(simulator, bot):
        for text in "abc":
            simulator.say(ADA, text)
        assert texts(await bot.result("getUpdates", offset=-2)) == ["b", "c"]
        assert texts(await bot.result("getUpdates", offset=-9)) == ["b", "c"]

    against(body)


def test_asking_for_the_same_again_at_once_gets_one_update(against):
    async def body(simulator, bot):
        for text in "abc":
            simulator.say(ADA, text)
        assert texts(await bot.result("getUpdates")) == ["a", "b", "c"]
        assert texts(await bot.result("getUpdates")) == ["a"]

    against(body)


def test_update_ids_grow_by_one(against):
    async def body(simulator, bot):
        for text in "abc":
            simulator.say(ADA, text)
        ids = [update["update_id"] for update in await bot.result("getUpdates")]
        assert ids == list(range(ids[0], ids[0] + 3))

    against(body)


def test_the_kinds_a_bot_names_stay_until_it_names_others(against):
    async def body(simulator, bot):
        await bot.result("getUpdates", offset=1, allowed_updates=["callback_query"])
        simulator.say(ADA, "unheard")
        assert await bot.result("getUpdates", offset=2) == []
        await bot.result("getUpdates", offset=3, allowed_updates=[])
        simulator.say(ADA, "heard")
        assert texts(await bot.result("getUpdates", offset=4)) == ["heard"]

    against(body)


def test_a_second_poll_ends_the_first_with_a_conflict(against):
    async def body(simulator, bot):
        first = asyncio.create_task(bot.call("getUpdates", timeout=50))
        await simulator.wait_for(lambda: len(simulator.calls) == 1)
        second = asyncio.create_task(bot.call("getUpdates", timeout=50))
        assert (await first)["description"] == (
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        simulator.say(ADA, "hi")
        assert texts((await second)["result"]) == ["hi"]

    against(body)


def test_a_poll_is_refused_while_a_webhook_is_set_and_ended_when_one_is_set(against):
    async def body(simulator, bot):
        poll = asyncio.create_task(bot.call("getUpdates", timeout=50))
        await simulator.wait_for(lambda: len(simulator.calls) == 1)
        await bot.result("setWebhook", url="http://127.0.0.1:9/")
        assert (await poll)["description"] == "Conflict: terminated by setWebhook request"
        simulator.poller.forget_conflict()
        assert (await bot.call("getUpdates"))["description"] == (
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )

    against(body)


def test_a_poll_whose_client_is_gone_is_no_rival_of_the_next_one(against):
    async def body(simulator, bot):
        gone = asyncio.create_task(bot.call("getUpdates", timeout=50))
        await simulator.wait_for(lambda: bool(simulator.calls))
        await bot.result("getMe")
        assert simulator.poller.waiting
        gone.cancel()
        await simulator.wait_for(lambda: not simulator.poller.waiting)
        simulator.say(ADA, "hi")
        assert texts(await bot.result("getUpdates", timeout=50)) == ["hi"]

    against(body)


def test_an_update_is_forgotten_after_a_day_and_a_pressed_button_sooner():
    queue = UpdateQueue()
    queue.put("message", {"text": "a"}, 0)
    queue.put("callback_query", {"id": "1"}, 0)
    queue.expire(151)
    assert [set(update) - {"update_id"} for update in queue.pending] == [{"message"}]
    queue.expire(86401)
    assert queue.pending == []


def test_what_a_bot_does_not_want_by_default_is_not_queued():
    queue = UpdateQueue()
    queue.put("message_reaction", {}, 0)
    queue.put("stopped_message_generation", {}, 0)
    assert len(queue.pending) == 1


def test_conflicts_that_follow_closely_are_answered_late(clock):
    poller = Poller(UpdateQueue(), clock)

    async def delays() -> list[float]:
        waits: list[float] = []
        for _ in range(2):
            waits.append(poller.conflict_delay())
            clock.now += 1
        clock.now += 3
        return [*waits, poller.conflict_delay()]

    assert asyncio.run(delays()) == [0, 3, 0]


def test_the_answer_is_json_that_any_reader_of_ascii_can_take(against):
    async def body(simulator, bot):
        simulator.say(ADA, "grüße 😀")
        async with bot.http.get(bot.base + "getUpdates") as answer:
            raw = await answer.read()
        assert raw.isascii()
        assert json.loads(raw)["result"][0]["message"]["text"] == "grüße 😀"

    against(body)
