import json
import time
from collections.abc import Iterator

import pytest

from telex.providers.refusals import retry_after, said, status_in


@pytest.fixture(autouse=True)
def _clock_of_this_machine() -> Iterator[None]:
    yield
    time.tzset()


@pytest.mark.parametrize(
    ("header", "milliseconds", "seconds"),
    [
        ("7", None, 7.0),
        (" 0.5 ", None, 0.5),
        ("1", "250", 0.25),
        ("Thu, 01 Jan 1970 00:02:00 GMT", None, 20.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", None, 0.0),
        (None, None, None),
        ("soon", None, None),
        ("1.2.3", None, None),
        ("7", "soon", 7.0),
        ("-7", None, None),
        ("Thu Jan  1 00:02:00 1970", None, 20.0),
        ("Thu, 01 Jan 1970 00:02:00 -0000", None, 20.0),
        ("Thu, 01 Jan 99999999999999999999 00:02:00 GMT", None, None),
    ],
)
def test_the_wait_is_read_in_every_form(
    header: str | None, milliseconds: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert retry_after(header, milliseconds, now=100.0) == seconds


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "no", "type": "t"}}, "no"),
        ({"error": "no"}, "no"),
        ({"message": "no"}, "no"),
        ({"detail": "no"}, "no"),
        ({"detail": [{"loc": ["body"], "msg": "no"}]}, "no"),
        ([{"error": {"message": "no"}}], "no"),
        ({"error": {"type": "server_error"}}, "server_error"),
        (
            {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": "no"}'}}},
            "Provider returned error: no",
        ),
        ({"error": {"message": "a\n  b"}}, "a b"),
        ({"x": 1}, ""),
        (None, ""),
    ],
)
def test_the_servers_words_are_found_in_every_form(body: object, words: str) -> None:
    assert said(json.dumps(body).encode()) == words


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_words_of_a_refusal_that_is_a_stream_are_those_of_its_event(end: str) -> None:
    lines = ["id:1", "event:error", ":HTTP_STATUS/400", 'data:{"code": "InvalidParameter", "message": "no"}', "", ""]
    assert said(end.join(lines).encode()) == "no"


def test_plain_words_are_words_and_web_pages_are_not() -> None:
    assert said(b"no such thing") == "no such thing"
    assert said(b" <html>no</html>") == ""
    assert len(said(b"x" * 9000)) == 300


def test_the_status_in_an_error_is_a_number_of_a_failure() -> None:
    assert [status_in(error) for error in ({"code": 502}, {"code": "429"}, {"code": "bad"}, {"code": 7}, "x")] == [
        502,
        429,
        None,
        None,
        None,
    ]
