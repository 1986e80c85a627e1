"""A run of chaos: two processes, real sockets, a kill."""

import asyncio
import os

import pytest

from telex.chaos.run import Settings, chaos

SHORT = Settings(chats=8, seconds=4.0, kills=1, restarts=0, longest=90, patience=0.8, final_timeout=2.0, drain=90.0)


def test_eight_chats_with_a_kill_see_each_answer_once_or_visibly_cut_off():
    report = asyncio.run(chaos(SHORT))
    assert report.passed, f"\n{report}"
    assert report.asked >= 8
    assert report.complete > 0


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="takes two minutes")
@pytest.mark.parametrize("seed", [2])
def test_sixty_chats_with_kills_and_restarts_see_each_answer_once_or_visibly_cut_off(seed):
    report = asyncio.run(chaos(Settings(chats=60, seconds=30.0, seed=seed, kills=2, restarts=1, longest=400)))
    assert report.passed, f"\n{report}"
    assert report.asked >= 60
