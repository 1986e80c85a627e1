"""Debian's chromium, driven over the Chrome DevTools Protocol: open a page, ask it, type, look at it."""

import asyncio
import base64
import itertools
import json
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest

from tests.simulator.chromium_process import EXECUTABLE, devtools

needs_chromium = pytest.mark.skipif(
    EXECUTABLE is None, reason="no chromium on PATH: apt-get install chromium, and the page is tested too"
)

# Long enough for a busy machine with two cores; a condition that never comes true fails with its own text.
PATIENCE = 60.0


class PageError(AssertionError):
    """The page threw, or a condition did not come true."""


class Wire:
    """One WebSocket of the DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Close it."""
        await self._socket.close()
        await self._reader

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command of the DevTools protocol and return its result."""
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        answer = await asyncio.wait_for(self._answers[number], PATIENCE * 2)
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                self._answers.pop(data["id"]).set_result(data)
            else:
                self._hear(data["method"], data["params"])
        for waiting in self._answers.values():
            waiting.cancel()

    def _hear(self, event: str, about: dict[str, Any]) -> None:
        """Something happened there."""


class Chromium:
    """A person's headless browser, who was never here: ``async with Chromium() as browser: await browser.open(url)``."""

    async def __aenter__(self) -> Self:
        address = devtools()
        self._http = aiohttp.ClientSession()
        self._page_address = f"{address.partition('/devtools/')[0]}/devtools/page"
        self._browser = Wire(await self._http.ws_connect(address, max_msg_size=0))
        self._person = await self._browser.command("Target.createBrowserContext", disposeOnDetach=True)
        self.pages: list[Page] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        for page in self.pages:
            await page.close()
        await self._browser.command("Target.disposeBrowserContext", **self._person)
        await self._browser.close()
        await self._http.close()

    async def open(
        self, url: str, *, width: int = 1200, height: int = 800, dark: bool = False, touch: bool = False
    ) -> "Page":
        """Open ``url`` in a tab of its own, in a window of this size (CSS pixels), and wait until it is loaded."""
        target = await self._browser.command("Target.createTarget", url="about:blank", **self._person)
        page = Page(await self._http.ws_connect(f"{self._page_address}/{target['targetId']}", max_msg_size=0))
        self.pages.append(page)
        await page.set_up(width=width, height=height, dark=dark, touch=touch)
        await page.go(url)
        return page


class Page(Wire):
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__(socket)
        self._loaded = asyncio.Event()
        self.console: list[str] = []

    def _hear(self, event: str, about: dict[str, Any]) -> None:
        match event:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self.console.append(details.get("exception", {}).get("description", details["text"]))
            case "Log.entryAdded":
                entry = about["entry"]
                self.console.append(f"{entry['level']}: {entry['text']} {entry.get('url', '')}")

    async def set_up(self, *, width: int, height: int, dark: bool, touch: bool) -> None:
        """Prepare the tab; ``open`` has done it."""
        for domain in ("Page", "Runtime", "Log"):
            await self.command(f"{domain}.enable")
        await self.resize(width, height, touch=touch)
        await self.prefer(dark=dark)

    async def resize(self, width: int, height: int, *, touch: bool = False) -> None:
        """Give the window another size, in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        await self.command("Emulation.setDeviceMetricsOverride", **size)
        await self.command("Emulation.setTouchEmulationEnabled", enabled=touch)

    async def prefer(self, *, dark: bool = False, reduced_motion: bool = False) -> None:
        """Say what the system's owner prefers."""
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced_motion else "no-preference"},
        ]
        await self.command("Emulation.setEmulatedMedia", features=features)

    async def go(self, url: str) -> None:
        """Load ``url`` and wait until it is loaded."""
        self._loaded.clear()
        answer = await self.command("Page.navigate", url=url)
        if "errorText" in answer:
            raise PageError(f"{url}: {answer['errorText']}")
        await asyncio.wait_for(self._loaded.wait(), PATIENCE)

    async def eval(self, script: str) -> Any:
        """Evaluate JavaScript (a promise is awaited) and return its value, which must fit into JSON."""
        answer = await self.command(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(f"{script}: {details.get('exception', {}).get('description', details['text'])}")
        return answer["result"].get("value")

    async def until(self, condition: str) -> Any:
        """Wait until the JavaScript expression ``condition`` is truthy, and return its value.

        It is looked at again whenever the document, an animation or the scroll position changes.
        """
        script = """new Promise((resolve, reject) => {
            const check = () => { const value = (() => { try { return CONDITION; } catch (e) { return null; } })();
                if (value) { stop(); resolve(value instanceof Node ? true : value); } };
            const seen = new MutationObserver(check);
            const events = ["scroll", "animationstart", "animationend", "focusin", "hashchange", "resize"];
            const stop = () => { seen.disconnect(); clearTimeout(late);
                for (const name of events) removeEventListener(name, check, true); };
            const late = setTimeout(() => { stop();
                reject(new Error("never true; the page shows: " + document.body.innerText.slice(0, 1500))); }, PATIENCE);
            seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            for (const name of events) addEventListener(name, check, true);
            check(); })"""
        filled = script.replace("CONDITION", f"({condition})").replace("PATIENCE", str(int(PATIENCE * 1000)))
        try:
            return await self.eval(filled)
        except PageError as error:
            said = str(error).removeprefix(filled)
            raise PageError(f"{condition}{said} {self.console}") from None

    async def click(self, selector: str) -> None:
        """Press the mouse in the middle of the first element that ``selector`` finds."""
        await self.until(f"document.querySelector({json.dumps(selector)})")
        script = f"""(() => {{ const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{ block: "nearest", behavior: "instant" }});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()"""
        x, y = await self.eval(script)
        for kind in ("mousePressed", "mouseReleased"):
            await self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def type(self, text: str) -> None:
        """Write ``text`` where the focus is, as if it were pasted in one go."""
        await self.command("Input.insertText", text=text)

    async def press(self, key: str, *, shift: bool = False) -> None:
        """Press and let go of a named key, such as ``Enter``, ``Escape`` or ``ArrowUp``."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40, "Backspace": 8}
        base: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        base["modifiers"] = 8 if shift else 0
        text = {"text": "\r"} if key == "Enter" else {}
        await self.command("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **base, **text)
        await self.command("Input.dispatchKeyEvent", type="keyUp", **base)

    async def screenshot(self, path: str | Path) -> None:
        """Write what the window shows to ``path``, a PNG."""
        answer = await self.command("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(answer["data"]))  # noqa: ASYNC240 - a small file in a test
