"""``fetch_page``: a public web page as text. It reaches nothing but public addresses.

A model chooses the address, and what it reads may have told it to: so a name is looked up once, what it means is checked,
and the connection goes to what was checked; the same again at every redirect.
"""

import asyncio
import codecs
import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from telex.agent.page_text import page_text
from telex.agent.threads import in_thread
from telex.agent.tools import ToolError, tool

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_BYTES = 2_000_000  # of a page, unpacked
MOST_REDIRECTS = 5
PATIENCE = 30.0  # seconds until a page must have come
READING = 10.0  # seconds for making text of it; a long page takes two
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
PRIVATE = "{host} is not a public address, and this tool reaches nothing else."
EMPTY = "[The page is empty.]"
LONGER = f"\n[The page is longer: this is what stands in its first {MOST_BYTES:,} bytes.]"
_TEXT = re.compile(r"text/|application/(?:[\w.+-]*\+)?(?:json|xml|xhtml\+xml)\b|application/javascript")
_CHARSET = re.compile(rb"""<meta[^>]+charset=["']?([\w-]+)""", re.IGNORECASE)
_BYTE_ORDER = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_PAGES = {
    "idna",
    "punycode",
    "raw-unicode-escape",
    "undefined",
    "unicode-escape",
}  # encodings of other things, some slow
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0[xX][0-9a-fA-F]*)")  # a host whose last part is one is an IPv4 address, or none
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OLDER_NEWER = [ipaddress.ip_network(one) for one in ("fec0::/10", "192.0.0.0/24", "3fff::/20")]
"""Networks that are not of the open internet either, and of which not each Python knows it."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also inside another, as IPv6 carries those of IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_public(each) for each in inside if each is not None):
            return False
        if address.ipv4_mapped is not None or address in _NAT64:
            return True
    if any(address in network for network in _OLDER_NEWER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _number(host: str) -> Address | None:
    """The address that a host is, in any of the ways in which the system's calls read one; ``None`` for a name.

    ``127.1``, ``0177.0.0.1``, ``0x7f.1`` and ``2130706433`` are 127.0.0.1 to them.

    Raises:
        ToolError: it is neither.
    """
    host = host.rstrip(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if not _NUMBER.fullmatch(host):
            return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        raise ToolError(f"{host!r} is no address of a page.") from None


class _Checked(AbstractResolver):
    """Looks names up, and gives only addresses that may be reached."""

    def __init__(self, permits: Callable[[Address], bool]) -> None:
        self._permits = permits

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        kind, flags = socket.SOCK_STREAM, socket.AI_ADDRCONFIG
        # A thread of ours: a look-up that hangs would hold up the end of the program in the event loop's.
        found = await in_thread(lambda: socket.getaddrinfo(host, port, family, kind, flags=flags))
        # All of them: a name that leads to a private address too was made to get there.
        if not all(self._permits(ipaddress.ip_address(each[-1][0])) for each in found):
            raise ToolError(PRIVATE.format(host=host))
        return [
            ResolveResult(hostname=host, host=str(where[0]), port=port, family=its, proto=proto, flags=_NUMERIC)
            for its, _, proto, _, where in found
        ]

    async def close(self) -> None:
        """Holds nothing."""


class PageFetcher:
    """Fetches pages.

    Args:
        permits: which addresses may be reached.
    """

    def __init__(self, permits: Callable[[Address], bool] = is_public) -> None:
        self._permits = permits

    async def fetch(self, address: str) -> str:
        """The text of a page.

        Raises:
            ToolError: it cannot be had, with the reason.
        """
        url = self._checked(address if "://" in address else f"https://{address}")
        connector = aiohttp.TCPConnector(resolver=_Checked(self._permits), use_dns_cache=False)
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        headers = {"User-Agent": "telex (fetch_page)", "Accept": "text/html, text/*, application/json;q=0.9, */*;q=0.1"}
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
            ) as session:
                for _ in range(MOST_REDIRECTS + 1):
                    async with session.get(url, allow_redirects=False) as response:
                        if response.status not in (301, 302, 303, 307, 308) or "Location" not in response.headers:
                            return await _read(response)
                        try:
                            url = self._checked(str(url.join(URL(response.headers["Location"]))))
                        except ValueError:
                            raise ToolError("The page leads on to an address that is none.") from None
        except TimeoutError:
            raise ToolError(f"{url.host} did not send the page within {PATIENCE:g} s.") from None
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, ToolError):
                raise error.__cause__ from None
            raise ToolError(f"{url.host} cannot be read: {error}") from None
        raise ToolError(f"The page leads on more than {MOST_REDIRECTS} times.")

    def _checked(self, address: str) -> URL:
        """An address of the web; where it is a number, one that may be reached. Names are checked when they are looked up."""
        try:
            url = URL(address)
            host = url.host or ""
            (url.raw_host or "").encode("idna")  # as looking it up does: a label may be too long, or empty
        except ValueError:
            raise ToolError(f"{address!r} is no address of a page.") from None
        if url.scheme not in ("http", "https") or not host:
            raise ToolError(f"{address!r} is no address of a page: it begins with http:// or https://.")
        if url.user is not None or url.password is not None:
            raise ToolError("An address with a user or password in it is not fetched.")
        number = _number(host)
        if number is None:
            return url
        if not self._permits(number):
            raise ToolError(PRIVATE.format(host=host))
        return url.with_host(str(number))  # as it was checked, whatever else reads it


@tool
async def fetch_page(url: str) -> str:
    """Fetch a public web page and read it as text. Links in it are given as Markdown.

    Args:
        url: the page's address, beginning with http:// or https://.
    """
    return await PageFetcher().fetch(url)


async def _read(response: aiohttp.ClientResponse) -> str:
    where = f"{response.url.host} answered"
    if response.status != 200:
        raise ToolError(f"{where} {response.status} {response.reason or ''}".rstrip() + ".")
    if not _TEXT.match(response.content_type):
        raise ToolError(f"{where} with {response.content_type}, which is no text.")
    data, end = bytearray(), ""
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > MOST_BYTES:
            del data[MOST_BYTES:]
            end = LONGER
            break
    text = bytes(data).decode(_encoding(response.charset, bytes(data[:2048])), "replace")
    if "html" not in response.content_type:
        return f"{text}{end}" if text.strip() else EMPTY
    return f"{await _made_text(text, str(response.url))}{end}"


async def _made_text(html: str, address: str) -> str:
    """The text of a page, made beside the event loop; where it takes long, or nobody wants it any more, it ends."""
    late = threading.Event()
    timer = asyncio.get_running_loop().call_later(READING, late.set)
    try:
        return await in_thread(lambda: page_text(html, address, late.is_set))
    finally:
        timer.cancel()
        late.set()


def _encoding(charset: str | None, head: bytes) -> str:
    """How the page is written: what its first bytes say, then what the server says, then what the page says."""
    for mark, encoding in _BYTE_ORDER:
        if head.startswith(mark):
            return encoding
    found = _CHARSET.search(head)
    for name in (charset, found.group(1).decode() if found else None):
        if name and _is_for_pages(name):
            return name
    return "utf-8"


def _is_for_pages(encoding: str) -> bool:
    try:
        codec = codecs.lookup(encoding)
    except LookupError:
        return False
    return codec._is_text_encoding and codec.name not in _NO_PAGES  # noqa: SLF001 - "hex" is a codec too
