"""What is tried of several lists: all that can be made of them where CI plays the full counts, and else each of each once."""

import os
from collections.abc import Sequence
from itertools import cycle, islice, product
from typing import Any

ALL = os.environ.get("CI") == "true"


def crossed(*lists: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Each with each; or as few as have each value once at least."""
    if ALL:
        return [*product(*lists)]
    return [*islice(zip(*map(cycle, lists), strict=False), max(map(len, lists)))]
