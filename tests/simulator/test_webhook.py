import asyncio
from collections import deque
from typing import Any

import pytest
from aiohttp import web

ADA, GRACE, LAB = 1001, 1002, -1001000000001


class Hook:
    """A bot's own server, which writes down what it is sent and answers as told."""

    def __init__(self):
        self.seen = []
        self.secrets = []
        self.answers: deque[Any] = deque()

    async def handle(self, request):
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.seen.append((await request.json())["message"]["text"])
        answer = self.answers.popleft() if self.answers else {}
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            answer = {}
        return web.json_response(answer) if isinstance(answer, dict) else answer

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/hook", self.handle)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()


@pytest.fixture
def hooked(against):
    """Like `against`, with a webhook server beside and retries that do not wait but tell their seconds."""

    def run(body):
        async def main(simulator, bot):
            waits = []

            async def sleep(seconds):
                waits.append(seconds)

            simulator.webhook.sleep = sleep
            async with Hook() as hook:
                hook.waits = waits
                await body(simulator, bot, hook)
                await bot.result("deleteWebhook", drop_pending_updates=True)

        against(main)

    return run


def delivered(simulator):
    return simulator.wait_for(lambda: not simulator.queue.pending)


def test_an_update_is_posted_with_the_secret_and_then_confirmed(hooked):
    async def body(simulator, bot, hook):
        await bot.result("setWebhook", url=hook.url, secret_token="s-1")
        simulator.say(ADA, "hi")
        await delivered(simulator)
        assert (hook.seen, hook.secrets) == (["hi"], ["s-1"])

    hooked(body)


def test_updates_from_before_the_webhook_are_delivered_unless_dropped(hooked):
    async def body(simulator, bot, hook):
        simulator.say(ADA, "old")
        await bot.result("setWebhook", url=hook.url)
        await delivered(simulator)
        await bot.result("deleteWebhook")
        simulator.say(ADA, "older")
        await bot.result("setWebhook", url=hook.url, drop_pending_updates=True)
        simulator.say(ADA, "new")
        await delivered(simulator)
        assert hook.seen == ["old", "new"]

    hooked(body)


def test_a_refused_update_is_sent_again_at_once_and_then_with_growing_delays(hooked):
    async def body(simulator, bot, hook):
        hook.answers.extend(web.Response(status=500) for _ in range(5))
        await bot.result("setWebhook", url=hook.url)
        simulator.say(ADA, "a")
        simulator.say(ADA, "b")
        await delivered(simulator)
        assert hook.seen == ["a"] * 6 + ["b"]
        assert hook.waits == [0, 2, 4, 8, 16]
        info = await bot.result("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"

    hooked(body)


def test_a_bot_can_say_how_long_to_wait(hooked):
    async def body(simulator, bot, hook):
        hook.answers.append(web.Response(status=503, headers={"Retry-After": "7"}))
        await bot.result("setWebhook", url=hook.url)
        simulator.say(ADA, "a")
        await delivered(simulator)
        assert hook.waits == [7]

    hooked(body)


def test_a_bot_that_cannot_be_reached_is_tried_again(hooked):
    async def body(simulator, bot, hook):
        url = hook.url
        await hook.runner.cleanup()
        await bot.result("setWebhook", url=url)
        simulator.say(ADA, "a")
        await simulator.wait_for(lambda: len(hook.waits) > 2)
        assert (await bot.result("getWebhookInfo"))["pending_update_count"] == 1
        await bot.result("deleteWebhook")

    hooked(body)


def test_one_chat_is_served_in_order_and_another_beside_it(hooked):
    async def body(simulator, bot, hook):
        held = asyncio.Event()
        hook.answers.append(held)
        await bot.result("setWebhook", url=hook.url)
        simulator.say(ADA, "a")
        await simulator.wait_for(lambda: simulator.webhook.url != "" and len(simulator.calls) == 1)
        simulator.say(ADA, "b")
        simulator.say(LAB, "c")
        await simulator.wait_for(lambda: len(simulator.queue.pending) == 2)
        assert sorted(hook.seen) == ["a", "c"]
        held.set()
        await delivered(simulator)
        assert hook.seen[-1] == "b"

    hooked(body)


def test_a_method_in_the_answer_is_carried_out(hooked):
    async def body(simulator, bot, hook):
        hook.answers.append({"method": "sendMessage", "chat_id": ADA, "text": "answer"})
        await bot.result("setWebhook", url=hook.url)
        simulator.say(ADA, "question")
        await simulator.wait_for(lambda: len(simulator.messages(ADA)) == 2)
        assert simulator.messages(ADA)[-1]["text"] == "answer"

    hooked(body)


def test_setting_and_deleting_twice_is_remarked(hooked):
    async def body(simulator, bot, hook):
        remarks = [
            (await bot.call(method, **params))["description"]
            for method, params in [
                ("deleteWebhook", {}),
                ("setWebhook", {"url": hook.url}),
                ("setWebhook", {"url": hook.url}),
                ("deleteWebhook", {}),
            ]
        ]
        assert remarks == [
            "Webhook is already deleted",
            "Webhook was set",
            "Webhook is already set",
            "Webhook was deleted",
        ]

    hooked(body)


def test_the_webhooks_state_can_be_asked_for(hooked):
    async def body(simulator, bot, hook):
        empty = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        assert await bot.result("getWebhookInfo") == empty
        await bot.result("setWebhook", url=hook.url, max_connections=500, allowed_updates=["message"])
        assert await bot.result("getWebhookInfo") == {
            **empty, "url": hook.url, "max_connections": 100, "allowed_updates": ["message"],
        }  # fmt: skip

    hooked(body)
