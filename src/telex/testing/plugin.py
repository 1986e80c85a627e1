"""The pytest plugin: a simulated Telegram, virtual time and a scripted model as fixtures.

It is loaded into every run of pytest where telex is installed, so what a fixture needs is imported when it is asked for.
"""

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from telex.simulator.server import Simulator
    from telex.testing.clock import Clock
    from telex.testing.model import ScriptedModel

pytest.register_assert_rewrite("telex.testing.place", "telex.testing.surface_suite", "telex.testing.provider_suite")


@pytest.fixture
def clock() -> Iterator["Clock"]:
    """Virtual time: an ``async`` test that asks for it runs in it, and ``clock.run`` runs a coroutine."""
    from telex.testing.clock import Clock  # noqa: PLC0415 - asyncio only where it is used

    clock = Clock()
    yield clock
    clock.close()


@pytest.fixture
def telegram(clock: "Clock") -> Iterator["Simulator"]:
    """A simulated Telegram in virtual time that listens at ``telegram.base_url`` for the bot ``telegram.token``."""
    from telex.simulator.server import Simulator  # noqa: PLC0415 - aiohttp takes 0.15 s

    simulator = Simulator(clock=clock.time)
    clock.run(simulator.start())
    yield simulator
    clock.run(simulator.stop())


@pytest.fixture
def model() -> "ScriptedModel":
    """A provider that says what ``model.answers`` told it to, and remembers what it was asked."""
    from telex.testing.model import ScriptedModel  # noqa: PLC0415 - only where it is used

    return ScriptedModel()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an ``async`` test in the virtual time that it asks for, also where a plugin has wrapped it to run it in its own loop."""
    if "clock" not in pyfuncitem.funcargs:
        return None
    test = inspect.unwrap(pyfuncitem.obj, stop=inspect.iscoroutinefunction)
    if not inspect.iscoroutinefunction(test):
        return None
    from telex.testing.clock import Clock  # noqa: PLC0415 - the fixture has loaded it

    clock = pyfuncitem.funcargs["clock"]
    if not isinstance(clock, Clock):
        return None  # a fixture of another project that has the same name
    names = inspect.signature(test).parameters
    asked = {
        name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs
    }  # a decorator gives others
    clock.run(test(**asked))
    return True
