import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.errors import ProviderError
from telex.providers.sse import BARE, ServerEvent, SSEDecoder


def read(*pieces: bytes, limit: int = 1000) -> list[ServerEvent]:
    decoder = SSEDecoder(limit)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + list(decoder.close())


def bytewise(body: bytes) -> list[ServerEvent]:
    return read(*(body[i : i + 1] for i in range(len(body))))


CASES = {
    "LF ends lines": (b"data: a\n\ndata: b\n\n", ["a", "b"]),
    "CRLF ends lines": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "CR ends lines": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "line ends may be mixed": (b"data: a\r\n\ndata: b\n\r\ndata: c\r\n\r", ["a", "b", "c"]),
    "a byte order mark is skipped": (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
    "a byte order mark later on is not": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"]),
    "no blank is needed after the colon": (b"data:a\n\n", ["a"]),
    "one blank is taken off": (b"data:  a\n\n", [" a"]),
    "data lines are joined": (b"data: a\ndata: b\n\n", ["a\nb"]),
    "comments say nothing": (b": OPENROUTER PROCESSING\n\ndata: a\n:x\n\n", ["a"]),
    "an event without data is none": (b"event: ping\n\ndata: a\n\n", ["a"]),
    "an empty data line is data": (b"data\n\n", [""]),
    "unknown fields say nothing": (b"id: 1\nretry: 5\nwhat: ever\ndata: a\n\n", ["a"]),
    "code points of many bytes come whole": ("data: é€😀\n\n".encode(), ["é€😀"]),
    "broken UTF-8 is replaced": (b"data: a\xffb\n\n", ["a\ufffdb"]),
    "JSON between events is one": (b'data: a\n\n{"b":\n 1}\n\ndata: c\n\n', ["a", '{"b":\n 1}', "c"]),
    "JSON behind a comment is one": (b': hi\n[{"b": 1}]\n: hi\n\n{"c": 1}', ['[{"b": 1}]', '{"c": 1}']),
    "JSON ends before the next event": (b'{"b": 1}\ndata: c\n\n', ['{"b": 1}', "c"]),
    "JSON inside an event is none": (b"data: a\n{b\n\nevent: x\n{b\ndata: c\n\n", ["a", "c"]),
    "the last event needs no blank line": (b"data: a\n\ndata: b\n", ["a", "b"]),
    "the last line needs no end": (b"data: a\n\ndata: b", ["a", "b"]),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_events_are_read_whole_and_byte_by_byte(body: bytes, expected: list[str]) -> None:
    assert [event.data for event in read(body)] == expected
    assert [event.data for event in bytewise(body)] == expected


def test_the_name_of_an_event_holds_for_one_event() -> None:
    assert bytewise(b"event: error\ndata: a\n\ndata: b\n\n") == [ServerEvent("error", "a"), ServerEvent("message", "b")]


def test_json_that_stands_for_itself_has_a_name_that_no_event_has() -> None:
    assert bytewise(b'event: \\n\ndata: a\n\n{"b": 1}\n\n') == [ServerEvent("\\n", "a"), ServerEvent(BARE, '{"b": 1}')]


def test_an_event_is_given_with_the_byte_that_ends_it() -> None:
    for end in (b"\n\n", b"\r\r"):
        decoder = SSEDecoder()
        assert list(decoder.feed(b"data: a" + end[:1])) == []
        assert list(decoder.feed(end[1:])) == [ServerEvent("message", "a")]


PARTS = st.sampled_from(
    [
        b"data: ",
        b"data:",
        b"x",
        "é😀".encode(),
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b": c",
        b"event: e",
        b"\xef\xbb\xbf",
        b"\xf0\x9f",
        b"{",
    ]
)


@given(st.lists(PARTS, max_size=30).map(b"".join), st.data())
def test_chunking_does_not_matter(body: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert read(*pieces) == read(body) == bytewise(body)


@pytest.mark.parametrize("body", [b"data: " + b"x" * 50, b": " + b"x" * 50 + b"\n", b"data: x\n" * 10])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_endless_event_is_refused_after_the_events_before_it(body: bytes, step: int) -> None:
    decoder = SSEDecoder(20)
    body = b"data: fine\n\n" + body
    events: list[ServerEvent] = []

    def feed() -> None:
        for i in range(0, len(body), step):
            for event in decoder.feed(body[i : i + step]):
                events.append(event)  # noqa: PERF402 - what came before the error must be kept

    with pytest.raises(ProviderError, match="more than 20 bytes"):
        feed()
    assert [event.data for event in events] == ["fine"]
