"""``telex bench terminal``: how soon a token is on the screen, and what its letters cost.

A model's server of our own sends a token and looks at the terminal (a pty) that ``telex ask`` runs on: the clock runs from
the byte that leaves the server until the word can be read there. Beside it, in the same run, stands a program that prints each
delta as it comes and nothing else, on the same HTTP client.
"""

import asyncio
import fcntl
import json
import os
import pty
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

BOUND = 0.020  # seconds from a token to its word on the screen
BYTES = 3.0  # for a visible character of plain prose
ANSWERS = 10
SPINNING = 0.45  # seconds before the first token, in which the spinner turns
WORDS = 300
EVERY = 0.02  # seconds between tokens
GIVE_UP = 30.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

PLAIN = """
import asyncio, sys
from telex.providers.base import Request
from telex.providers.openai_chat import OpenAIChat

async def main():
    model = OpenAIChat(sys.argv[1], "none", "m")
    show = lambda event: (sys.stdout.write(getattr(event, "text", "")), sys.stdout.flush())
    await model.stream(Request([{"role": "user", "content": "go"}]), show)
    await model.close()

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer.

    Attributes:
        delays: seconds from each token to its word on the screen.
        written: bytes that the terminal got.
        visible: letters that it shows.
    """

    delays: Sequence[float]
    written: int
    visible: int


class _Terminal:
    """A pty, and what was written to it."""

    def __init__(self) -> None:
        self._ours, self.its = pty.openpty()
        fcntl.ioctl(self.its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.written = bytearray()
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        try:
            self.written += os.read(self._ours, 65536)
        except OSError:  # nobody has the other end open any more
            asyncio.get_running_loop().remove_reader(self._ours)
        self._news.set()

    async def shows(self, word: bytes, start: int) -> None:
        """Wait until ``word`` is among what was written behind ``start``."""
        async with asyncio.timeout(GIVE_UP):
            while word not in self.written[start:]:
                self._news.clear()
                await self._news.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)


def _chunk(text: str | None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": None if text else "stop"}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


@asynccontextmanager
async def _asked() -> "AsyncIterator[tuple[str, asyncio.Queue[asyncio.StreamWriter]]]":
    """A model's server: its address, and who asked."""
    asked: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        asked.put_nowait(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", asked
    finally:
        server.close()


async def _answer(command: Sequence[str], asked: "asyncio.Queue[asyncio.StreamWriter]", words: int) -> Seen:
    """Run ``command`` on a terminal and answer it word by word."""
    terminal = _Terminal()
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=terminal.its, stderr=terminal.its
    )
    os.close(terminal.its)
    delays = []
    try:
        writer = await asyncio.wait_for(asked.get(), GIVE_UP)
        await asyncio.sleep(SPINNING)
        clock = time.perf_counter  # uvloop counts whole milliseconds
        for number in range(words):
            start, sent = len(terminal.written), clock()
            writer.write(_chunk(f"word{number} "))
            await terminal.shows(b"word%d" % number, start)
            delays.append(clock() - sent)
            await asyncio.sleep(EVERY)
        writer.write(_chunk(None) + b"data: [DONE]\n\n")
        writer.close()
        await asyncio.wait_for(process.wait(), GIVE_UP)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        terminal.close()
    visible = sum(len(f"word{number}") for number in range(words))
    return Seen(delays, len(terminal.written), visible)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: delays in seconds, of telex and of the program that only prints.

    Attributes:
        first: of the first word of each answer.
        later: of the words of a long answer, behind its first.
        bytes_each: bytes for a visible letter of that.
    """

    first: tuple[Sequence[float], Sequence[float]]
    later: tuple[Sequence[float], Sequence[float]]
    bytes_each: tuple[float, float]


async def measure(answers: int, words: int) -> Figures:
    """Play so many answers of one word, and one of ``words``."""
    with tempfile.TemporaryDirectory() as folder:
        async with _asked() as (address, asked):
            config = Path(folder) / "config.yaml"
            model = f"{{kind: openai, base_url: '{address}', api_key: none, model: m}}"
            config.write_text(f"provider: {model}\ndata_dir: '{folder}'\n", encoding="utf-8")
            programs = (
                (sys.executable, "-m", "telex", "ask", "--config", str(config), "go"),
                (sys.executable, "-c", PLAIN, address),
            )
            firsts = [[await _answer(program, asked, 1) for program in programs] for _ in range(answers)]
            ours, plain = [await _answer(program, asked, words) for program in programs]
    return Figures(
        ([pair[0].delays[0] for pair in firsts], [pair[1].delays[0] for pair in firsts]),
        (ours.delays[1:], plain.delays[1:]),
        (ours.written / ours.visible, plain.written / plain.visible),
    )


async def main() -> int:
    """Print all figures; 1 when one is beyond its bound."""
    figures = await measure(ANSWERS, WORDS)
    well = _line("the first word", *figures.first)
    well &= _line("each later word", *figures.later)
    bytes_each, printed = figures.bytes_each
    beyond = bytes_each > BYTES
    print(
        f"{'bytes for a letter':20}{bytes_each:8.2f}   bound {BYTES:.2f}; printed {printed:.2f}"
        f"{'  <- beyond' if beyond else ''}"
    )
    well &= not beyond
    print("All within their bounds." if well else "Beyond a bound.")
    return 0 if well else 1


def _line(what: str, ours: Sequence[float], plain: Sequence[float]) -> bool:
    median, bare = statistics.median(ours), statistics.median(plain)
    beyond = max(ours) > BOUND
    print(
        f"{what:20}{median * 1e3:8.2f} ms, at most {max(ours) * 1e3:.2f}   bound {BOUND * 1e3:.0f}; printed {bare * 1e3:.2f}, "
        f"at most {max(plain) * 1e3:.2f}: telex takes {median / bare:.1f} times that{'  <- beyond' if beyond else ''}",
        flush=True,
    )
    return not beyond
