"""Each test's report carries what it counted."""

from collections.abc import Iterator

import pytest

from tests.conformance import figures


@pytest.fixture(autouse=True)
def _figures(request: pytest.FixtureRequest) -> Iterator[None]:
    figures.COUNTED.clear()
    yield
    request.node.user_properties.append((figures.PROPERTY, dict(figures.COUNTED)))
