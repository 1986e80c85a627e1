"""telex's commands in this very process: what they print and what they exit with, without a process that starts for each.

For what does not depend on there being one: signals, terminals, and streams that others close need ``processes``.
"""

import asyncio
import io
import sys

import pytest

from telex.cli import main
from tests.cli.processes import CONFIGURING


def telex_here(*arguments: str, **more: str) -> tuple[int, str, str]:
    """Run a command to its end: exit code, output, errors."""
    written = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(each, encoding="utf-8", write_through=True) for each in written)
    with pytest.MonkeyPatch.context() as patch:
        for name in CONFIGURING:
            patch.delenv(name, raising=False)
        for name, value in more.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["telex", *arguments])
        for name, stream in (("stdin", None), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        with pytest.raises(SystemExit) as ended:
            main()
    assert isinstance(ended.value.code, int)
    return ended.value.code, written[0].getvalue().decode(), written[1].getvalue().decode()


async def telex_beside(*arguments: str, **more: str) -> tuple[int, str, str]:
    """The same in a thread of its own, beside what serves it in this loop."""
    return await asyncio.to_thread(telex_here, *arguments, **more)
