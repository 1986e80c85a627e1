"""Debian's chromium, driven over the Chrome DevTools Protocol: open a page, ask it, type, look at it."""

import asyncio
import base64
import contextlib
import itertools
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(
    EXECUTABLE is None, reason="no chromium on PATH: apt-get install chromium, and the page is tested too"
)

# Long enough for a busy machine with two cores; a condition that never comes true fails with its own text.
PATIENCE = 60.0


class PageError(AssertionError):
    """The page threw, or a condition did not come true."""


class Chromium:
    """A headless browser with a fresh profile: ``async with Chromium() as browser: await browser.open(url)``."""

    async def __aenter__(self) -> Self:
        assert EXECUTABLE, "chromium is missing; mark the test with needs_chromium"
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self._process = await asyncio.create_subprocess_exec(
            EXECUTABLE,
            *("--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--disable-gpu", "--hide-scrollbars"),
            *("--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking", "--mute-audio"),
            *("--disable-component-update", "--disable-sync", f"--user-data-dir={self._profile.name}", "about:blank"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._http = aiohttp.ClientSession()
        try:
            self._devtools = await asyncio.wait_for(self._address(), PATIENCE)
            self._drain = asyncio.create_task(self._read_rest())
        except BaseException:
            await self.__aexit__()
            raise
        self.pages: list[Page] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        for page in getattr(self, "pages", []):
            await page.close()
        await self._http.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if hasattr(self, "_drain"):
            await self._drain
        self._profile.cleanup()

    async def _address(self) -> str:
        assert self._process.stderr
        said = []
        async for line in self._process.stderr:
            said.append(line.decode(errors="replace"))
            if found := re.search(r"DevTools listening on ws://([^/\s]+)/", said[-1]):
                return found[1]
        raise PageError(f"chromium ended before it listened: {''.join(said)[-2000:]}")

    async def _read_rest(self) -> None:
        assert self._process.stderr
        while await self._process.stderr.read(65536):
            pass

    async def open(
        self, url: str, *, width: int = 1200, height: int = 800, dark: bool = False, touch: bool = False
    ) -> "Page":
        """Open ``url`` in a tab of its own, in a window of this size (CSS pixels), and wait until it is loaded."""
        async with self._http.put(f"http://{self._devtools}/json/new?about:blank") as answer:
            target = await answer.json()
        socket = await self._http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
        page = Page(socket)
        self.pages.append(page)
        await page.set_up(width=width, height=height, dark=dark, touch=touch)
        await page.go(url)
        return page


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self.console: list[str] = []

    async def close(self) -> None:
        """Close the wire to the tab."""
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
            elif data["method"] == "Page.loadEventFired":
                self._loaded.set()
            elif data["method"] == "Runtime.exceptionThrown":
                details = data["params"]["exceptionDetails"]
                self.console.append(details.get("exception", {}).get("description", details["text"]))
            elif data["method"] == "Log.entryAdded":
                entry = data["params"]["entry"]
                self.console.append(f"{entry['level']}: {entry['text']} {entry.get('url', '')}")
        for waiting in self._answers.values():
            waiting.cancel()

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
