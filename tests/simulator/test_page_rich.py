"""Rich messages on the chat page, in a real browser."""

import os

from tests.simulator.chromium import needs_chromium
from tests.simulator.page_world import ADA, World, run

pytestmark = needs_chromium

PICTURE = os.environ.get("TELEX_PICTURE_OF_RICH", "")  # where a picture of the page is to be written
ANSWER = """\
## Planets

| planet | moons | *note* |
|:---|---:|---|
| Earth | 1 | **home** |
| Mars | 2 | `Phobos` |

The area is $\\pi r^2$, and so:

$$
E = mc^2
$$

1. first

   ```python
   print("in a list")
   ```

2. second
   - [x] done
   - [ ] open

> quoted
>
> - twice

<details><summary>More</summary>

hidden at first, with a [link](https://example.org/)

</details>

||Deimos||, H<sub>2</sub>O, ==marked== and [evil](javascript:alert(1)) [^1]

---

[^1]: a note
"""


async def sent(world: World, markdown: str, **how: bool) -> None:
    await world.call("sendRichMessage", chat_id=ADA, rich_message={"markdown": markdown, **how})


def test_a_rich_message_shows_its_table_headings_formulas_and_summaries():
    async def story(world: World) -> None:
        page = await world.page()
        await sent(world, ANSWER)
        await page.until("document.querySelector('.message.in table')")
        found = await page.eval("""(() => {
            const rich = document.querySelector(".message.in .rich");
            const of = (selector) => rich.querySelector(selector)?.textContent;
            return { heading: of("h2"), head: [...rich.querySelectorAll("th")].map((cell) => cell.textContent),
                cells: [...rich.querySelectorAll("td")].map((cell) => cell.textContent),
                right: getComputedStyle(rich.querySelectorAll("td")[1]).textAlign,
                formulas: [...rich.querySelectorAll(".formula")].map((one) => `${one.tagName} ${one.textContent}`),
                code: of("li .pre code"), labels: [...rich.querySelectorAll(".label")].map((one) => one.textContent),
                boxes: [...rich.querySelectorAll("li input")].map((box) => box.checked),
                quote: of("blockquote li"), summary: of("details summary"), open: rich.querySelector("details").open,
                link: rich.querySelector("details a").href, low: of("sub"), marked: of("mark"),
                evil: of(".unsafe-link"), rules: rich.querySelectorAll("hr").length };
        })()""")
        assert found == {
            "heading": "Planets",
            "head": ["planet", "moons", "note"],
            "cells": ["Earth", "1", "home", "Mars", "2", "Phobos"],
            "right": "end",
            "formulas": ["SPAN \\pi r^2", "DIV E = mc^2"],
            "code": 'print("in a list")',
            "labels": ["1.", "2.", "•"],
            "boxes": [True, False],
            "quote": "•twice",
            "summary": "More",
            "open": False,
            "link": "https://example.org/",
            "low": "2",
            "marked": "marked",
            "evil": "evil",
            "rules": 1,
        }
        assert await page.eval("document.querySelector('[data-chat]').textContent.includes('Planets')")
        if PICTURE:
            await page.screenshot(PICTURE)

    run(story)


def test_a_summary_and_a_spoiler_open_when_they_are_pressed():
    async def story(world: World) -> None:
        page = await world.page()
        await sent(world, ANSWER)
        await page.click(".rich details summary")
        await page.until("document.querySelector('.rich details').open")
        await page.click(".rich .spoiler")
        await page.until("document.querySelector('.message .text.revealed')")

    run(story)


def test_a_rich_draft_shows_what_is_thought_and_then_the_table_that_grows():
    async def story(world: World) -> None:
        page = await world.page()
        draft = {"chat_id": ADA, "draft_id": 5}
        written = "<tg-thinking>so so</tg-thinking>"
        await world.call("sendRichMessageDraft", **draft, rich_message={"markdown": written})
        await page.until("document.querySelector('.draft .rich .thinking')?.textContent === 'so so'")
        for row in ("", "\n| 1 | 2 |"):
            table = f"| a | b |\n|---|---|{row}"
            await world.call("sendRichMessageDraft", **draft, rich_message={"markdown": table})
            await page.until(f"document.querySelectorAll('.draft td').length === {2 if row else 0}")
        await sent(world, table)
        await page.until("document.querySelector('.message.in:not(.draft) table')")
        await page.until("!document.querySelector('.draft')")

    run(story)


def test_a_message_changes_from_text_to_a_table_and_back():
    async def story(world: World) -> None:
        page = await world.page()
        message = await world.call("sendMessage", chat_id=ADA, text="plain")
        where = {"chat_id": ADA, "message_id": message["message_id"]}
        await page.until("document.querySelector('.message.in')")
        await world.call("editMessageText", **where, rich_message={"markdown": "| a |\n|---|\n| b |"})
        await page.until("document.querySelector('.message.in td')?.textContent === 'b'")
        await world.call("editMessageText", **where, text="plain again")
        await page.until("document.querySelector('.message.in .text').textContent.startsWith('plain again')")

    run(story)


def test_a_message_that_is_read_from_right_to_left_begins_on_the_right():
    async def story(world: World) -> None:
        page = await world.page()
        await sent(world, "| \u05d0 | \u05d1 |\n|---|---|\n| 1 | 2 |", is_rtl=True)
        await page.until("document.querySelectorAll('.message.in td').length === 2")
        left = "[...document.querySelectorAll('.message.in td')].map((cell) => cell.getBoundingClientRect().left)"
        first, second = await page.eval(left)
        assert first > second

    run(story)
