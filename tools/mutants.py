"""Twenty small faults put into telex/display/ by hand, one at a time; the tests must notice every one.

python tools/mutants.py            make them all, on copies; exits 1 when one lives
python tools/mutants.py NAME ...   only those with such a name
python tools/mutants.py --check    only see that each still finds its line
"""
# ruff: noqa: INP001, T201, S603 - a script that prints and starts our own interpreter

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = [
    "pyproject.toml",
    "src",
    "docs/markdown.md",
    "tests/conftest.py",
    "tests/conformance",
    "tests/display",
    "tests/properties",
    "tests/test_live.py",
]
TESTS = ["tests/display", "tests/properties"]
SCHEDULES = "400"
AT_ONCE = 2


@dataclass(frozen=True)
class Mutant:
    """A fault: in ``file`` of the package, ``old`` (found once) becomes ``new``."""

    name: str
    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    name: str
    killed_by: str | None
    seconds: float


MUTANTS = [
    Mutant(
        "law 1: the next page is shown before the one above it stands",
        "book.py",
        "next((number for number in range(len(self.pages))",
        "next((number for number in reversed(range(len(self.pages)))",
    ),
    Mutant(
        "law 1: a letter is lost where a page ends",
        "book.py",
        "self._view.place(begins, goes_on)",
        "self._view.place(begins, goes_on + 1)",
    ),
    Mutant(
        "law 2: already_sent is remembered from the last preview",
        "presenter.py",
        "and self._state.book.undone is None",
        "and any(self.frames)",
    ),
    Mutant(
        "law 2: a preview that was refused counts as seen",
        "outcomes.py",
        "        state.mark = flight.mark\n",
        "        pass\n",
    ),
    Mutant(
        "law 2: what a person deleted is believed to be there",
        "outcomes.py",
        "            page.forget()\n            state.unseen(number, now)\n",
        "            pass\n",
    ),
    Mutant(
        "law 2: in a new place the old previews are believed to be there",
        "outcomes.py",
        "            state.book.forget_previews()\n            state.unseen(state.book.undone or 0, now)\n",
        "",
    ),
    Mutant(
        "law 3: a call is made inside the freeze",
        "standing.py",
        "narrow.freeze(until, now, teaches=not asked.whole or narrow is wide)",
        "narrow.freeze(now, now, teaches=not asked.whole or narrow is wide)",
    ),
    Mutant(
        "law 3: a call is not charged",
        "steps.py",
        "lines = state.standing.spend(kind, now)",
        "lines = state.screen.lines(kind)",
    ),
    Mutant(
        "law 3: whoever refuses is asked again without a pause, for ever",
        "standing.py",
        "if self.failures > PATIENCE:",
        "if self.failures > 10**9:",
    ),
    Mutant(
        "law 4: after a lost call the old text is sent again",
        "steps.py",
        "text = state.book.open_text()",
        "text = (state.standing.failures and state.book.pages[-1].words) or state.book.open_text()",
    ),
    Mutant(
        "law 5: a preview goes before the final",
        "steps.py",
        "if state.view.ended or state.book.pending_final is not None:",
        "if state.mark.since is None and (state.view.ended or state.book.pending_final is not None):",
    ),
    Mutant(
        "law 5: no call is kept back for the final",
        "pace.py",
        "return max(0.0, min(len(self._open), self._most_reserved, size - 1))",
        "return 0.0 * size",
    ),
    Mutant(
        "law 3: while an edit waits out a freeze, a sign of life repeats it",
        "steps.py",
        "waits = state.mark.since is not None or page.text is not None",
        "waits = False",
    ),
    Mutant(
        "law 6: a preview that hangs holds up the final",
        "steps.py",
        "if flight.kind is not Kind.FINAL and state.ended_at is not None:",
        "if flight.kind is Kind.ALIVE and state.ended_at is not None:",
    ),
    Mutant(
        "law 6: a late preview overwrites the final, and nobody looks",
        "outcomes.py",
        "state.confirm[number] = flight.sent + state.pacing.final_bound",
        "pass",
    ),
    Mutant(
        "law 6: the final is confirmed before a late preview can have come",
        "outcomes.py",
        "flight.sent + state.pacing.final_bound",
        "flight.sent + state.pacing.preview_bound",
    ),
    Mutant(
        "law 7: words that were shown move to the next page",
        "book.py",
        "kept = max(self._view.index(begins, page.seen), len(page.lead))",
        "kept = len(page.lead)",
    ),
    Mutant(
        "law 7: a sign of life repeats older words",
        "outcomes.py",
        "        page.words = flight.frame.text\n    _refused",
        "        pass\n    _refused",
    ),
    Mutant(
        "law 8: what is fed after the end is taken in",
        "presenter.py",
        "        if view.ended:\n            return\n",
        "",
    ),
    Mutant(
        "the limit that a platform names is ignored",
        "book.py",
        "int(min(self._limit, self._screen.limit))",
        "int(self._screen.limit)",
    ),
]


def apply(mutant: Mutant, package: Path) -> None:
    """Put the fault into this copy of the package.

    Raises:
        ValueError: its line is not there exactly once.
    """
    path = package / "display" / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        message = f"{mutant.name}: its line is in {mutant.file} {text.count(mutant.old)} times"
        raise ValueError(message)
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def copy(to: Path) -> None:
    """The package and the tests that are to notice."""
    for name in COPIED:
        source = ROOT / name
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)


def try_out(mutant: Mutant | None, *more: str) -> Verdict:
    """Which test notices this fault? ``None``: does any notice what is not there? ``more`` options for pytest."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy(Path(folder))
        if mutant:
            apply(mutant, Path(folder, "src", "telex"))
        environment = {**os.environ, "PYTHONPATH": str(Path(folder, "src")), "TELEX_SCHEDULES": SCHEDULES}
        environment.pop("CI", None)
        without = ["-p", "no:cacheprovider", "-p", "no:langsmith_plugin"]  # which takes a second to begin
        options = ["-x", "-n", "0", "-q", *without, "--hypothesis-profile=quick", *more]
        command = [sys.executable, "-m", "pytest", *options, *TESTS]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return Verdict(
        mutant.name if mutant else "",
        killer(done.stdout or done.stderr) if done.returncode else None,
        time.monotonic() - begun,
    )


def killer(output: str) -> str:
    """The test that failed, and what it complained of where that names a law."""
    test = re.search(r"^FAILED \S+::(\S+)", output, re.MULTILINE)
    law = re.search(r"^E\s+AssertionError: (law \d: .+|order: .+|longer .+|faster .+|a busy .+)$", output, re.MULTILINE)
    name = test.group(1) if test else (output.strip().splitlines() or ["no output"])[-1]
    return f"{name}: {law.group(1)}" if law else name


def main(arguments: list[str]) -> int:
    """The script."""
    if arguments == ["--check"]:
        with tempfile.TemporaryDirectory() as folder:
            for mutant in MUTANTS:
                shutil.copytree(ROOT / "src" / "telex" / "display", Path(folder, "display"), dirs_exist_ok=True)
                apply(mutant, Path(folder))
        if (missing := try_out(None, "--collect-only").killed_by) is not None:
            print(f"What is copied is not enough to collect the tests: {missing}")
            return 1
        print(f"{len(MUTANTS)} mutants apply")
        return 0
    if (noticed := try_out(None).killed_by) is not None:
        print(f"The tests fail without any fault: {noticed}")
        return 1
    chosen = [mutant for mutant in MUTANTS if not arguments or any(word in mutant.name for word in arguments)]
    alive = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for verdict in pool.map(try_out, chosen):
            alive += verdict.killed_by is None
            print(f"{verdict.name:66} {verdict.seconds:4.0f} s  {verdict.killed_by or 'LIVES'}", flush=True)
    print(f"{len(chosen) - alive} of {len(chosen)} died")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
