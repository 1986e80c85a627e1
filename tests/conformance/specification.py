"""The examples of CommonMark's specification and of GFM's extensions, from the package that publishes them."""

import functools
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE, DIGEST = "markdown-it-py==4.3.0", "91a58fa5b72c71a40cf7177250fd767480d7a2bb3ac426ccfb76fb90305fdaaa"
COMMONMARK = "tests/test_cmark_spec/commonmark.json"
EXTENSIONS = [f"tests/test_port/fixtures/{name}.md" for name in ("tables", "strikethrough", "tasklists", "linkify")]
_FIXTURE = re.compile(r"^\.\n(.*?)^\.\n.*?^\.$", re.DOTALL | re.MULTILINE)


@functools.cache
def sources() -> dict[str, str]:
    """The files of the package's source distribution that hold examples; fetched once into the environment."""
    kept = Path(sys.prefix) / "share" / "telex-tests" / f"{DIGEST}.tar.gz"
    if not kept.exists():
        _fetch(kept)
    with tarfile.open(kept) as archive:
        files = {member.name.partition("/")[2]: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read().decode() for name in (COMMONMARK, *EXTENSIONS) if (file := files[name])}


def _fetch(kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(f"{PACKAGE} --hash=sha256:{DIGEST}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command = [*pip, "--no-binary", ":all:", "--require-hashes", "--dest", folder, "-r", str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{PACKAGE} could not be fetched:\n{done.stderr}"
        (archive,) = Path(folder).glob("*.tar.gz")
        archive.replace(kept)  # another process may have been as quick


def commonmark() -> list[str]:
    """The Markdown of the 652 examples."""
    return [example["markdown"] for example in json.loads(sources()[COMMONMARK])]


def extensions() -> list[str]:
    """Examples of tables, strikethrough, task lists and autolinks."""
    return [found for name in EXTENSIONS for found in _FIXTURE.findall(sources()[name])]
