"""The pytest plugin, in a pytest of its own as a user's project runs it."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROJECT = """
import asyncio
import sys

import telex
from telex.providers.base import Request
from telex.providers.scripted import Piece

ADA = 1001


async def answer(telegram, model):
    async with telex.live(telex.telegram(telegram.token, ADA, api_base=telegram.base_url)) as out:
        await model.stream(Request([{"role": "user", "content": "Hi"}]), out.feed)


async def test_an_answer_of_a_minute(telegram, clock, model):
    model.answers("word " * 600, tokens_per_second=10)
    await answer(telegram, model)
    assert telegram.messages(ADA)[-1]["text"] == ("word " * 600).strip()
    assert [frame for frame in telegram.frames if frame.kind == "draft"]
    assert clock.time() > 60
    assert model.asked[0].messages[0]["content"] == "Hi"


def test_a_function_runs_what_it_likes(clock, telegram, model):
    model.answers(Piece(3600, "At last."))
    clock.run(answer(telegram, model))
    assert clock.time() >= 3600
    assert [message["text"] for message in telegram.messages(ADA)] == ["At last."]


async def test_what_is_left_running_ends_with_the_test(clock):
    asyncio.get_running_loop().create_task(asyncio.sleep(9))


def test_a_model_without_an_answer_says_so(clock, model):
    import pytest

    with pytest.raises(telex.errors.ProviderError, match="model.answers"):
        clock.run(model.stream(Request([]), print))


async def test_that_fails(clock):
    assert clock.time() == 1
"""
LIGHT = """
import sys


def test_that_asks_for_nothing():
    assert [name for name in sys.modules if name.startswith("telex") or name == "aiohttp"] == LOADED
"""
OTHER_LOOP = """
import asyncio
import functools
import inspect

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    test = pyfuncitem.obj
    if inspect.iscoroutinefunction(test):

        @functools.wraps(test)
        def in_a_loop_of_its_own(**asked):
            asyncio.run(test(**asked))

        pyfuncitem.obj = in_a_loop_of_its_own
    yield
"""
BESIDE = """
import asyncio
from unittest import mock

import telex


async def said(telegram, words):
    async with telex.live(telex.telegram(telegram.token, 1001, api_base=telegram.base_url)) as out:
        out.feed(words)
        await asyncio.sleep(3600)
    return telegram.messages(1001)[0]["text"]


async def test_a_function(telegram, clock):
    assert await said(telegram, "Hello.") == "Hello."
    assert clock.time() >= 3600


class TestGroup:
    async def test_a_method(self, telegram):
        assert await said(telegram, "Hello.") == "Hello."

    @mock.patch("os.getcwd")
    async def test_a_method_that_is_decorated(self, where, telegram):
        assert await said(telegram, "Hello.") == "Hello."
        where.assert_not_called()


async def test_that_asks_for_nothing_runs_where_the_other_plugin_runs_it():
    assert asyncio.get_running_loop().time() > 0
"""
LOADED = ["telex", "telex.testing", "telex.testing.plugin"]


def pytest_in(folder: Path, *options: str, **sources: str) -> str:
    """What pytest says of a project that holds these files of tests."""
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "telex.testing.plugin",
            "-p",
            "no:cacheprovider",
            "-W",
            "error",
            "-ra",
            *options,
        ],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_fixtures_make_a_bot_testable_in_virtual_time(tmp_path):
    said = pytest_in(tmp_path, test_it=PROJECT)
    assert "4 passed" in said, said
    assert "1 failed" in said
    assert "assert 0.0 == 1" in said


def test_a_run_that_asks_for_no_fixture_loads_nothing_for_them(tmp_path):
    said = pytest_in(tmp_path, test_it=f"LOADED = {LOADED}{LIGHT}")
    assert "1 passed" in said, said


def test_beside_a_plugin_that_runs_async_tests_in_its_own_loop_they_run_in_virtual_time(tmp_path):
    (tmp_path / "conftest.py").write_text(OTHER_LOOP, encoding="utf-8")
    said = pytest_in(tmp_path, test_it=BESIDE)
    assert "4 passed" in said, said


def test_a_fixture_of_the_projects_own_comes_first(tmp_path):
    own = "import pytest\n\n@pytest.fixture\ndef clock():\n    return 5\n\n\ndef test_own(clock):\n    assert clock == 5\n"
    said = pytest_in(tmp_path, test_it=own)
    assert "1 passed" in said, said


def test_pytest_finds_the_plugin_wherever_telex_is_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"telex": "telex.testing.plugin"}
