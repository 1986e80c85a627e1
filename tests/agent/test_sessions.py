"""Conversations of the terminal, written down."""

import sqlite3
from pathlib import Path

import pytest

from telex.agent.sessions import Sessions
from telex.errors import TelexError

ASKED = [{"role": "user", "content": "one"}]


def test_two_terminals_that_go_on_with_one_conversation_lose_neithers_words(tmp_path: Path) -> None:
    first, second = Sessions(tmp_path / "s"), Sessions(tmp_path / "s")
    number = first.save(None, ASKED)
    assert second.latest() == (number, ASKED)
    assert second.save(number, [*ASKED, {"role": "user", "content": "of the second"}]) == number
    other = first.save(number, [*ASKED, {"role": "user", "content": "of the first"}])
    assert other != number
    assert first.latest() == (other, [*ASKED, {"role": "user", "content": "of the first"}])
    assert second.save(number, ASKED) == number


def test_a_conversation_that_goes_on_keeps_its_number(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "s")
    number = sessions.save(None, ASKED)
    assert sessions.save(number, [*ASKED, *ASKED]) == number
    assert sessions.latest() == (number, [*ASKED, *ASKED])


@pytest.mark.parametrize("damage", ["{", "null", '[{"role": "user"}]', '[{"role": "robot", "content": "beep"}]'])
def test_a_conversation_that_is_damaged_is_told_in_a_sentence(tmp_path: Path, damage: str) -> None:
    sessions = Sessions(tmp_path / "s")
    sessions.save(None, [{"role": "user", "content": "a"}])
    with sqlite3.connect(tmp_path / "s") as db:
        db.execute("UPDATE sessions SET body = ?", (damage,))
    db.close()
    with pytest.raises(TelexError):
        sessions.latest()
    sessions.close()
