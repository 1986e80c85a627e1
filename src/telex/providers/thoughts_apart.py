"""A decoder for formats that have thoughts of their own, whose models may all the same write them into their words. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Decoder, Delta, Reply
from telex.providers.tool_calls import ToolCall
from telex.thinking import ThinkSplitter


class ThoughtsApart:
    """Reads as ``inner`` does, and takes ``<think>…</think>`` apart from the words around it.

    Args:
        inner: reads the format.
    """

    __slots__ = (
        "_inner",
        "_reasoning",
        "_splitter",
    )

    def __init__(self, inner: Decoder) -> None:
        self._inner = inner
        self._splitter = ThinkSplitter()
        self._reasoning: list[str] = []

    @property
    def done(self) -> bool:
        """Nothing that matters follows."""
        return self._inner.done

    @property
    def finished(self) -> bool:
        """The model said why it stopped."""
        return self._inner.finished

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls so far, in order."""
        return self._inner.calls

    def feed(self, data: bytes) -> Iterable[Delta]:
        """Take the next bytes of the body and give what they add to the answer; raises as ``inner`` does."""
        deltas = self._inner.feed(data)
        if isinstance(deltas, tuple) and len(deltas) == 1:  # more words and nothing else, as most packets are
            delta = deltas[0]
            if type(delta) is TextDelta and self._splitter.certain(delta.text):
                self._splitter.said.append(delta.text)
                return deltas
        return self._apart(deltas)

    def close(self) -> Iterator[Delta]:
        """The body has ended, or nothing more of it is wanted; raises as ``feed`` does."""
        yield from self._apart(self._inner.close())
        yield from self._noted(self._splitter.close())

    def reply(self) -> Reply:
        """The whole answer, after ``close()``; raises as ``inner`` does."""
        reply = self._inner.reply()
        return replace(reply, text="".join(self._splitter.said), reasoning="".join(self._reasoning))

    def _apart(self, deltas: Iterable[Delta]) -> Iterator[Delta]:
        for delta in deltas:
            yield from self._noted(self._splitter.feed(delta.text) if isinstance(delta, TextDelta) else (delta,))

    def _noted(self, deltas: Iterable[Delta]) -> Iterator[Delta]:
        for delta in deltas:
            if isinstance(delta, ReasoningDelta):
                self._reasoning.append(delta.text)
            yield delta
