"""What is installed: the wheel that ``python -m build`` gives, in an environment that holds nothing else."""

import asyncio
import email
import fcntl
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Sequence
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
BOUND = 300.0  # seconds; a slow index is no failure of ours
NOT_REACHED = re.compile(
    r"No matching distribution found|Could not find a version|Connection|Network|Temporary failure"
)


def environment() -> dict[str, str]:
    """Without what would let an interpreter find telex by itself."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run something to its end."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=False,
    )


def build(folder: Path) -> None:
    """Build the wheel from the source distribution, as ``python -m build`` does."""
    done = run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], folder)
    assert done.returncode == 0, done.stdout + done.stderr


def install(folder: Path, wheel: Path) -> None:
    """Make an environment that holds the wheel and what it declares to need."""
    venv.create(folder, with_pip=False)
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        folder / "bin" / "python",
    ]
    done = run([*pip, "install", "--no-compile", wheel], folder)
    if done.returncode and NOT_REACHED.search(done.stderr) and os.environ.get("CI") != "true":
        pytest.skip(f"pip reaches no index: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one of the processes in which the tests run makes for all of them."""
    run_id = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = factory.getbasetemp().parent / f"{name}-{run_id}" if run_id else factory.getbasetemp() / name
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    (made,) = once(tmp_path_factory, "dist", build).glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and nothing else."""
    return once(tmp_path_factory, "environment", lambda folder: install(folder, wheel)) / "bin"


def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert held == {path.relative_to(SOURCE).as_posix() for path in files}
    assert {"telex/py.typed", "telex/simulator/page/index.html", "telex/simulator/page/app.js"} <= held


def test_the_wheel_says_what_it_is_and_what_it_brings(wheel: Path) -> None:
    said = metadata(wheel)
    assert (said["Name"], said["License-Expression"], said["License-File"]) == ("telex", "MIT", "LICENSE")
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"Typing :: Typed", "Framework :: AsyncIO", "Framework :: Pytest"} <= set(said.get_all("Classifier", []))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
        (entries,) = (archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert "telex = telex.cli:main" in entries
    assert "telex = telex.testing.plugin" in entries


def test_it_says_its_version(wheel: Path, installed: Path) -> None:
    done = run([installed / "telex", "--version"], installed)
    assert (done.stdout.strip(), done.stderr) == (metadata(wheel)["Version"], "")


def test_it_answers_a_question(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text("- {text: Hello **there**., tokens_per_second: 100}\n")
    (tmp_path / "config.yaml").write_text(f"provider: {{kind: scripted, script: {tmp_path / 'script.yaml'}}}\n")
    done = run([installed / "telex", "ask", "--config", tmp_path / "config.yaml", "Hi"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Hello **there**.\n", "")


def test_what_an_extra_brings_is_asked_for_in_a_sentence(installed: Path, tmp_path: Path) -> None:
    done = run([installed / "telex", "chat"], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'telex[terminal]'" in done.stderr
    assert "Traceback" not in done.stderr


THREE_LINES = """
import asyncio, telex
from telex.simulator import Simulator

async def main():
    simulator = Simulator()
    base = await simulator.start()
    async with telex.live(telex.telegram(simulator.token, 1001, api_base=base)) as out:
        out.feed("Hello **there**.")
    print(simulator.messages(1001)[0]["text"])
    await simulator.stop()

asyncio.run(main())
"""


def test_three_lines_show_an_answer(installed: Path, tmp_path: Path) -> None:
    done = run([installed / "python", "-W", "error", "-c", THREE_LINES], tmp_path)
    assert (done.stdout, done.stderr) == ("Hello there.\n", "")


def test_the_simulator_serves_its_page(installed: Path, tmp_path: Path) -> None:
    async def main() -> str:
        process = await asyncio.create_subprocess_exec(
            installed / "telex",
            "simulate",
            "--port",
            "0",
            cwd=tmp_path,
            env=environment(),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            said = (await asyncio.wait_for(process.stdout.readline(), BOUND)).decode()
            port = int(said.partition("http://127.0.0.1:")[2].partition("/")[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            page = await reader.read()
            writer.close()
            return page.decode()
        finally:
            process.terminate()
            await process.wait()

    page = asyncio.run(main())
    assert page.startswith("HTTP/1.0 200 OK")
    assert "<title>" in page
