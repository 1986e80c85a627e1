import asyncio

import aiohttp
import pytest

from telex.simulator import Fault, FaultPlan, Kind, Limits

ADA, LAB, WORKSHOP = 1001, -1001000000001, -1001000000002
GONE = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def sent(simulator, chat_id=ADA):
    return [message.get("text") for message in simulator.messages(chat_id)]


def plan(text):
    return {"faults": FaultPlan.parse(text), "limits": Limits.none()}


def test_a_flood_holds_until_its_end_and_grows_inside(against):
    async def body(simulator, bot):
        assert (await bot.call("sendMessage", chat_id=ADA, text="a"))["parameters"] == {"retry_after": 40}
        again = await bot.call("sendMessage", chat_id=ADA, text="a")
        assert 80 <= again["parameters"]["retry_after"] <= 82  # whole seconds, rounded up on a busy machine's clock
        assert (await bot.call("sendMessage", chat_id=LAB, text="a"))["ok"]

    against(body, **plan("sendMessage#1=429:40"))


def test_a_server_error_is_answered_in_json(against):
    async def body(simulator, bot):
        answer = await bot.call("sendMessage", chat_id=ADA, text="a")
        assert (answer["error_code"], answer["description"]) == (500, "Internal Server Error: restart")
        assert sent(simulator) == []

    against(body, **plan("sendMessage=500"))


def test_a_bad_gateway_is_answered_in_html(against):
    async def body(simulator, bot):
        async with bot.http.post(bot.base + "sendMessage", json={"chat_id": ADA, "text": "a"}) as answer:
            assert (answer.status, answer.content_type) == (502, "text/html")
        assert simulator.calls[0].status == 502
        assert sent(simulator) == []

    against(body, **plan("sendMessage=502"))


@pytest.mark.parametrize(("kind", "expected"), [("reset_before", []), ("reset_after", ["a"])])
def test_a_connection_breaks_before_or_after_the_call_is_applied(against, kind, expected):
    async def body(simulator, bot):
        with pytest.raises(GONE):
            await bot.call("sendMessage", chat_id=ADA, text="a")
        assert sent(simulator) == expected
        assert (simulator.calls[0].status, simulator.calls[0].answered_at) == (0, None)
        await bot.result("getMe")

    against(body, **plan(f"sendMessage={kind}"))


@pytest.mark.parametrize(("kind", "expected"), [("hang_before", []), ("hang_after", ["a"])])
def test_a_call_hangs_before_or_after_it_is_applied_until_the_client_gives_up(against, kind, expected):
    async def body(simulator, bot):
        hanging = asyncio.create_task(bot.call("sendMessage", chat_id=ADA, text="a"))
        await simulator.wait_for(lambda: len(simulator.calls) == 1)
        for _ in range(3):
            await bot.result("getMe")
        assert not hanging.done()
        hanging.cancel()
        assert sent(simulator) == expected

    against(body, **plan(f"sendMessage={kind}"))


def test_a_slow_answer_comes_late_and_is_applied_in_time(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a")
        call = simulator.calls[0]
        assert call.answered_at - call.at >= 0.05
        assert call.answered_at - simulator.frames[0].at >= 0.05

    against(body, **plan("sendMessage=slow:0.05"))


def test_entities_are_refused(against):
    async def body(simulator, bot):
        answer = await bot.call("sendMessage", chat_id=ADA, text="a", entities=[])
        assert answer["description"].startswith("Bad Request: can't parse entities: ")
        assert (await bot.call("sendMessage", chat_id=ADA, text="a"))["ok"]

    against(body, **plan("sendMessage=entities"))


def test_drafts_are_gone_in_two_ways(against):
    async def body(simulator, bot):
        wanted = ["Not Found: method not found", "Bad Request: TEXTDRAFT_PEER_INVALID"]
        for description in [*wanted, wanted[1]]:
            answer = await bot.call("sendMessageDraft", chat_id=ADA, draft_id=1, text="x")
            assert answer["description"] == description

    against(body, **plan("sendMessageDraft#1=no_drafts; sendMessageDraft#2=draft_peer"))


def test_a_person_deletes_the_message_just_before_it_is_edited(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a")
        answer = await bot.call("editMessageText", chat_id=ADA, message_id=1, text="b")
        assert answer["description"] == "Bad Request: message to edit not found"

    against(body, **plan("editMessageText=deleted"))


def test_a_person_deletes_the_bots_last_message_just_before_the_next(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a")
        await bot.result("sendMessage", chat_id=ADA, text="b")
        assert sent(simulator) == ["b"]

    against(body, **plan("sendMessage#2=deleted"))


def test_a_person_blocks_the_bot_and_the_bot_hears_of_it(against):
    async def body(simulator, bot):
        for _ in range(2):
            answer = await bot.call("sendMessage", chat_id=ADA, text="a")
            assert answer["description"] == "Forbidden: bot was blocked by the user"
        (update,) = await bot.result("getUpdates")
        assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
        simulator.unblock(ADA)
        assert (await bot.call("sendMessage", chat_id=ADA, text="a"))["ok"]

    against(body, **plan("sendMessage=blocked"))


def test_a_group_moves_to_another_id_and_the_bot_hears_of_it(against):
    async def body(simulator, bot):
        answer = await bot.call("sendMessage", chat_id=LAB, text="a")
        assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
        new_id = answer["parameters"]["migrate_to_chat_id"]
        await bot.result("sendMessage", chat_id=new_id, text="a")
        assert sent(simulator, new_id)[-1] == "a"
        old, new = await bot.result("getUpdates")
        assert old["message"]["migrate_to_chat_id"] == new["message"]["chat"]["id"] == new_id
        assert new["message"]["migrate_from_chat_id"] == LAB

    against(body, **plan("sendMessage=migrated"))


def test_a_topic_is_closed_while_the_bot_writes_and_what_stands_there_can_still_be_edited(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=WORKSHOP, message_thread_id=2, text="a")
        await bot.result("editMessageText", chat_id=WORKSHOP, message_id=4, text="b")
        answer = await bot.call("sendMessage", chat_id=WORKSHOP, message_thread_id=2, text="c")
        assert answer["description"] == "Bad Request: TOPIC_CLOSED"
        assert (await bot.call("sendMessage", chat_id=WORKSHOP, text="c"))["ok"]

    against(body, **plan("editMessageText=topic_closed"))


def test_a_topic_is_deleted_with_everything_in_it(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=WORKSHOP, message_thread_id=2, text="a")
        answer = await bot.call("editMessageText", chat_id=WORKSHOP, message_id=4, text="b")
        assert answer["description"] == "Bad Request: message to edit not found"
        answer = await bot.call("sendMessage", chat_id=WORKSHOP, message_thread_id=2, text="c")
        assert answer["description"] == "Bad Request: TOPIC_DELETED"
        assert (await bot.call("sendMessage", chat_id=WORKSHOP, text="c"))["ok"]

    against(body, **plan("editMessageText=topic_deleted"))


def test_a_call_once_received_is_applied_although_its_client_is_gone(against):
    async def body(simulator, bot):
        calling = asyncio.create_task(bot.call("sendMessage", chat_id=ADA, text="a"))
        await simulator.wait_for(lambda: len(simulator.calls) == 1)
        calling.cancel()
        await simulator.wait_for(lambda: sent(simulator) == ["a"])

    against(body, latency=0.05)


def test_a_plan_counts_per_method_and_per_chat():
    faults = FaultPlan.parse("sendMessage@1001#2-3=500")
    calls = [("getMe", None), ("sendMessage", 1001), ("sendMessage", 5), ("sendmessage", 1001), ("sendMessage", 1001)]
    assert [faults.strike(*call) is not None for call in calls] == [False, False, False, True, True]
    assert faults.strike("sendMessage", 1001) is None


def test_a_star_spares_getupdates():
    faults = FaultPlan.parse("*=500")
    assert faults.strike("getUpdates", None) is None
    assert faults.strike("getMe", None) is not None


def test_the_same_seed_draws_the_same_faults():
    first, second, other = (FaultPlan.parse(f"*%0.3=500; seed={seed}") for seed in (7, 7, 8))
    draws = [[plan.strike("x", None) is not None for _ in range(200)] for plan in (first, second, other)]
    assert draws[0] == draws[1] != draws[2]
    assert 30 < sum(draws[0]) < 90


def test_a_plan_can_be_read_from_a_mapping():
    mapping = {"seed": 3, "faults": ["*=slow:2", {"kind": "429", "method": "sendMessage", "nth": 2, "value": 9}]}
    assert FaultPlan.parse(mapping).faults == (
        Fault(Kind.SLOW, value=2.0),
        Fault(Kind.RETRY_AFTER, "sendMessage", 2, 2, value=9.0),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sendMessage", "is no fault; write it as"),
        ("sendMessage=flood", "no fault is called 'flood'; there are 429"),
        ("seed=x", "whole number"),
        ({"faults": [{"method": "x"}]}, "needs its kind"),
        ({"faults": [{"kind": "500", "when": 2}]}, "has no when"),
        ({"faults": [{"kind": "500", "nth": "second"}]}, "whole numbers"),
        ({"fault": []}, "keys seed and faults"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(text, message):
    with pytest.raises(ValueError, match=message):
        FaultPlan.parse(text)


@pytest.mark.parametrize(("kind", "expected"), [("502", []), ("502_after", ["a"])])
def test_a_bad_gateway_comes_before_or_after_the_call_is_applied(against, kind, expected):
    async def body(simulator, bot):
        async with bot.http.post(bot.base + "sendMessage", json={"chat_id": ADA, "text": "a"}) as answer:
            assert (answer.status, answer.content_type) == (502, "text/html")
        assert sent(simulator) == expected

    against(body, **plan(f"sendMessage={kind}"))
