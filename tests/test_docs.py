"""What the documents promise is there: their links, the files and names they mention, and their commands."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from cyclopts import CycloptsError

from telex.cli import app
from telex.simulator.faults import FaultPlan, Kind
from telex.simulator.limits import PROFILES

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")], key=lambda path: path.as_posix()
)
EVERY = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))

FENCE = re.compile(r"^( *)(`{3,}|~{3,})([^\n`]*)\n(.*?)^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")
LINK = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]\n]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
OUR_PATH = re.compile(r"(?<![\w./-])(?:src|tests|examples|docs)/[\w./-]*\w")
PATH_AND_NAME = re.compile(r"(src/telex/[\w./]+\.py)[ \t]+([A-Za-z_][\w.]*)\(?")
RUN = {"test", "lock", "help"}  # what `./run` knows beside telex's own commands


@cache
def read(document):
    return document.read_text(encoding="utf-8")


def blocks(document):
    """The info string and the text of each fenced block."""
    return [(found[3].strip(), found[4]) for found in FENCE.finditer(read(document))]


def prose(document):
    """The document without its fenced blocks."""
    return FENCE.sub("", read(document))


def anchors(document):
    """The names that a browser can jump to, as the hosts of repositories make them from headings."""
    names = set()
    for heading in HEADING.findall(prose(document)):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        names.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return names


def commands(document):
    """What a reader is told to type: the code spans and the lines of shell blocks that begin with telex or ./run."""
    lines = [span for _, span in CODE.findall(prose(document))]
    for info, block in blocks(document):
        if info in {"", "sh", "console"}:
            lines += block.replace("\\\n", " ").splitlines()
    typed = (re.sub(r"^(?:\$ )?(?:[A-Z_]+=\S+ +)*", "", line.strip()) for line in lines)
    return [command for command in typed if re.match(r"(?:telex|\./run) [a-z-]", command)]


@EVERY
def test_every_relative_link_leads_somewhere(document):
    for pair in LINK.findall(CODE.sub("", prose(document))):
        target = pair[0] or pair[1]
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@EVERY
def test_every_path_that_is_named_exists(document):
    for path in OUR_PATH.findall(re.sub(r"https?://\S+", "", read(document))):
        assert (ROOT / path).exists(), path


@EVERY
def test_every_name_that_stands_behind_a_path_is_defined_in_that_file(document):
    for block in [block for info, block in blocks(document) if info in {"", "text"}]:
        for path, name in PATH_AND_NAME.findall(block):
            source = (ROOT / path).read_text(encoding="utf-8")
            for part in name.split("."):
                assert re.search(rf"\b(?:def|class) {part}\b|^{part}\b.*=", source, re.MULTILINE), f"{path} {name}"


@EVERY
def test_every_command_and_each_of_its_options_exists(document):
    for command in commands(document):
        program, *words = shlex.split(command, comments=True)
        if program == "./run" and words[0] in RUN:
            continue
        try:
            app.parse_args(words, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            pytest.fail(f"{command}: {error}")


@EVERY
def test_every_fault_plan_that_a_command_names_can_be_read(document):
    for command in commands(document):
        words = shlex.split(command, comments=True)
        if "--faults" in words:
            FaultPlan.parse(words[words.index("--faults") + 1])


def test_the_simulator_page_names_every_profile_and_every_fault():
    page = read(ROOT / "docs" / "simulator.md")
    for name in [*PROFILES, *(kind.value for kind in Kind)]:
        assert re.search(rf"^\| `{name}` \|", page, re.MULTILINE), name
