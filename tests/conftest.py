"""What all tests share: Hypothesis profiles. CI plays the full counts, with a fixed seed."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from telex.providers import learned

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile(  # to see whether anything fails, and not what
    "quick", settings.get_profile("default"), derandomize=True, phases=[Phase.explicit, Phase.generate], database=None
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


@pytest.fixture(autouse=True)
def _nothing_is_learned_before() -> None:
    """What servers refuse is known for a whole process; the next test's may have the same address."""
    learned.forget()
