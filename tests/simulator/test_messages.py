import asyncio

import pytest

from telex.simulator import Limits

ADA, GRACE, LAB, WORKSHOP = 1001, 1002, -1001000000001, -1001000000002
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


def test_private_chats_share_one_sequence_of_ids_and_each_supergroup_has_its_own(against):
    async def body(simulator, bot):
        simulator.add_private(GRACE, "Grace")
        chats = [ADA, GRACE, LAB, ADA, LAB]
        ids = [(await bot.result("sendMessage", chat_id=chat, text="x"))["message_id"] for chat in chats]
        assert ids == [1, 2, 1, 3, 2]

    against(body)


def test_a_message_is_answered_with_all_that_it_is(against):
    async def body(simulator, bot):
        sent = await bot.result("sendMessage", chat_id=ADA, text=" hi **you** ", protect_content=True)
        assert sent == simulator.messages(ADA)[0]
        assert sent["text"] == "hi **you**"
        assert sent["from"]["is_bot"]
        assert sent["chat"] == {"id": ADA, "first_name": "Ada", "username": "ada", "type": "private"}
        assert abs(sent["date"] - simulator.unix()) < 60
        assert sent["has_protected_content"]

    against(body)


def test_a_chat_can_be_named_by_its_username(against):
    async def body(simulator, bot):
        assert (await bot.result("sendMessage", chat_id="@ada", text="x"))["chat"]["id"] == ADA

    against(body)


def test_an_edit_replaces_text_and_entities_and_keeps_the_rest(against):
    async def body(simulator, bot):
        sent = await bot.result("sendMessage", chat_id=ADA, text="a", reply_markup=KEYBOARD)
        bold = [{"type": "bold", "offset": 0, "length": 1}]
        edited = await bot.result(
            "editMessageText", chat_id=ADA, message_id=1, text="b", entities=bold, reply_markup=KEYBOARD
        )
        assert edited == {**sent, "text": "b", "entities": bold, "edit_date": edited["edit_date"]}

    against(body)


def test_an_edit_without_a_keyboard_takes_the_keyboard_away(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a", reply_markup=KEYBOARD)
        edited = await bot.result("editMessageText", chat_id=ADA, message_id=1, text="a")
        assert "reply_markup" not in edited

    against(body)


def test_a_keyboard_can_be_changed_alone(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a")
        edited = await bot.result("editMessageReplyMarkup", chat_id=ADA, message_id=1, reply_markup=KEYBOARD)
        assert (edited["text"], edited["reply_markup"]) == ("a", KEYBOARD)
        again = await bot.call("editMessageReplyMarkup", chat_id=ADA, message_id=1, reply_markup=KEYBOARD)
        assert "message is not modified" in again["description"]

    against(body)


def test_a_pressed_button_becomes_a_query_that_can_be_answered_once(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a", reply_markup=KEYBOARD)
        query_id = simulator.press(ADA, 1, "go")
        (update,) = await bot.result("getUpdates")
        assert update["callback_query"]["data"] == "go"
        assert update["callback_query"]["message"]["message_id"] == 1
        assert await bot.result("answerCallbackQuery", callback_query_id=query_id)
        assert not (await bot.call("answerCallbackQuery", callback_query_id=query_id))["ok"]
        with pytest.raises(KeyError, match="no button"):
            simulator.press(ADA, 1, "other")

    against(body)


def test_an_answer_carries_the_message_it_answers(against):
    async def body(simulator, bot):
        first = simulator.say(ADA, "one two")
        quoting = {"message_id": first["message_id"], "quote": "two"}
        answer = await bot.result("sendMessage", chat_id=ADA, text="yes", reply_parameters=quoting)
        assert answer["reply_to_message"] == first
        assert answer["quote"] == {"text": "two", "position": 4, "is_manual": True}
        lenient = {"message_id": 99, "allow_sending_without_reply": True}
        assert "reply_to_message" not in await bot.result(
            "sendMessage", chat_id=ADA, text="yes", reply_parameters=lenient
        )

    against(body)


def test_a_topic_is_named_on_what_is_sent_and_said_in_it(against):
    async def body(simulator, bot):
        sent = await bot.result("sendMessage", chat_id=WORKSHOP, message_thread_id=2, text="x")
        said = simulator.say(WORKSHOP, "y", thread_id=2)
        for message in (sent, said):
            assert (message["message_thread_id"], message["is_topic_message"]) == (2, True)
        general = simulator.say(WORKSHOP, "z", thread_id=1)
        assert "message_thread_id" not in general
        assert simulator.messages(WORKSHOP, 2) == [sent, said]
        assert simulator.messages(WORKSHOP) == simulator.messages(WORKSHOP, 1) == [general]

    against(body)


def test_a_group_without_topics_ignores_the_thread_of_a_call(against):
    async def body(simulator, bot):
        sent = await bot.result("sendMessage", chat_id=LAB, message_thread_id=77, text="x")
        assert "message_thread_id" not in sent

    against(body)


def test_an_answer_in_a_group_without_topics_names_its_thread_of_replies(against):
    async def body(simulator, bot):
        first = simulator.say(LAB, "a")
        second = simulator.say(LAB, "b", reply_to=first["message_id"])
        third = simulator.say(LAB, "c", user_id=GRACE, reply_to=second["message_id"])
        assert third["message_thread_id"] == first["message_id"]
        assert "is_topic_message" not in third
        assert "reply_to_message" not in third["reply_to_message"]
        assert third["from"]["first_name"] == "Grace"

    against(body)


def test_a_private_chat_with_topics_is_announced_and_keeps_them_apart(against):
    async def body(simulator, bot):
        assert not (await bot.result("getMe"))["has_topics_enabled"]
        topic = simulator.add_topic(ADA, "Trip")
        assert (await bot.result("getMe"))["has_topics_enabled"]
        sent = await bot.result("sendMessage", chat_id=ADA, message_thread_id=topic.id, text="x")
        assert sent["message_thread_id"] == topic.id
        wrong = await bot.call("sendMessage", chat_id=ADA, message_thread_id=topic.id + 1, text="x")
        assert wrong["description"] == "Bad Request: message thread not found"

    against(body)


def test_a_bot_may_delete_a_persons_message_in_a_private_chat(against):
    async def body(simulator, bot):
        said = simulator.say(ADA, "x")
        assert await bot.result("deleteMessage", chat_id=ADA, message_id=said["message_id"])
        assert simulator.messages(ADA) == []

    against(body)


def test_typing_is_shown_for_five_seconds_in_its_topic(against):
    async def body(simulator, bot):
        seen: list[dict[str, object]] = []
        unsubscribe = simulator.subscribe(seen.append)
        assert await bot.result("sendChatAction", chat_id=WORKSHOP, message_thread_id=2, action="typing")
        unsubscribe()
        assert await bot.result("sendChatAction", chat_id=WORKSHOP, action="typing")
        assert seen == [{"type": "typing", "chat_id": WORKSHOP, "thread_id": 2, "seconds": 5}]

    against(body)


def test_commands_are_kept_per_scope(against):
    async def body(simulator, bot):
        commands = [{"command": "new", "description": "Start anew"}]
        assert await bot.result("setMyCommands", commands=commands)
        assert await bot.result("getMyCommands") == commands
        assert await bot.result("getMyCommands", scope={"type": "all_group_chats"}) == []

    against(body)


def test_the_page_is_told_the_menu_of_commands(against):
    async def body(simulator, bot):
        seen: list[dict[str, object]] = []
        simulator.subscribe(seen.append)
        commands = [{"command": "new", "description": "Start anew"}]
        await bot.result("setMyCommands", commands=commands)
        assert seen == [{"type": "commands", "commands": commands}]
        assert simulator.snapshot()["commands"] == commands
        await bot.result("deleteMyCommands")
        assert simulator.snapshot()["commands"] == await bot.result("getMyCommands") == []

    against(body)


def test_the_snapshot_and_the_events_tell_a_page_everything(against):
    async def body(simulator, bot):
        seen: list[dict[str, object]] = []
        simulator.subscribe(seen.append)
        simulator.set_status("loading", 0.5)
        simulator.say(ADA, "hi")
        await bot.result("sendMessage", chat_id=ADA, text="a")
        await bot.result("editMessageText", chat_id=ADA, message_id=2, text="b")
        await bot.result("sendMessageDraft", chat_id=ADA, draft_id=7, text="c", can_stop=True)
        simulator.delete(ADA, 1)
        simulator.add_topic(WORKSHOP, "More")
        kinds = ["status", "message", "message", "edited", "draft", "deleted", "chat"]
        assert [event["type"] for event in seen] == kinds
        hello = simulator.snapshot()
        assert [message["text"] for message in hello["messages"]] == ["b"]
        assert hello["drafts"] == [
            {
                "type": "draft", "chat_id": ADA, "thread_id": None, "draft_id": 7, "text": "c", "entities": [],
                "can_stop": True,
            }
        ]  # fmt: skip
        assert hello["status"]["progress"] == 0.5
        assert [topic["name"] for topic in hello["chats"][2]["topics"]] == ["General", "Ideas", "Code", "More"]
        assert [member["first_name"] for member in hello["chats"][1]["members"]] == ["Ada", "Grace", "telex"]

    against(body)


def test_every_call_and_every_frame_is_remembered(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a")
        await bot.result("editMessageText", chat_id=ADA, message_id=1, text="b")
        assert [(call.method, call.status, call.params["text"]) for call in simulator.calls] == [
            ("sendMessage", 200, "a"),
            ("editMessageText", 200, "b"),
        ]
        assert all(call.answered_at >= call.at for call in simulator.calls)
        assert [(frame.kind, frame.text) for frame in simulator.frames] == [("message", "a"), ("edit", "b")]

    against(body)


def test_as_many_calls_are_remembered_as_one_wants(against):
    async def body(simulator, bot):
        for text in "abc":
            await bot.result("sendMessage", chat_id=ADA, text=text)
        assert [frame.text for frame in simulator.frames] == ["b", "c"]
        assert len(simulator.calls) == 2

    against(body, keep_calls=2)


def test_wait_for_returns_when_its_condition_comes_true(against):
    async def body(simulator, bot):
        waiting = asyncio.create_task(simulator.wait_for(lambda: len(simulator.messages(ADA)) == 2))
        await bot.result("sendMessage", chat_id=ADA, text="a")
        assert not waiting.done()
        await bot.result("sendMessage", chat_id=ADA, text="b")
        await waiting

    against(body)


def test_half_of_the_round_trip_passes_before_a_call_is_applied_and_half_after(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="a")
        call, frame = simulator.calls[0], simulator.frames[0]
        assert frame.at - call.at >= 0.024
        assert call.answered_at - frame.at >= 0.024

    against(body, latency=0.05)


def test_a_limit_is_answered_with_its_seconds_in_body_and_header(against):
    async def body(simulator, bot):
        answers = [await bot.call("sendMessage", chat_id=ADA, text="x") for _ in range(6)]
        assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
        assert answers[-1]["parameters"] == {"retry_after": 3}
        async with bot.http.post(bot.base + "sendMessage", json={"chat_id": ADA, "text": "x"}) as answer:
            assert answer.headers["Retry-After"] == "6"

    against(body)


def test_what_is_not_limited_never_waits(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="x")
        for _ in range(8):
            await bot.result("sendChatAction", chat_id=ADA, action="typing")
            await bot.result("getMe")
        assert await bot.result("deleteMessage", chat_id=ADA, message_id=1)

    against(body, limits=Limits.named("edits-slow"))


def test_a_stopped_simulator_starts_again_with_its_world(against):
    async def body(simulator, bot):
        await bot.result("sendMessage", chat_id=ADA, text="x")
        port = int(simulator.base_url.rpartition(":")[2])
        await simulator.stop()
        await simulator.start(port=port)
        assert (await bot.result("sendMessage", chat_id=ADA, text="y"))["message_id"] == 2

    against(body)
