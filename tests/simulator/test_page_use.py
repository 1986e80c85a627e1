"""Living with the chat page in a real browser: buttons, keys, scrolling, colours, coming back."""

import asyncio
import json
from typing import Any

from telex.simulator.server import Simulator
from tests.simulator.chromium import needs_chromium
from tests.simulator.page_world import ADA, LAB, World, run

pytestmark = needs_chromium


CONTRAST = """(() => {
    const style = getComputedStyle(document.querySelector(WHERE));
    const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((part) => part / 255)
        .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b; };
    const [low, high] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
    return (high + .05) / (low + .05); })()"""


def test_a_phone_shows_one_pane_and_the_way_back():
    async def story(world: World) -> None:
        page = await world.page(width=390, height=780, touch=True)
        shown = "['#sidebar', '#pane'].map(one => document.querySelector(one).checkVisibility())"
        assert await page.eval(shown) == [True, False]
        await page.click(f"[data-chat='{LAB}']")
        await page.until("document.querySelector('#pane').checkVisibility()")
        assert await page.eval(shown) == [False, True]
        assert await page.eval("document.documentElement.scrollWidth <= innerWidth")
        assert await page.eval("document.querySelector('#composer').offsetHeight") >= 44
        await page.click("#back")
        await page.until("document.querySelector('#sidebar').checkVisibility()")

    run(story)


def test_an_inline_button_is_pressed_and_one_that_is_disabled_cannot_be():
    async def story(world: World) -> None:
        page = await world.page()
        keys: list[list[dict[str, Any]]] = [
            [{"text": "Again", "callback_data": "again"}],
            [{"text": "Docs", "url": "https://example.org/"}],
        ]
        sent = await world.call("sendMessage", chat_id=ADA, text="Well?", reply_markup={"inline_keyboard": keys})
        await page.click(".key[data-press]")
        (update,) = await world.call("getUpdates", timeout=10)
        assert update["callback_query"]["data"] == "again"
        assert await page.eval("document.querySelector('a.key').href") == "https://example.org/"
        keys[0][0]["disabled"] = True
        changed = {**sent, "reply_markup": {"inline_keyboard": keys}}
        world.simulator.state.emit({"type": "edited", "message": changed})
        await page.until("document.querySelector('.key[data-press]').disabled")

    run(story)


def test_the_menu_of_a_message_replies_and_deletes_by_keyboard():
    async def story(world: World) -> None:
        page = await world.page()
        sent = await world.call("sendMessage", chat_id=ADA, text="the question")
        await page.until("document.querySelector('.message')")
        await page.eval("document.querySelector('.message').focus()")
        await page.press("Enter")
        await page.until("document.activeElement.dataset.action === 'reply'")
        await page.press("Enter")
        await page.until("!document.querySelector('#quoting').hidden && document.activeElement.id === 'composer'")
        await page.type("the answer")
        await page.press("Enter")
        await page.until("document.querySelector('.message.out .reply')?.textContent.includes('the question')")
        (update,) = await world.call("getUpdates")
        assert update["message"]["reply_to_message"]["message_id"] == sent["message_id"]
        await page.eval("document.querySelector('.message.in').focus()")
        await page.press("Enter")
        await page.until("document.activeElement.dataset.action === 'reply'")
        await page.press("ArrowUp")
        await page.until("document.activeElement.dataset.action === 'delete'")
        await page.press("Enter")
        await page.until("!document.querySelector('.message.in')")

    run(story)


def test_in_a_group_a_button_writes_the_bots_name():
    async def story(world: World) -> None:
        page = await world.page(f"{LAB}/")
        await page.click("#mention")
        await page.until("document.querySelector('#composer').value === '@telex_demo_bot '")
        private = await world.page(f"{ADA}/")
        assert await private.eval("document.querySelector('#chip').hidden")

    run(story)


def test_a_slash_offers_the_commands_every_bot_knows():
    async def story(world: World) -> None:
        page = await world.page()
        await page.eval("document.querySelector('#composer').focus()")
        await page.type("/he")
        await page.until("document.querySelector('#hints [aria-selected=true]')?.dataset.command === 'help'")
        await page.press("Enter")
        await page.until("document.querySelector('.message.out')?.textContent.includes('/help')")

    run(story)


def test_a_slash_offers_the_bots_own_commands_as_soon_as_they_are_set():
    async def story(world: World) -> None:
        page = await world.page()
        await page.eval("document.querySelector('#composer').focus()")
        await page.type("/be")
        await world.call("setMyCommands", commands=[{"command": "begin", "description": "Begin anew"}])
        await page.until("document.querySelector('#hints [aria-selected=true]')?.dataset.command === 'begin'")

    run(story)


def test_the_list_stays_at_the_bottom_unless_the_reader_went_up():
    async def story(world: World) -> None:
        for number in range(40):
            world.simulator.say(ADA, f"line {number}")
        page = await world.page()
        end = "document.querySelector('#messages').offsetHeight - scroller.scrollTop - scroller.clientHeight"
        await page.until(f"document.querySelectorAll('.message').length === 40 && {end} < 2")
        await world.call("sendMessage", chat_id=ADA, text="newest")
        await page.until(f"document.querySelector('.message.in') && {end} < 2")
        await page.eval("scroller.scrollTop = 0")
        await page.until("!document.querySelector('#down').hidden")
        await world.call("sendMessage", chat_id=ADA, text="unseen")
        await page.until("document.querySelector('#down').dataset.count === '1'")
        assert await page.eval("scroller.scrollTop") == 0
        await page.click("#down")
        await page.until(f"document.querySelector('#down').hidden && {end} < 2")

    run(story)


def test_the_typing_sign_and_the_status_of_the_model_are_shown():
    async def story(world: World) -> None:
        page = await world.page()
        await world.call("sendChatAction", chat_id=ADA, action="typing")
        await page.until("document.querySelector('#chat-status .dots')")
        world.simulator.set_status("Loading the model", 0.25)
        await page.until("document.querySelector('#banner-progress').value === 0.25 && banner.checkVisibility()")
        world.simulator.set_status("Ready", 1.0, ready=True)
        await page.until("!banner.checkVisibility()")

    run(story)


def test_the_page_comes_back_when_the_simulator_starts_again():
    async def story(world: World) -> None:
        page = await world.page()
        port = int(world.simulator.base_url.rpartition(":")[2])
        await world.simulator.stop()
        await page.until("document.querySelector('#list-title').textContent === 'Connecting…'")
        second = Simulator()
        await second.start(port=port)
        try:
            second.say(ADA, "I am new here")
            await page.until("document.querySelector('.message')?.textContent.includes('I am new here')")
        finally:
            await second.stop()
        page.console.clear()  # the refused connections in between are what this is about

    run(story)


def test_dark_and_light_keep_text_readable_and_the_button_changes_between_them():
    async def story(world: World) -> None:
        await world.call("sendMessage", chat_id=ADA, text="in")
        world.simulator.say(ADA, "out")
        for dark in (False, True):
            page = await world.page(dark=dark)
            await page.until("document.querySelectorAll('.message').length === 2")
            chosen = "document.documentElement.dataset.theme"
            assert await page.eval(chosen) == ("dark" if dark else "light")
            for who in ("in", "out"):
                assert await page.eval(CONTRAST.replace("WHERE", json.dumps(f".message.{who} .bubble"))) >= 7
            if dark:
                await page.click("#theme")
                await page.until(f"{chosen} === 'light'")

    run(story)


def test_without_scripts_from_elsewhere_nothing_is_loaded_from_outside():
    async def story(world: World) -> None:
        page = await world.page()
        urls = await page.eval("performance.getEntriesByType('resource').map(entry => entry.name)")
        assert urls
        assert all(url.startswith(world.url) for url in urls)

    run(story)


def test_several_pages_see_the_same():
    async def story(world: World) -> None:
        first, second = await asyncio.gather(world.page(), world.page())
        await first.eval("document.querySelector('#composer').focus()")
        await first.type("to all")
        await first.press("Enter")
        await second.until("document.querySelector('.message.out')?.textContent.includes('to all')")

    run(story)


DRAWN = """(async () => {
    const canvas = new OffscreenCanvas(2000, 1000);
    canvas.getContext("2d").fillRect(0, 0, 500, 500);
    const file = new File([await canvas.convertToBlob({ type: "image/png" })], "drawn.png", { type: "image/png" });
    const carried = new DataTransfer();
    carried.items.add(file);
    const input = document.querySelector("#picture");
    input.files = carried.files;
    input.dispatchEvent(new Event("change"));
})()"""


def test_a_picture_is_sent_with_what_was_written_and_shown():
    async def story(world: World) -> None:
        page = await world.page()
        await page.click("#composer")
        await page.type("What is this?")
        await page.eval(DRAWN)
        await page.until("document.querySelector('.message.out img.photo')?.naturalWidth === 1280")
        assert await page.eval("document.querySelector('.message.out').textContent.includes('What is this?')")
        assert await page.eval("document.querySelector('#composer').value") == ""
        (update,) = await world.call("getUpdates")
        (size,) = update["message"]["photo"]
        assert (size["width"], size["height"], update["message"]["caption"]) == (1280, 640, "What is this?")
        found = await world.call("getFile", file_id=size["file_id"])
        address = f"{world.simulator.base_url}/file/bot{world.simulator.token}/{found['file_path']}"
        async with world.http.get(address) as answer:
            assert (await answer.read()).startswith(b"\xff\xd8\xff")

    run(story)


def test_what_is_no_picture_is_told_and_what_was_written_stays():
    async def story(world: World) -> None:
        page = await world.page()
        await page.click("#composer")
        await page.type("Look")
        await page.eval(DRAWN.replace('await canvas.convertToBlob({ type: "image/png" })', "'no picture'"))
        await page.until("document.querySelector('#toast').textContent.includes('cannot be read')")
        assert await page.eval("document.querySelector('#composer').value") == "Look"

    run(story)


def test_what_a_bot_answers_to_a_pressed_button_is_shown():
    async def story(world: World) -> None:
        page = await world.page(f"{ADA}/")
        keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
        await world.call("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard)
        await page.click(".keyboard .key")
        (update,) = await world.call("getUpdates", timeout=5, allowed_updates=["callback_query"])
        await world.call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"], text="Allowed.")
        await page.until("document.querySelector('#toast').textContent === 'Allowed.'")

    run(story)
