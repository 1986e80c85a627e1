"""The answer that the demo's script types: a tour through what Markdown can do, and what tools look like."""

ECHO = 60

ANSWER = """\
You asked: *{question}*

I am a **script**, not a model: I answer every question with this tour, typed live at forty tokens a second. Watch how each \
mark is already right while it is being written.

## What you see here

- **Bold**, *italic*, ~~struck out~~ and `code` appear as they are typed, never as raw asterisks.
- Lists may be nested:
  1. first the outer item,
  2. then what belongs to it.
- Links work too: [the Bot API](https://core.telegram.org/bots/api) is the wire that carries these words.

> A quote stands apart from the rest, even while its last words are still on the way.

### A table, lined up

| Transport | Where | Calls a second |
| :-- | :-- | --: |
| draft | private chats | 2.0 |
| edit | private chats | 1.0 |
| edit | groups | 0.33 |

### Some code

```python
def first_words(stream):
    \"\"\"Show what is there; never wait for what is not.\"\"\"
    shown = ""
    for delta in stream:
        shown += delta
        yield shown
```

The fence above was closed in every single frame that you saw, although its end had not been written yet.

---

Each frame says what the message should show, **whole**. Skipping one loses nothing, repeating one changes nothing, and the \
last one is the complete answer: exactly one, whatever happens on the way. Press *Stop* the next time, and see how the \
answer ends cleanly where it stands.
"""

TIMER, SAVE_NOTE = "timer", "save_note"
BEFORE_TIMER = "Let me start a **tool** first; its line changes while it runs."
AFTER_TIMER = "That was the tool: its line now says how long it took."
BEFORE_NOTE = "One more tool, and this one waits **for your yes**: look for the question with two buttons."
NOTE = {"title": "First words", "text": "Show what is there; never wait for what is not."}
AFTER_NOTE = "The tool's answer: *{result}* And that is all there is to it."


def demo_answer(question: str) -> str:
    """The tour, beginning with the first words of ``question``."""
    asked = " ".join(question.translate({ord(mark): None for mark in "*_`[]<>|~#\\"}).split())
    return ANSWER.format(question=(asked[:ECHO].rstrip() + "…" if len(asked) > ECHO else asked) or "nothing yet")
