import asyncio
import codecs
import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from telex.agent.fetch_page import EMPTY, MOST_BYTES, PageFetcher, fetch_page, is_public
from telex.agent.page_text import MOST_TEXT, NO_TEXT, TOO_MUCH, page_text
from telex.agent.tools import ToolError

PAGE = """<!doctype html><html><head><title>A &amp; B</title><style>p {}</style></head><body>
<nav><a href="/home">Home</a> <a href="#top">Top</a></nav><h2>The <em>news</em></h2>
<p>One   two<br>three &lt;four&gt; <a href="https://else.example/x">else</a>.</p><script>alert("no")</script>
<ul><li>first<li>second</ul><pre>a
  b</pre><table><tr><th>x<th>y<tr><td>1<td>2</table></body></html>"""


def test_a_page_is_read_as_a_person_reads_it() -> None:
    text = page_text(PAGE, "https://site.example/dir/page")
    assert text.splitlines()[0] == "A & B"
    assert "[Home](https://site.example/home)" in text
    assert "## The news" in text
    assert "One two\nthree <four>" in text
    assert "[else](https://else.example/x) ." in text
    assert "- first\n- second" in text
    assert "a\n  b" in text
    assert "| 1 | 2" in text
    assert "alert" not in text
    assert "p {}" not in text
    assert "\n\n\n" not in text


@given(st.text(alphabet='<>/="a pscriptlh1&;#', max_size=80))
def test_every_page_can_be_read(html: str) -> None:
    assert page_text(html, "https://site.example/")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<!-- <p>no --> b<!--> c", "a b c"),
        ("<p title='1>2' lang=en>one</p", "one"),
        ("1 < 2 &amp; 3 <4", "1 < 2 & 3 <4"),
        ("<script>if (a</b/) '<p>'</script>after", "after"),
        ("<svg><button></svg>after", "after"),
        ("<svg/>after", "after"),
        ("<a href=/one>x<a href=/two>y</a>", "[x](https://site.example/one) [y](https://site.example/two)"),
        ("<a title=it's href='/one'>x</a>", "[x](https://site.example/one)"),
        ("before<p class='never ended", "before"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_odd_markup_is_read_as_browsers_read_it(html: str, text: str) -> None:
    assert page_text(html, "https://site.example/").replace("  ", " ") == text


@pytest.mark.parametrize(
    "unit",
    [
        "<a ",
        "<a href=x>y",
        "<svg>",
        "<!--",
        "<",
        "&",
        "<a b='",
        " b=",
        "</",
        "</x",
        "<script></scrip",
        "<pre>",
        "<title>x</title>",
        "\n ",
        "<svg><button></svg>",
    ],
)
def test_a_page_twice_as_long_takes_about_twice_the_work(unit: str) -> None:
    def work(length: int) -> float:
        html = "<pre>" + unit * (length // len(unit))
        began = time.thread_time()
        page_text(html, "https://site.example/")
        return time.thread_time() - began

    pairs = [(work(40_000), work(80_000)) for _ in range(7)]  # side by side: a busy machine slows down both
    once, twice = (min(took) for took in zip(*pairs, strict=True))
    assert twice / max(once, 0.001) < 3


@pytest.mark.parametrize(
    ("before", "unit", "after"),
    [("<pre>", " ", "x"), ("<a", "/", ""), ("<p>x", "<svg>", "</x>"), ("", "<a href=x>y", "</a>")],
)
def test_a_run_twice_as_long_takes_about_twice_the_work(before: str, unit: str, after: str) -> None:
    def work(times: int) -> float:
        began = time.thread_time()
        page_text(before + unit * times + after * times, "https://site.example/")
        return time.thread_time() - began

    pairs = [(work(9_000), work(18_000)) for _ in range(7)]  # side by side here too
    once, twice = (min(took) for took in zip(*pairs, strict=True))
    assert twice / max(once, 0.001) < 3


def test_a_page_that_takes_too_long_is_given_as_far_as_it_was_read() -> None:
    asked = iter([False, False, False, True])
    assert page_text("<p>one<p>two<p>three", "https://site.example/", lambda: next(asked)) == f"one\n\n{TOO_MUCH}"


def test_links_cannot_make_a_page_many_times_longer() -> None:
    text = page_text("<a href=b>c</a>" * 1000, "https://site.example/" + "x" * 20_000 + "/")
    assert len(text) < 2 * MOST_TEXT
    assert text.endswith(TOO_MUCH)


def test_a_page_without_text_says_so() -> None:
    assert page_text("<script>x</script><p></p>", "https://site.example/") == NO_TEXT


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - that it must not be reached is the point
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
        "fec0::1",
        "3fff::1",
        "192.0.0.8",
    ],
)
def test_what_is_not_of_the_open_internet_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_what_is_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1/", "not a public address"),
        ("http://localhost/", "not a public address"),
        ("http://127.1/", "not a public address"),
        ("http://127.0.0.1./", "not a public address"),
        ("http://2130706433/", "not a public address"),
        ("http://0177.0.0.1/", "not a public address"),
        ("http://0/", "not a public address"),
        ("http://0x7f000001/", "not a public address"),
        ("http://[::1]/", "not a public address"),
        ("http://[::ffff:127.0.0.1]/", "not a public address"),
        ("http://169.254.169.254/latest/meta-data/", "not a public address"),
        ("http://me:secret@93.184.216.34/", "user or password"),
        ("file:///etc/passwd", "begins with http"),
        ("http://", "begins with http|no address"),
        ("http://[", "no address"),
        ("http://1.2.3.4.5/", "no address"),
        ("http://name.08/", "no address"),
        (f"http://{'a' * 64}.com/", "no address"),
        ("http://a..b/", "no address"),
    ],
)
def test_an_address_that_must_not_be_reached_is_refused(address: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        asyncio.run(fetch_page(address))


def looks_up(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The system finds these for every name."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **settings: found)


def test_a_name_that_leads_to_a_public_and_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    looks_up(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(ToolError, match="not a public address"):
        asyncio.run(fetch_page("http://both.example/"))


def test_a_look_up_that_hangs_does_not_hold_up_the_end_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, free = threading.Event(), threading.Event()

    def hang(*args: Any, **settings: Any) -> list[Any]:
        entered.set()
        free.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)

    async def main() -> None:
        fetching = asyncio.create_task(PageFetcher().fetch("http://slow.example/"))
        await asyncio.to_thread(entered.wait, 30)
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)

    asyncio.run(main())
    assert not free.is_set()
    free.set()


def fetched(handler: Callable[[web.Request], Any], permits: Callable[[Any], bool], path: str = "/") -> str:
    async def main() -> str:
        app = web.Application()
        app.router.add_get("/{tail:.*}", handler)
        async with TestServer(app, host="127.0.0.1") as server:
            return await PageFetcher(permits).fetch(str(server.make_url(path)))

    return asyncio.run(main())


def only_one(address: Any) -> bool:
    """Stands for the open internet."""
    return str(address) == "127.0.0.1"


def test_a_page_is_fetched_through_a_redirect() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/":
            raise web.HTTPFound("/there")
        return web.Response(text=PAGE.replace("news", "nëws"), content_type="text/html", charset="latin-1")

    assert "## The nëws" in fetched(handler, only_one)


def test_a_host_that_is_written_as_a_number_and_may_be_reached_is() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/":
            raise web.HTTPFound(f"http://2130706433:{request.url.port}/there")
        return web.Response(text=request.host.split(":")[0])

    assert fetched(handler, only_one) == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]", "2130706434", "0177.0.0.2"])
def test_a_redirect_to_an_address_that_must_not_be_reached_is_not_followed(host: str) -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        raise web.HTTPFound(f"http://{host}:{request.url.port}/inside")

    with pytest.raises(ToolError, match="not a public address"):
        fetched(handler, only_one)
    assert paths == ["/"]


def test_redirects_without_end_are_not_followed() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound("/again")

    with pytest.raises(ToolError, match="more than 5 times"):
        fetched(handler, only_one)


@pytest.mark.parametrize(("kind", "before"), [("text/plain", ""), ("text/html", "Read this:<p>")])
def test_a_long_page_is_read_up_to_the_bound_and_says_so(kind: str, before: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        response.enable_compression()
        await response.prepare(request)
        await response.write(before.encode())
        for _ in range(200):
            await response.write(b"a" * 100_000)
        return response

    text, _, notice = fetched(handler, only_one).rpartition("\n")
    assert text.endswith("a")
    assert text.count("a") == MOST_BYTES - len(before) + before.count("a")
    assert notice == "[The page is longer: this is what stands in its first 2,000,000 bytes.]"


@pytest.mark.parametrize(
    ("response", "told"),
    [
        ({"status": 404}, "answered 404"),
        ({"body": b"\x89PNG", "content_type": "image/png"}, "image/png, which is no text"),
    ],
)
def test_what_cannot_be_read_says_why(response: dict[str, Any], told: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(**response)

    with pytest.raises(ToolError, match=told):
        fetched(handler, only_one)


def test_json_is_given_as_it_is() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"a": 1})

    assert fetched(handler, only_one) == '{"a": 1}'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>Grüße</p>".encode("utf-16"), "text/html"),
        (codecs.BOM_UTF16_BE + "<p>Grüße</p>".encode("utf-16-be"), "text/html; charset=latin-1"),
        ("Grüße".encode("utf-8-sig"), "text/plain"),
        ("Grüße".encode(), "text/plain; charset=punycode"),
    ],
)
def test_the_first_bytes_say_how_a_page_is_written(body: bytes, kind: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": kind})

    assert fetched(handler, only_one) == "Grüße"


def test_a_page_that_takes_too_long_to_read_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telex.agent.fetch_page.READING", 0.0)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="<p>one" + "<a href=x>y</a>" * 100_000, content_type="text/html")

    text = fetched(handler, only_one)
    assert text.startswith("one")
    assert text.endswith(TOO_MUCH)
    assert len(text) < MOST_TEXT


def test_an_empty_page_says_so() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=" ")

    assert fetched(handler, only_one) == EMPTY
