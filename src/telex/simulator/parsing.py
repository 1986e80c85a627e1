"""What the parse modes share: the text that grows, its entities, and links that are more than links. Pure."""

from typing import Any
from urllib.parse import parse_qs, urlsplit


class MarkupError(Exception):
    """The markup cannot be read; the message is what the server says after "can't parse entities: "."""


class Builder:
    """Collects the text without its markup, and counts it in UTF-16 units."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.units = 0
        self.entities: list[dict[str, Any]] = []

    def add(self, text: str) -> None:
        """Append visible text."""
        self._parts.append(text)
        self.units += len(text) + sum(character > "\uffff" for character in text)

    def text(self, start: int = 0) -> str:
        """What was collected from UTF-16 unit ``start`` on."""
        whole = "".join(self._parts)
        return whole.encode("utf-16-le", "surrogatepass")[2 * start :].decode("utf-16-le", "surrogatepass")

    def mark(self, start: int, kind: str, **fields: Any) -> None:
        """Make an entity from unit ``start`` to here; an empty one is dropped."""
        if self.units > start:
            self.entities.append({"offset": start, "length": self.units - start, "type": kind, **fields})

    def link(self, start: int, url: str) -> None:
        """Make a link from unit ``start`` to here; an address that is none is dropped."""
        url = url.strip()
        if url and not any(character.isspace() for character in url):
            self.mark(start, "text_link", url=url if "://" in url or ":" in url else f"http://{url}/")

    def finish(self) -> tuple[str, list[dict[str, Any]]]:
        """The text and its entities, outer ones first."""
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._parts), self.entities

    def special(self, start: int, url: str) -> bool:
        """Make what ``![..](tg://..)`` means: a custom emoji or a date. False when the address means neither."""
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.scheme == "tg" and parts.netloc == "emoji" and query.get("id", "").isdecimal():
            self.mark(start, "custom_emoji", custom_emoji_id=query["id"])
            return True
        if parts.scheme == "tg" and parts.netloc == "time" and query.get("unix", "").isdecimal():
            self.date(start, query["unix"], query.get("format", ""))
            return True
        return False

    def date(self, start: int, unix: str, shape: str) -> None:
        """Make a date that the reader's client writes out in its own way."""
        self.mark(start, "date_time", unix_time=int(unix), **({"date_time_format": shape} if shape else {}))


def byte_offset(text: str, at: int) -> int:
    """The place of character ``at`` as the server counts it."""
    return len(text[:at].encode("utf-8", "surrogatepass"))
