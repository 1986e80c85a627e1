"""The one chromium of this process: it starts for the first test that wants it, and ends with the last."""

import atexit
import re
import shutil
import subprocess
import tempfile
import threading

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    *("--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--disable-gpu", "--hide-scrollbars"),
    *("--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking", "--mute-audio"),
    *("--disable-component-update", "--disable-sync"),
]


class _Running:
    """A chromium with a fresh profile, as soon as it listens."""

    def __init__(self) -> None:
        assert EXECUTABLE, "chromium is missing; mark the test with needs_chromium"
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [EXECUTABLE, *OPTIONS, f"--user-data-dir={self._profile.name}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        atexit.register(self.end)
        self.devtools = self._address()
        self._drain = threading.Thread(target=self._read_rest, daemon=True)
        self._drain.start()

    def _address(self) -> str:
        assert self.process.stderr
        said = []
        for line in self.process.stderr:
            said.append(line)
            if found := re.search(r"DevTools listening on (ws://\S+)", line):
                return found[1]
        raise AssertionError(f"chromium ended before it listened: {''.join(said)[-2000:]}")

    def _read_rest(self) -> None:
        assert self.process.stderr
        for _ in self.process.stderr:
            pass

    def end(self) -> None:
        """Kill it, and forget what it knew."""
        self.process.kill()
        self.process.wait()
        self._profile.cleanup()


_running: list[_Running] = []


def devtools() -> str:
    """The address of a running browser's own DevTools."""
    if not _running or _running[-1].process.poll() is not None:
        _running.append(_Running())
    return _running[-1].devtools
