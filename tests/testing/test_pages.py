"""The code in the pages: it is taken from a file that is tested, or it is a test that passes, or a program (test_programs.py)."""

import re
import shutil
from pathlib import Path

import pytest

from tests.testing.test_plugin import pytest_in

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```python ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(name, info, code, id=f"{name}-{number}")
    for name in sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
    if name not in {"api", "markdown"}  # signatures; samples of what is shown
    for number, (info, code) in enumerate(BLOCK.findall((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")))
]


@pytest.mark.parametrize(("name", "info", "code"), [block for block in BLOCKS if "/" in str(block.values[1])])
def test_code_that_a_page_takes_from_a_file_stands_in_it(name: str, info: str, code: str) -> None:
    assert code in (ROOT / info).read_text(encoding="utf-8")


def test_the_tests_that_pages_show_pass(tmp_path: Path) -> None:
    for example in (ROOT / "examples").glob("add_a_*.py"):
        shutil.copy(example, tmp_path)
    shown = {f"test_{block.id}": str(block.values[2]) for block in BLOCKS if block.values[1] == "test"}
    said = pytest_in(tmp_path, "-v", **shown)
    for name in shown:
        assert re.search(rf"^{name}\.py::.* PASSED", said, re.MULTILINE), said
    assert not re.search(r"FAILED|ERROR", said), said


def test_all_code_of_the_pages_is_one_of_these() -> None:
    assert {str(block.values[1]).partition("/")[0] for block in BLOCKS} == {"examples", "test", "program"}
