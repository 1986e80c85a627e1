"""Recordings as files: one a turn, written line by line, so that of a killed process all but the future is there."""

import itertools
import logging
import os
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from telex.errors import ConfigError
from telex.recording.coder import Coder
from telex.recording.entries import FORMAT, Entry, Header, Left
from telex.recording.recorder import Recorder

log = logging.getLogger("telex")

SUFFIX = ".jsonl"
MAGIC = "telex recording"
ONLY_OWNER = 0o600  # what people wrote is in it


def telex_version() -> str:
    """Of the telex that runs."""
    try:
        return version("telex")
    except PackageNotFoundError:  # run from its sources
        return "unknown"


class Recordings:
    """Where turns are recorded: each in a file of its own, whose name is not taken yet.

    Args:
        path: a folder, made when it is missing; or a name that ends in ``.jsonl``, for the first turn: the next ones are
            ``-2``, ``-3`` and so on.

    Attributes:
        written: the files so far.

    Raises:
        ConfigError: nothing can be written there.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._places: dict[object, int] = {}
        self.written: list[Path] = []
        folder = self._path.parent if self._path.suffix == SUFFIX else self._path
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(0, "Permission denied")
        except OSError as error:
            raise ConfigError(f"{folder}: no recording can be written there ({error.strerror}).") from None

    def recorder(self, chat: object = None, topic: object = None) -> Recorder:
        """Record a turn. Its place is told by numbers of our own.

        Args:
            chat: which chat, by any name.
            topic: which topic of it.
        """
        place = "" if chat is None else f"chat {self._number(chat)}"
        if topic is not None:
            place += f", topic {self._number((chat, topic))}"
        return Recorder(_Writer(self).take, place)

    def open(self) -> int:
        """Make the next file; returns its descriptor."""
        for path in self._names():
            try:
                opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, ONLY_OWNER)
            except FileExistsError:
                continue
            self.written.append(path)
            log.info("an answer is recorded in %s", path)
            return opened
        raise AssertionError  # the names never end

    def _names(self) -> "itertools.chain[Path]":
        if self._path.suffix == SUFFIX:
            first, counted = self._path, self._path.with_suffix("")
        else:
            counted = self._path / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
            first = counted.with_name(f"{counted.name}{SUFFIX}")
        later = (counted.with_name(f"{counted.name}-{number}{SUFFIX}") for number in itertools.count(2))
        return itertools.chain([first], later)

    def _number(self, place: object) -> int:
        return self._places.setdefault(place, len(self._places) + 1)


class _Writer:
    """Writes one recording, from its first entry on: a turn in which nothing happened leaves no file."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._coder = Coder()
        self._header: Header | None = None
        self._file: int | None = None
        self._over = False

    def take(self, item: Header | Entry) -> None:
        if self._over:
            return
        if isinstance(item, Header):
            self._header = replace(item, version=telex_version(), at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            return
        try:
            if self._file is None:
                self._file = self._recordings.open()
                assert self._header is not None  # noqa: S101 - it comes first
                self._write({"telex": MAGIC, **asdict(self._header)})
            self._write(self._coder.plain(item))
        except (
            OSError,
            ValueError,
        ) as error:  # a full disk, or what no UTF-8 can say, ends the recording and not the answer
            self._over = True
            log.warning("the recording ends here: %s", error)
        self._over = self._over or isinstance(item, Left)
        if self._over and self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, line: dict[str, Any]) -> None:
        """The whole line in one call: a kill leaves none in pieces. Where only a part fits, it is taken back.

        Raises:
            OSError: it could not be written.
        """
        assert self._file is not None  # noqa: S101 - it is open
        rest, before = msgspec.json.encode(line) + b"\n", os.fstat(self._file).st_size
        try:
            while rest:  # on a disk that fills up the second call says so
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, before)
            raise


def read(path: str | Path) -> tuple[Header, list[Entry]]:
    """Read the recording at ``path``: its header and its entries.

    A last line that is cut off is left out, and the log says so.

    Raises:
        ConfigError: it cannot be read, is none, or is broken; names the file and the line.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from None
    lines = raw.splitlines()
    if len(lines) > 1 and not raw.endswith(b"\n") and not _is_json(lines[-1]):
        log.warning("%s, line %d is cut off: the recording is read without it", path, len(lines))
        lines.pop()
    if not lines:
        raise ConfigError(f"{path}, line 1: this is no recording of telex: the file is empty.")
    header = _header(path, lines[0])
    coder = Coder()
    entries: list[Entry] = []
    for number, line in enumerate(lines[1:], 2):
        try:
            entries.append(coder.entry(msgspec.json.decode(line, type=dict[str, Any])))
        except (ValueError, TypeError) as error:  # msgspec's errors are ValueErrors
            raise ConfigError(f"{path}, line {number}: the recording is broken here: {error}.") from None
    return header, entries


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except ValueError:  # msgspec's errors are ValueErrors
        return False
    return True


def _header(path: str | Path, line: bytes) -> Header:
    foreign = ConfigError(f'{path}, line 1: this is no recording of telex, which begins with {{"telex":"{MAGIC}", …}}.')
    try:
        values = msgspec.json.decode(line)
    except ValueError:
        raise foreign from None
    if not isinstance(values, dict) or values.get("telex") != MAGIC:
        raise foreign
    if isinstance(values.get("format"), int) and values["format"] > FORMAT:
        raise ConfigError(
            f"{path}, line 1: telex {values.get('version')} made this recording in format {values['format']}, and this "
            f"telex ({telex_version()}) reads up to format {FORMAT}. Install a newer telex."
        )
    try:
        return msgspec.convert(values, Header)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}, line 1: the recording is broken here: {error}.") from None
