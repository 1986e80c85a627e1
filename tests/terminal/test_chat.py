"""``telex chat`` as somebody sees it who sits at a terminal. The screens are kept in ``screens/``."""

import re
from pathlib import Path
from typing import Any

from telex.agent.sessions import Sessions
from telex.gateway.commands import COMMANDS
from tests.terminal.tmux import Pane, check_screen, configured, needs_tmux, terminal

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


def kept(folder: Path) -> list[dict[str, Any]]:
    """What was said in the last conversation."""
    sessions = Sessions(folder / "sessions.sqlite3")
    latest = sessions.latest()
    sessions.close()
    return latest[1] if latest else []


def prompts(count: int):
    """So many prompts are to be seen, the last of them empty."""
    return lambda screen: len(re.findall(r"^›", screen, re.MULTILINE)) == count and screen.endswith("›")


def test_a_question_is_answered_with_its_markdown_drawn(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, typed(ANSWER))) as pane:
        pane.until(prompts(1))
        pane.type("What can you draw?")
        pane.keys("Enter")
        pane.until(prompts(2))
        check_screen("answer", pane)


def test_long_code_is_coloured_and_whole_in_the_scrollback(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, typed(CODE))) as pane:
        pane.until(prompts(1))
        pane.type("code!")
        pane.keys("Enter")
        pane.until("That was all.")
        pane.until(lambda screen: screen.endswith("›"))
        check_screen("code", pane)
        assert "\x1b[35mdef" in pane.screen(styled=True)


def test_wide_letters_emoji_and_right_to_left_scripts_are_wrapped_by_their_width(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, typed(WIDE)), columns=40) as pane:
        pane.until(prompts(1))
        pane.type("漢字?")
        pane.keys("Enter")
        pane.until(prompts(2))
        check_screen("wide", pane)


def test_no_word_is_lost_beside_letters_that_terminals_count_differently(tmp_path):
    said = " ".join(f"word{n} {sign}" for n, sign in enumerate(("👩‍👩‍👧", "👍🏽", "🇩🇪", "e\u0301", "हिन्दी", "☑️") * 6))
    with terminal("chat", "--config", configured(tmp_path, typed(f"{said}\n\nThe end.")), columns=41) as pane:
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until("The end.")
        pane.until(prompts(2))
        assert re.findall(r"word\d+", pane.screen(history=True)) == [f"word{n}" for n in range(36)]


def ask_for_ever(pane: Pane) -> None:
    """Until the answer, which has no end, has begun."""
    pane.until(prompts(1))
    pane.type("Go on for ever")
    pane.keys("Enter")
    pane.until("The first words.")


def test_ctrl_c_stops_the_answer_and_pressed_again_leaves(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        ask_for_ever(pane)
        pane.keys("C-c")
        pane.until(prompts(2))
        check_screen("stopped", pane)
        pane.keys("C-c")
        pane.until("[left with 0]")


def test_ctrl_d_leaves_also_in_the_middle_of_an_answer(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        ask_for_ever(pane)
        pane.keys("C-d")
        assert "The first words." in pane.until("[left with 0]")


def test_ctrl_d_leaves_also_while_somebody_types_ahead(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        ask_for_ever(pane)
        pane.type("and then")
        pane.keys("C-d")
        pane.until("[left with 0]")


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


def test_lines_are_begun_with_alt_enter_and_a_pasted_block_is_one_question(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "Read.")) as pane:
        pane.until(prompts(1))
        pane.type("one")
        pane.keys("M-Enter")
        pane.type("two")
        pane.keys("Enter")
        pane.until(prompts(2))
        pane.paste("three\nfour\n  five")
        pane.until("five")
        pane.keys("Enter")
        pane.until(prompts(3))
        check_screen("lines", pane)
    asked = [message["content"] for message in kept(tmp_path) if message["role"] == "user"]
    assert asked == ["one\ntwo", "three\nfour\n  five"]


def test_a_pasted_block_that_is_longer_than_the_screen_stands_there_once_and_whole(tmp_path):
    block = [f"line{number}" for number in range(40)]
    with terminal("chat", "--config", configured(tmp_path, "Yes.")) as pane:
        pane.until(prompts(1))
        pane.paste("\n".join(block))
        pane.until("line39")
        pane.keys("Enter")
        pane.until("Yes.")
        assert re.findall(r"line\d+", pane.screen(history=True)) == block


def test_a_block_pasted_into_an_answer_waits_as_one_question(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "Wait. ", {"text": "Done.", "after": 1})) as pane:
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until("Wait.")
        pane.paste("first\nsecond")
        pane.until("second")
        assert "Done." in pane.screen()
        pane.keys("Enter")
        pane.until(prompts(3))
    assert [message["content"] for message in kept(tmp_path) if message["role"] == "user"] == ["go", "first\nsecond"]


def test_what_was_asked_comes_back_with_the_arrows_also_after_a_restart(tmp_path):
    config = configured(tmp_path, "Yes.")
    with terminal("chat", "--config", config) as pane:
        pane.until(prompts(1))
        pane.type("a question")
        pane.keys("Enter")
        pane.until(prompts(2))
        pane.keys("Up")
        pane.until(lambda screen: screen.endswith("› a question"))
    with terminal("chat", "--config", config) as pane:
        pane.until(prompts(1))
        pane.keys("Up")
        pane.until(lambda screen: screen.endswith("› a question"))


def test_a_history_that_cannot_be_used_is_told_of_and_the_chat_goes_on(tmp_path):
    (tmp_path / "history").mkdir()
    with terminal("chat", "--config", configured(tmp_path, "Yes."), columns=200) as pane:
        pane.until("is not kept for the arrows")
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until("Yes.")


def test_the_commands_are_completed_and_do_what_they_say(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "Yes."), rows=30) as pane:
        pane.until(prompts(1))
        pane.type("/")
        pane.until("Begin a new conversation")
        pane.type("he")
        pane.keys("Tab")
        pane.until("/help")
        pane.keys("Enter")
        pane.until(prompts(2))
        for count, command in enumerate(("/stop", "/new", "/nonsense", "/exit"), 3):
            pane.type(command)
            pane.keys("Enter")
            pane.until("[left with 0]" if command == "/exit" else prompts(count))
        check_screen("commands", pane)


def test_every_command_of_the_messenger_is_one_here(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "Yes."), rows=60) as pane:
        pane.until(prompts(1))
        for count, command in enumerate(("start", *COMMANDS), 2):
            pane.type(f"/{command}")
            pane.keys("Enter")
            assert "I do not know" not in pane.until(prompts(count))
    assert kept(tmp_path) == []


def test_what_is_typed_before_the_first_prompt_is_asked_once(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "Yes.")) as pane:
        pane.type("early")
        pane.keys("Enter")
        pane.until("Yes.")
        pane.until(lambda screen: screen.endswith("›"))
    assert [message["content"] for message in kept(tmp_path)] == ["early", "Yes."]


def test_a_line_that_is_typed_into_an_answer_waits_unsent_when_the_answer_is_stopped(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        ask_for_ever(pane)
        pane.type("and then")
        pane.keys("Enter", "C-c")
        pane.until(lambda screen: screen.endswith("› and then"))


def test_a_command_is_completed_and_sent_in_one_go(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "Yes.")) as pane:
        pane.until(prompts(1))
        pane.keys("/", "h", "e", "Tab", "Enter")
        pane.until("Enter sends")


def test_the_log_goes_to_a_file_and_not_into_the_answer(tmp_path):
    server = '{command: sh, args: [-c, "echo a traceback >&2"]}'
    config = configured(tmp_path, "Yes.", more=f"mcp_servers: {{noisy: {server}}}")
    with terminal("chat", "--config", config) as pane:
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until("Yes.")
        pane.until(lambda screen: screen.endswith("›"))
        assert "a traceback" not in pane.screen(history=True)
    assert "says: a traceback" in (tmp_path / "terminal.log").read_text(encoding="utf-8")


def test_a_table_stands_there_once_however_often_the_width_changes(tmp_path):
    table = "| name | what |\n|---|---|\n" + "".join(f"| row{n} | what{n} |\n" for n in range(6))
    config = configured(tmp_path, table, {"text": "\nThe end.", "after": 2})
    with terminal("chat", "--config", config, columns=60, rows=20) as pane:
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until("what5")
        for columns in (50, 70, 45, 60):
            pane.resize(columns, 20)
        pane.until("The end.")
        assert [word for word in pane.screen(history=True).split() if word.startswith("row")] == [
            f"row{n}" for n in range(6)
        ]


def test_stop_can_also_be_typed_into_an_answer(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, *UNENDING)) as pane:
        ask_for_ever(pane)
        pane.type("/stop")
        pane.keys("Enter")
        pane.until(prompts(2))


def test_a_conversation_is_gone_on_with(tmp_path):
    config = configured(tmp_path, "Yes.")
    for number in range(2):
        with terminal("chat", "--config", config, *["--continue"] * number) as pane:
            pane.until(prompts(1))
            pane.type(f"question {number}")
            pane.keys("Enter")
            pane.until(prompts(2))
            if number:
                check_screen("continued", pane)
    assert [message["content"] for message in kept(tmp_path)] == ["question 0", "Yes.", "question 1", "Yes."]


def test_thoughts_are_dim_and_fold_with_a_key_or_a_command(tmp_path):
    script = ({"kind": "reasoning", "text": "Let me see what this is about."}, {"text": "It is nothing.", "after": 0.5})
    with terminal("chat", "--config", configured(tmp_path, *script, more="display: {reasoning: keep}")) as pane:
        pane.until(prompts(1))
        pane.type("What is it?")
        pane.keys("Enter")
        pane.until("thinking")
        pane.keys("C-t")
        pane.until("Let me see")
        pane.keys("C-t")
        pane.until(prompts(2))
        assert "Let me see" not in pane.screen()
        pane.type("/thoughts")
        pane.keys("Enter")
        pane.until(prompts(3))
        pane.keys("C-t")
        pane.until(lambda screen: screen.count("Let me see") == 2)
        check_screen("thoughts", pane)
        assert "\x1b[2mLet me see" in pane.screen(styled=True)


def test_tools_have_a_line_with_their_time(tmp_path):
    script = ("I calculate.", {"call": "calculator", "arguments": {"expression": "6*7"}}, "It is 42.")
    with terminal("chat", "--config", configured(tmp_path, *script, more="agent: {tools: [calculator]}")) as pane:
        pane.until(prompts(1))
        pane.type("6*7?")
        pane.keys("Enter")
        pane.until("It is 42.")
        pane.until(prompts(2))
        check_screen("tools", pane)


def test_without_colours_nothing_is_coloured(tmp_path):
    with terminal(
        "chat", "--config", configured(tmp_path, "**bold** `code`\n\n```python\nreturn 1\n```"), NO_COLOR="1"
    ) as pane:
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until(prompts(2))
        styled = pane.screen(styled=True)
        assert "\x1b[1mbold" in styled
        assert not re.search(r"\x1b\[[\d;]*\b[349][0-7]", styled)


def test_a_dumb_terminal_gets_plain_markdown(tmp_path):
    with terminal("chat", "--config", configured(tmp_path, "**bold** and `code`"), TERM="dumb") as pane:
        pane.until(prompts(1))
        pane.type("go")
        pane.keys("Enter")
        pane.until(prompts(2))
        check_screen("dumb", pane)
