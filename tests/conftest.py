"""What all tests share: Hypothesis profiles, and the figures of the conformance tests. CI plays the full counts, with a fixed seed."""

import gc
import os
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings

from telex.providers import learned
from tests.conformance import figures
from tests.conformance.dialects import DIALECTS

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile(  # to see whether anything fails, and not what
    "quick", settings.get_profile("default"), derandomize=True, phases=[Phase.explicit, Phase.generate], database=None
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting makes a million objects that all stay: looking again and again for those that do not took half its time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


LONG = ("test_documents.py", "test_memory.py", "test_presenter_machine.py")
"""Files whose tests take long each: one that began last would be waited for by all."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each process begins with its share of the long tests; a process gets the tests in equal stretches."""
    share = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    long = [item for item in items if item.path.name in LONG]
    short = [item for item in items if item.path.name not in LONG]
    size = -(-len(short) // share)
    items[:] = [
        item for number in range(share) for item in (*long[number::share], *short[number * size : (number + 1) * size])
    ]


@pytest.fixture(autouse=True)
def _nothing_is_learned_before() -> None:
    """What servers refuse is known for a whole process; the next test's may have the same address."""
    learned.forget()


_conformance: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what the tests counted, in whichever process."""
    if report.when == "teardown":
        for name, counted in report.user_properties:
            if name == figures.PROPERTY and isinstance(counted, dict):
                _conformance.update(counted)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures where conformance tests ran."""
    if _conformance:
        terminalreporter.section("conformance of the dialects")
        for line in figures.lines(_conformance, len(DIALECTS)):
            terminalreporter.line(line)
