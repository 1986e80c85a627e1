"""telex in a real terminal: a tmux of its own, with keys to press and a screen to look at."""

import contextlib
import difflib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import environment

BOUND = 60.0
SCREENS = Path(__file__).parent / "screens"
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed; apt-get install tmux")


class Pane:
    """A terminal that somebody sits at.

    Args:
        columns: its width.
        rows: its height.
    """

    def __init__(self, columns: int = 60, rows: int = 20) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="telex-tmux-")
        self._socket = f"{self._folder.name}/s"
        self._size = ("-x", str(columns), "-y", str(rows))

    def start(self, *arguments: str, **more: str) -> None:
        """Run telex in it; what was on the screen stays when telex has ended, with its exit code."""
        own = [f"{name}={value}" for name, value in more.items()]  # tmux would set TERM itself
        self.run(f'{shlex.join(["env", *own, sys.executable, "-m", "telex", *arguments])}; echo "[left with $?]"')

    def run(self, command: str) -> None:
        """Run a line of shell in it."""
        env = {**environment(), "LC_ALL": "C.UTF-8"}
        env.pop("TMUX", None)
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", *self._size, "exec cat", ";", "set", "-g", "status", "off", ";",
            "set", "-g", "history-limit", "10000", ";", "set", "-g", "window-size", "manual", ";",
            "respawn-pane", "-k", f"{command}; exec cat", env=env,
        )  # fmt: skip

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names for them."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type letters."""
        self._tmux("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """Paste a block, as terminals do it."""
        self._tmux("load-buffer", "-", stdin=text)
        self._tmux("paste-buffer", "-p")

    def resize(self, columns: int, rows: int) -> None:
        """Pull at the window's corner."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, *, history: bool = False, styled: bool = False) -> str:
        """What can be seen, or scrolled to; without white space at the ends of lines."""
        above = ("-S", "-", "-J") if history else ()  # a line that the terminal has broken is one
        look = ("-e",) if styled else ()
        shown = self._tmux("capture-pane", "-p", *above, *look)
        return "\n".join(line.rstrip() for line in shown.split("\n")).rstrip("\n")

    def until(self, there: str | Callable[[str], object], *, history: bool = False) -> str:
        """Wait until the screen shows something; returns the screen."""
        found = there if callable(there) else lambda screen: there in screen
        give_up = time.monotonic() + BOUND
        while not found(screen := self.screen(history=history)):
            assert time.monotonic() < give_up, f"not seen: {there!r}; the screen is:\n{screen}"
        return screen

    def close(self) -> None:
        """Throw it away, with whatever runs in it."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._tmux("kill-server")
        self._folder.cleanup()

    def _tmux(self, *arguments: str, stdin: str | None = None, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", self._socket, *arguments],  # noqa: S607 - the tmux that is on the path
            input=stdin, capture_output=True, text=True, check=True, timeout=BOUND, env=env,
        )  # fmt: skip
        return done.stdout


@contextlib.contextmanager
def terminal(*arguments: str, columns: int = 60, rows: int = 20, **more: str) -> Iterator[Pane]:
    """telex with these arguments at work in a terminal."""
    pane = Pane(columns, rows)
    try:
        pane.start(*arguments, **more)
        yield pane
    finally:
        pane.close()


def configured(folder: Path, *script: str | dict[str, Any], more: str = "") -> str:
    """A configuration whose model plays ``script``; ``more`` are further sections."""
    (folder / "script.yaml").write_text(json.dumps(script), encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(
        f"provider: {{kind: scripted, script: '{folder / 'script.yaml'}'}}\ndata_dir: '{folder}'\n{more}\n",
        encoding="utf-8",
    )
    return str(path)


def check_screen(name: str, pane: Pane) -> None:
    """Compare the screen, from the top of its scrollback, with the one that is kept; TELEX_RENEW=1 keeps this one."""
    screen = re.sub(r"\d+(\.\d)? s\b", "0 s", pane.screen(history=True)) + "\n"
    path = SCREENS / f"{name}.txt"
    if os.environ.get("TELEX_RENEW") == "1":
        path.write_text(screen, encoding="utf-8")
    kept = path.read_text(encoding="utf-8")
    changed = "\n".join(difflib.unified_diff(kept.splitlines(), screen.splitlines(), str(path), "now", lineterm=""))
    assert screen == kept, f"{changed}\nTELEX_RENEW=1 keeps the new screen"
