import asyncio
import ipaddress
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from telex.agent.builtin_tools import current_time
from telex.agent.calculator import calculate, calculator
from telex.agent.fetch_page import MOST_BYTES, PageFetcher, fetch_page, is_public
from telex.agent.page_text import page_text
from telex.agent.tools import ToolError

# -- the time and arithmetic ----------------------------------------------------------------------------------------------


def test_the_time_is_told_for_a_zone_or_for_this_machine() -> None:
    there = asyncio.run(current_time("Asia/Kolkata"))
    assert re.fullmatch(r"\w+day, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+05:30 \(Asia/Kolkata\)", there)
    assert re.match(r"\w+day, \d{4}-\d\d-\d\d ", asyncio.run(current_time()))


@pytest.mark.parametrize("zone", ["Atlantis", "../../etc/passwd", "/etc/passwd", "Europe", "\0"])
def test_a_zone_that_is_none_is_named(zone: str) -> None:
    with pytest.raises(ToolError, match="IANA name"):
        asyncio.run(current_time(zone))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("0.1 + 0.2", "0.3"),
        ("2 ** 10 + 2 ^ 3", "1032"),
        ("-(7 // 2) % 5", "2"),
        ("sqrt(2)", "1.4142135623731"),
        ("max(1, ln(e), factorial(5))", "120"),
        ("1 / 4", "0.25"),
        ("round(2.345, 1) + round(1234, -2) + round(0.4)", "1202.3"),
        ("12345678901234567890 * 98765432109876543210", "1219326311370217952237463801111263526900"),
    ],
)
def test_arithmetic_is_exact(expression: str, value: str) -> None:
    assert asyncio.run(calculator(expression)).startswith(value)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "().__class__",
        "x",
        "1 if 1 else 2",
        "[1]",
        "'a' * 9",
        "True",
        "lambda: 1",
        "1 +",
        "f'{1}'",
        "",
    ],
)
def test_what_is_no_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(ToolError):
        calculate(expression)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("9 ** 9 ** 9", "too large"),
        ("10 ** 9999999999", "too large"),
        ("2 ** 0.5 ** -9999", "too large"),
        ("factorial(1001)", "at most 1000"),
        ("factorial(1000) * factorial(1000) * factorial(1000)", "too large"),
        ("round(5, -9999999999)", "at most 100 digits"),
        ("1 / 0", "zero"),
        ("(-8) ** 0.5", "no real number"),
        ("sqrt(-1)", "no value"),
        ("(" * 240 + "1" + ")" * 240, "cannot read|can read"),
        ("1" * 501, "500 characters"),
        ("-" * 499 + "1", "can read|-1"),
    ],
)
def test_an_expression_can_do_no_harm(expression: str, told: str) -> None:
    try:
        said = calculate(expression)
    except ToolError as error:
        said = str(error)
    assert re.search(told, said)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.sampled_from("+-*"))
def test_whole_numbers_come_out_as_python_has_them(one: int, other: int, sign: str) -> None:
    assert calculate(f"({one}) {sign} ({other})") == str(eval(f"({one}) {sign} ({other})"))  # noqa: S307 - three known tokens


@given(st.text(alphabet="0123456789.+-*/%()^ e,sqrtminpi", max_size=30))
def test_every_text_has_a_value_or_a_reason(expression: str) -> None:
    try:
        assert calculate(expression) or math.nan
    except ToolError as error:
        assert str(error)  # noqa: PT017 - either way is right


# -- pages --------------------------------------------------------------------------------------------------------------

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
    page_text(html, "https://site.example/")


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
        ("http://127.1/", "not a public address|not a canonical"),
        ("http://2130706433/", "not a public address|not a canonical"),
        ("http://0x7f000001/", "not a public address"),
        ("http://[::1]/", "not a public address"),
        ("http://[::ffff:127.0.0.1]/", "not a public address"),
        ("http://169.254.169.254/latest/meta-data/", "not a public address"),
        ("http://me:secret@93.184.216.34/", "user or password"),
        ("file:///etc/passwd", "begins with http"),
        ("http://", "begins with http|no address"),
        ("http://[", "no address"),
    ],
)
def test_an_address_that_must_not_be_reached_is_refused(address: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        asyncio.run(fetch_page(address))


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


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]", "2130706434"])
def test_a_redirect_to_an_address_that_must_not_be_reached_is_not_followed(host: str) -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        raise web.HTTPFound(f"http://{host}:{request.url.port}/inside")

    with pytest.raises(ToolError, match=r"not a public address|not a canonical"):
        fetched(handler, only_one)
    assert paths == ["/"]


def test_redirects_without_end_are_not_followed() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound("/again")

    with pytest.raises(ToolError, match="more than 5 times"):
        fetched(handler, only_one)


def test_a_long_page_is_read_up_to_the_bound() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_compression()
        await response.prepare(request)
        for _ in range(200):
            await response.write(b"a" * 100_000)
        return response

    assert len(fetched(handler, only_one)) == MOST_BYTES


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
