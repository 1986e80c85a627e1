"""``telex chat`` as somebody sees it who sits at a terminal. The screens are kept in ``screens/``."""

import re
from typing import Any

from tests.terminal.tmux import check_screen, configured, needs_tmux, terminal

pytestmark = needs_tmux

ANSWER = """\
## A heading

Some **bold** and *italic* words, `code`, and a [link](https://example.org/x) in a sentence that goes on for more than one line.

- one
- two
  - nested

1. first
2. second

> a quote

| name | what |
|---|---|
| a | one |
| b | two |
"""
FUNCTIONS = "\n\n".join(
    f"def number_{n}(value: int) -> str:  # returns it as text\n    return str(value + {n})" for n in range(20)
)
CODE = f"Here it is:\n\n```python\n{FUNCTIONS}\n```\n\nThat was all."
WIDE = """\
漢字と日本語の文章はどこでも折り返すことができます。とても長い文章です。Emoji 🎉 and 🚀 take two columns each.

שלום עולם, זה משפט ארוך שנכתב מימין לשמאל ונמשך יותר משורה אחת.

مرحبا بالعالم، هذه جملة طويلة تكتب من اليمين إلى اليسار."""
UNENDING = ("The first words. ", {"text": "The last words.", "after": 600})


def typed(text: str) -> dict[str, Any]:
    """As a model types."""
    return {"text": text, "tokens_per_second": 300}


def prompts(count: int):
    """So many prompts are to be seen, the last of them empty."""
    return lambda screen: len(re.findall(r"^›", screen, re.MULTILINE)) == count and screen.endswith("›")


def test_a_question_is_answered_with_its_markdown_drawn(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, typed(ANSWER))) as pane:
        pane.until(prompts(1))
        pane.type("What can you draw?")
        pane.keys("Enter")
        check_screen("answer", pane.until(prompts(2)))


def test_long_code_is_coloured_and_whole_in_the_scrollback(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, typed(CODE))) as pane:
        pane.until(prompts(1))
        pane.type("code!")
        pane.keys("Enter")
        pane.until("That was all.")
        pane.until(lambda screen: screen.endswith("›"))
        check_screen("code", pane.screen(history=True))
        assert "\x1b[35mdef" in pane.screen(styled=True)


def test_wide_letters_emoji_and_right_to_left_scripts_are_wrapped_by_their_width(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, typed(WIDE)), columns=40) as pane:
        pane.until(prompts(1))
        pane.type("漢字?")
        pane.keys("Enter")
        check_screen("wide", pane.until(prompts(2)))


def test_ctrl_c_stops_the_answer_and_pressed_again_leaves(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        pane.until(prompts(1))
        pane.type("Go on for ever")
        pane.keys("Enter")
        pane.until("The first words.")
        pane.keys("C-c")
        check_screen("stopped", pane.until(prompts(2)))
        pane.keys("C-c")
        pane.until("[left with 0]")


def test_ctrl_d_leaves_also_in_the_middle_of_an_answer(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        pane.until(prompts(1))
        pane.type("Go on for ever")
        pane.keys("Enter")
        pane.until("The first words.")
        pane.keys("C-d")
        assert "The first words." in pane.until("[left with 0]")


def test_ctrl_d_at_the_prompt_leaves(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        pane.until(prompts(1))
        pane.keys("C-d")
        pane.until("[left with 0]")


def test_whatever_is_resized_in_an_answer_every_word_stands_there_once(tmp_path):
    words = [f"w{number}" for number in range(400)]
    said = " ".join(f"{word}\n\n" if number % 60 == 59 else word for number, word in enumerate(words))
    with terminal("chat", "--config", configured(tmp_path, typed(said))) as pane:
        pane.until(prompts(1))
        pane.type("Count.")
        pane.keys("Enter")
        for word, columns, rows in (
            ("w40", 30, 20),
            ("w90", 90, 12),
            ("w140", 45, 8),
            ("w200", 45, 24),
            ("w260", 24, 6),
        ):
            pane.until(word)
            pane.resize(columns, rows)
        pane.until(lambda screen: screen.endswith("›"))
        whole = pane.screen(history=True)
        assert whole.partition("Count.")[2].split() == [*words, "›"]
