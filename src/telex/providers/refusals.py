"""What a model server's refusal means, as a sentence for the person who can do something about it. Pure.

Servers agree on little: ``{"error": {"message": …}}``, ``{"error": "…"}``, ``{"message": …}``, FastAPI's ``{"detail": …}``, any
of them inside a list, or plain words.
"""

import contextlib
import re
from collections.abc import Collection, Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import msgspec

from telex.errors import ProviderError

LONGEST_SENTENCE = 300
_DATA = re.compile(rb"^data: ?(\{.*)", re.MULTILINE)


def said(body: bytes | str) -> str:
    """What the server says in the body of a refusal; empty when it says nothing that a person can read."""
    try:
        return sentence(_value(body))
    except msgspec.DecodeError:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        return "" if text.lstrip().startswith("<") else _short(text)


def _value(body: bytes | str) -> Any:
    """What a refusal holds: JSON, or where the server streams its refusals too the data of an event."""
    if found := _DATA.search(body if isinstance(body, bytes) else body.encode("utf-8", "replace")):
        body = found[1]
    return msgspec.json.decode(body)


def sentence(value: Any) -> str:
    """The words for people in a decoded error; empty when there are none."""
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, list):
        return next(filter(None, map(sentence, value)), "")
    if not isinstance(value, dict):
        return ""
    words = next(filter(None, (sentence(value.get(key)) for key in ("error", "message", "detail", "msg"))), "")
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and isinstance(raw := metadata.get("raw"), str) and said(raw) not in ("", words):
        words = f"{words}: {said(raw)}"  # OpenRouter: what the provider behind it said
    return words or next((str(value[key]) for key in ("type", "code") if isinstance(value.get(key), str)), "")


KINDS = {  # the names of errors inside a stream, and the statuses that they have outside of one
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def status_in(error: Any) -> int | None:
    """The HTTP status that an error inside a stream names, by number or by name, if it does."""
    for key in ("code", "status", "type"):
        code = error.get(key) if isinstance(error, dict) else None
        if isinstance(code, str):
            code = int(code) if code.isdecimal() else KINDS.get(code)
        if isinstance(code, int) and 400 <= code <= 599:
            return code
    return None


class FailedWithin(ProviderError):  # noqa: N818 - named for what happened
    """The server reported a failure where its answer was to be, with a status that promised one.

    Attributes:
        words: what it said.
    """

    words = b""


def broken(error: ProviderError, *, where: str, model: str | None) -> FailedWithin:
    """The error for a failure that the server reported in the middle of an answer, in the words ``error`` holds."""
    advice = (
        _advice(error.status, where, model, str(error)) if error.status else f"The model's server at {where} failed."
    )
    failed = FailedWithin(f"{advice} It says: {error}", status=error.status, retry_after=error.retry_after)
    failed.words = str(error).encode("utf-8", "replace")
    return failed


def refused(
    status: int, body: bytes, *, where: str, model: str | None, retry_after: float | None = None
) -> ProviderError:
    """The error for an HTTP answer that is no success."""
    words = said(body)
    advice = _advice(status, where, model, words)
    return ProviderError(f"{advice} It says: {words}" if words else advice, status=status, retry_after=retry_after)


def _advice(status: int, where: str, model: str | None, words: str) -> str:
    its_model = f"the model {model!r}" if model else "the model"
    match status:
        case 401:
            return f"The model's server at {where} does not accept the key: check provider.api_key."
        case 402:
            return f"The account at {where} has no credit left: add some, or choose another provider."
        case 403:
            return f"The key has no right to {its_model} at {where}: check provider.api_key and provider.model."
        case 404 if "model" in words.lower():
            return f"The server at {where} does not know {its_model}: check provider.model."
        case 404 | 405:
            return (
                f"Nothing at {where} answers such questions: check provider.base_url (it usually ends in /v1), provider.kind "
                "and provider.model."
            )
        case 413:
            return f"The conversation is too long for {where}: begin a new one."
        case 429:
            return f"The model's server at {where} has too many requests, or the account's quota is used up: try again later."
    if status >= 500:
        return f"The model's server at {where} has a problem of its own ({status} {_reason(status)}): try again."
    return f"The model's server at {where} refused the request ({status} {_reason(status)})."


def retry_after(value: str | None, value_ms: str | None, now: float) -> float | None:
    """Seconds to wait from ``Retry-After`` (seconds or an HTTP date) and ``retry-after-ms``; ``now`` is Unix time."""
    with contextlib.suppress(ValueError):
        if value_ms is not None:
            return max(0.0, float(value_ms) / 1000)
    with contextlib.suppress(ValueError, OverflowError):
        if value is not None and re.fullmatch(r"\s*[\d.]+\s*", value):
            return float(value)
        if value is not None:
            date = parsedate_to_datetime(value)
            return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    return None


TELLING = (400, 404, 415, 422, 500, 501)  # statuses whose words may name what a server does not take


def wants_no_stream_options(body: bytes) -> bool:
    """Whether a refusal names ``stream_options`` as what it does not like."""
    return b"stream_options" in body


def about_streaming(status: int, body: bytes, sent: Collection[str], *, streams: bool) -> bool:
    """Whether a refusal may mean that the answer was to be streamed, or was not to be: servers have many words for it.

    Args:
        status: with a 500, "stream" is a word for the server's own troubles.
        body: the refusal.
        sent: the parameters that were sent.
        streams: whether a stream was asked for; "this model only supports streaming" means nothing then.
    """
    if status not in (400, 422, 501):
        return False
    named = [name for name in _named(body) if name in sent and name != "model"]
    if named:
        return "stream" in named
    words = said(body)
    return bool(_STREAM.search(words)) and not (streams and _ONLY_STREAMS.search(words))


_STREAM = re.compile(r"\bstream(?:s|ed|ing)?\b", re.IGNORECASE)
_ONLY_STREAMS = re.compile(r"only supports? stream", re.IGNORECASE)
_UNWANTED = re.compile(
    r"unsupported|not support|n't support|unknown|unrecogni[sz]ed|unexpected|not permitted|extra_forbidden|extra (?:input|field)"
    r"|not allowed|only allowed|cannot both|deprecated|not implemented|not available|does not (?:take|accept)|invalid (?:argument|field)|no longer supported|not recogni[sz]ed"
    r"|(?:must not|cannot|may not) be (?:set|sent|given|used|specified|provided|passed)|not a valid (?:parameter|field|argument|option|property)",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"unknown|unrecogni[sz]ed|unexpected (?:keyword|field|param|prop)|unsupported (?:field|param|prop)|extra_forbidden",
    re.IGNORECASE,
)
_NO_TOOLS = re.compile(
    r"(?:not|n't) support (?:tools?|tool[ _-]?(?:use|calls?|calling|choice)|functions?|function[ _-]call\w*)\b"
    r"|support tool use|tools? param requires|tool choice requires",
    re.IGNORECASE,
)

_NO_PICTURES = re.compile(
    r"(?:not|n't) (?:support|accept|allow) (?:images?|vision|image[ _-]?(?:inputs?|urls?)|multi-?modal)|image input is not supported"
    r"|support image input|image_url is only supported|variant `image_url`|not a (?:multi-?modal|vision) model",
    re.IGNORECASE,
)


def unwanted(status: int, body: bytes, sent: Collection[str]) -> str | None:
    """Which of the parameters ``sent`` a refusal says that the server does not take; ``None`` where it means others.

    A value that is merely wrong is not meant: that is the user's to mend. Nor is a server's own trouble, so a 500 must say that
    it does not know a parameter.
    """
    words = said(body)
    if status not in (400, 422, 500):
        return None
    if not (_UNKNOWN if status == 500 else _UNWANTED).search(body.decode("utf-8", "replace")):
        return None
    named = [name for name in _named(body) if name in sent]
    if named:
        return named[0]
    found = ((re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", words), name) for name in sent)
    return min(((match.start(), name) for match, name in found if match), default=(0, None))[1]


def wants_no_tools(status: int, body: bytes) -> bool:
    """Whether a refusal says that the model takes no tools: Ollama with 400, OpenRouter with 404, llama.cpp with 500."""
    return status in (400, 404, 422, 500, 501) and bool(_NO_TOOLS.search(said(body)))


def wants_no_pictures(status: int, body: bytes) -> bool:
    """Whether a refusal says that the model sees no pictures: OpenAI with 400, OpenRouter with 404, llama.cpp with 500."""
    return status in (400, 404, 415, 422, 500, 501) and bool(_NO_PICTURES.search(said(body)))


def _named(body: bytes) -> Iterator[str]:
    """The parameters that a refusal names in fields of their own: OpenAI's ``param``, FastAPI's ``loc``."""
    try:
        yield from _named_in(_value(body))
    except msgspec.DecodeError:
        return


def _named_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named_in(item)
    elif isinstance(value, dict):
        if isinstance(name := value.get("param"), str):
            yield re.split(r"[.\[]", name)[0]
        if isinstance(place := value.get("loc"), list):
            yield from (part for part in place if isinstance(part, str))
        for key in ("error", "message", "detail"):
            yield from _named_in(value.get(key))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_SENTENCE else text[: LONGEST_SENTENCE - 1] + "…"


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"
