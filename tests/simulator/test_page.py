"""The chat page in a real browser, against the real simulator."""

from tests.simulator.chromium import needs_chromium
from tests.simulator.page_world import ADA, CODE, IDEAS, LAB, WORKSHOP, World, run, spans

pytestmark = needs_chromium


def test_the_first_picture_shows_the_chats_and_what_was_said_in_them():
    async def story(world: World) -> None:
        world.simulator.say(ADA, "said before")
        page = await world.page()
        places = "[...document.querySelectorAll('[data-chat]')].map(row => [row.dataset.chat, row.dataset.thread])"
        assert await page.eval(places) == [
            [str(ADA), ""],
            [str(LAB), ""],
            [str(WORKSHOP), ""],
            [str(WORKSHOP), str(IDEAS)],
            [str(WORKSHOP), str(CODE)],
        ]
        await page.until("document.querySelector('.message.out .text')?.textContent.includes('said before')")

    run(story)


def test_what_is_typed_and_sent_reaches_the_bot_and_appears_as_ones_own():
    async def story(world: World) -> None:
        page = await world.page()
        await page.eval("document.querySelector('#composer').focus()")
        await page.type("first line")
        await page.press("Enter", shift=True)
        await page.type("second line")
        await page.press("Enter")
        await page.until("document.querySelector('.message.out')?.textContent.includes('second line')")
        (update,) = await world.call("getUpdates")
        assert update["message"]["text"] == "first line\nsecond line"
        assert update["message"]["from"]["id"] == ADA
        assert await page.eval("document.querySelector('#composer').value") == ""

    run(story)


def test_entities_become_the_right_elements_at_utf16_offsets():
    async def story(world: World) -> None:
        page = await world.page()
        text = "😀 bold and inner, x = 1\nnext link secret quote #tag a@b.io"
        parts = spans(
            text,
            ("bold", "bold and inner"),
            ("italic", "inner"),
            ("pre", "x = 1", {"language": "python"}),
            ("text_link", "link", {"url": "https://example.org/"}),
            ("spoiler", "secret"),
            ("blockquote", "quote"),
            ("hashtag", "#tag"),
            ("email", "a@b.io"),
        )
        await world.call("sendMessage", chat_id=ADA, text=text, entities=parts)
        await page.until("document.querySelector('.message.in')")
        found = await page.eval("""(() => {
            const of = (selector) => document.querySelector(`.message.in ${selector}`)?.textContent;
            return { bold: of("strong"), inner: of("strong em"), code: of(".pre code"), language: of(".pre-head span"),
                number: of(".hl-number"), link: document.querySelector(".message a[href='https://example.org/']").rel,
                spoiler: of(".spoiler"), quote: of("blockquote"), tag: of(".hashtag"), mail: of("a[href='mailto:a@b.io']") };
        })()""")
        assert found == {
            "bold": "bold and inner",
            "inner": "inner",
            "code": "x = 1",
            "language": "python",
            "number": "1",
            "link": "noopener noreferrer",
            "spoiler": "secret",
            "quote": "quote",
            "tag": "#tag",
            "mail": "a@b.io",
        }

    run(story)


def test_a_spoiler_opens_when_it_is_pressed_and_stays_open_when_the_message_is_edited():
    async def story(world: World) -> None:
        page = await world.page()
        sent = await world.call(
            "sendMessage", chat_id=ADA, text="hidden", entities=spans("hidden", ("spoiler", "hidden"))
        )
        await page.click(".spoiler")
        await page.until("document.querySelector('.message .text.revealed')")
        where = {"chat_id": ADA, "message_id": sent["message_id"]}
        await world.call("editMessageText", **where, text="hidden!", entities=spans("hidden!", ("spoiler", "hidden")))
        await page.until("document.querySelector('.message .text.revealed')?.textContent.includes('hidden!')")

    run(story)


def test_html_in_a_message_stays_text_and_a_script_address_is_no_link():
    async def story(world: World) -> None:
        page = await world.page()
        text = "<img src=x onerror=alert(1)> press"
        evil = [{"type": "text_link", "offset": text.index("press"), "length": 5, "url": "javascript:alert(1)"}]
        message = world.simulator.say(ADA, text)
        await page.until("document.querySelector('.message')")
        shown = await page.eval("document.querySelector('.message .text').firstChild.textContent")
        assert shown == text
        message["entities"] = evil  # a platform would refuse it; the page must not count on that
        world.simulator.state.emit({"type": "edited", "message": message})
        await page.until("document.querySelector('.unsafe-link')")
        assert await page.eval("document.querySelectorAll('.message img, .message a').length") == 0

    run(story)


def test_a_draft_thinks_grows_with_its_new_words_fading_and_becomes_the_message_in_its_place():
    async def story(world: World) -> None:
        page = await world.page()
        draft = {"chat_id": ADA, "draft_id": 5}
        await world.call("sendMessageDraft", **draft, text="")
        await page.until("document.querySelector('.draft .thinking')")
        assert await page.eval("document.querySelector('#chat-status').textContent") == "is thinking"
        await world.call("sendMessageDraft", **draft, text="One two")
        await page.until("document.querySelector('.draft .fresh')?.textContent === 'One'")
        await page.until(
            "document.querySelector('.draft[data-draft-id=\"5\"]') && !document.querySelector('.thinking')"
        )
        await world.call("sendMessageDraft", **draft, text="One two three four")
        await page.until("document.querySelector('.draft').textContent.startsWith('One two three four')")
        fresh = await page.eval("[...document.querySelectorAll('.draft .fresh')].map(word => word.textContent.trim())")
        assert fresh[-2:] == ["three", "four"]
        settled = "document.querySelector('.draft .bubble').getAnimations().map(one => one.finished)"
        await page.eval(f"Promise.all({settled}).then(() => true)")
        await page.eval("window.top0 = document.querySelector('.draft .bubble').getBoundingClientRect().top")
        await world.call("sendMessage", chat_id=ADA, text="One two three four")
        await page.until("document.querySelector('.message[data-message-id]') && !document.querySelector('.draft')")
        moved = await page.eval("document.querySelector('.message .bubble').getBoundingClientRect().top - window.top0")
        assert abs(moved) < 1

    run(story)


def test_another_draft_id_fades_in_everything():
    async def story(world: World) -> None:
        page = await world.page()
        await world.call("sendMessageDraft", chat_id=ADA, draft_id=5, text="One two three")
        await page.until("document.querySelector('.draft')")
        await world.call("sendMessageDraft", chat_id=ADA, draft_id=6, text="One two three")
        await page.until("document.querySelector('.draft').dataset.draftId === '6'")
        fresh = await page.eval("[...document.querySelectorAll('.draft .fresh')].map(word => word.textContent.trim())")
        assert fresh == ["One", "two", "three"]

    run(story)


def test_the_stop_button_stands_beside_a_draft_that_allows_it_and_tells_the_bot():
    async def story(world: World) -> None:
        page = await world.page()
        await world.call("sendMessageDraft", chat_id=ADA, draft_id=9, text="still", can_stop=False)
        await page.until("document.querySelector('.draft')")
        assert await page.eval("document.querySelector('#stop').hidden")
        await world.call("sendMessageDraft", chat_id=ADA, draft_id=9, text="still going", can_stop=True)
        await page.until("!document.querySelector('#stop').hidden")
        await page.click("#stop")
        (update,) = await world.call("getUpdates", timeout=10)
        assert update["stopped_message_generation"]["draft_id"] == 9
        await page.until("document.querySelector('#stop').hidden")

    run(story)


def test_an_edit_changes_the_bubble_and_says_edited():
    async def story(world: World) -> None:
        page = await world.page()
        sent = await world.call("sendMessage", chat_id=ADA, text="befor")
        bubble = f"document.querySelector('[data-message-id=\"{sent['message_id']}\"]')"
        await page.until(f"{bubble} && !{bubble}.querySelector('.edited')")
        await world.call("editMessageText", chat_id=ADA, message_id=sent["message_id"], text="before")
        await page.until(f"{bubble}.querySelector('.edited') && {bubble}.textContent.startsWith('before')")

    run(story)


def test_topics_are_places_of_their_own_and_count_what_is_unread():
    async def story(world: World) -> None:
        page = await world.page(f"{WORKSHOP}/{IDEAS}")
        await page.until("document.querySelector('#chat-title').textContent === 'Ideas'")
        await world.call("sendMessage", chat_id=WORKSHOP, message_thread_id=CODE, text="about code")
        await world.call("sendMessage", chat_id=WORKSHOP, message_thread_id=IDEAS, text="about ideas")
        await page.until("document.querySelector('.message')?.textContent.includes('about ideas')")
        assert await page.eval("document.querySelectorAll('.message').length") == 1
        row = f"[data-chat='{WORKSHOP}'][data-thread='{CODE}']"
        await page.until(f'document.querySelector("{row} .badge").textContent === "1"')
        await page.click(row)
        await page.until("document.querySelector('.message')?.textContent.includes('about code')")
        await page.until(f'document.querySelector("{row} .badge").hidden')
        await page.eval("document.querySelector('#composer').focus()")
        await page.type("an answer")
        await page.press("Enter")
        await page.until("document.querySelector('.message.out')")
        (update,) = await world.call("getUpdates")
        assert update["message"]["message_thread_id"] == CODE

    run(story)
