"""Faults put into the display by hand: do the tests notice them?"""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "tools" / "mutants.py"


def mutants(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=1200
    )


def test_each_of_twenty_mutants_still_finds_its_line():
    done = mutants("--check")
    assert (done.stdout, done.returncode) == ("20 mutants apply\n", 0), done.stderr
