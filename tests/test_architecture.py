"""The import rule: who may know whom. Read from the source, so that lazy imports count too."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "src" / "telex"

# Each part of the package, and the parts that it may import; itself is always allowed.
ALLOWED: dict[str, set[str]] = {
    "events": set(),
    "errors": set(),
    "display": {"events", "errors"},
    "config": {"config_agent", "config_errors", "config_file", "config_provider", "display", "errors"},
    "config_agent": {"config_provider"},
    "config_errors": set(),
    "config_file": {"errors"},
    "config_provider": {"config_errors"},
    "surfaces": {"config", "display", "events", "errors"},
    "recording": {"display", "events", "errors"},
    "live": {"recording", "surfaces", "display", "events", "errors"},
    "thinking": {"events"},
    "providers": {"thinking", "events", "errors"},
    "agent": {"providers", "events", "errors"},
    "arguments": {"errors"},
    "closing": set(),
    "library": {
        *("arguments", "closing", "live", "recording", "thinking"),
        *("surfaces", "config", "display", "events", "errors"),
    },
    "adapters": {"closing", "library", "agent", "config", "events", "errors"},
    "gateway": {"agent", "providers", "live", "recording", "surfaces", "config", "display", "events", "errors"},
    "simulator": {"errors"},
    "testing": {"simulator", "live", "surfaces", "display", "providers", "events", "errors"},
}
ABOVE_ALL = {"cli", "bench", "chaos", "__main__", "__init__"}  # these put the parts together
IMPURE = {"asyncio", "time", "random", "socket", "aiohttp", "httpx", "requests", "urllib3", "threading", "secrets"}
PURE_PROVIDERS = (
    "*decoder",
    "*request",
    "anthropic_blocks",
    "base",
    "body",
    "chat_chunk",
    "chat_reasoning",
    "endpoint",
    "halves",
    "learned",
    "openai_responses_items",
    "packet_shape",
    "patience",
    "pictures",
    "refusals",
    "seam",
    "sse",
    "tool_calls",
)
PURE = sorted(
    [
        *ROOT.glob("display/*.py"),
        ROOT / "thinking.py",
        *ROOT.glob("surfaces/**/dialect*.py"),
        *ROOT.glob("surfaces/telegram/rich*.py"),
        *(ROOT / "recording" / f"{name}.py" for name in ("coder", "entries", "recorder", "replay")),
        *(path for name in PURE_PROVIDERS for path in ROOT.glob(f"providers/{name}.py")),
    ],
    key=str,
)


def modules_in(part: str) -> list[Path]:
    alone = ROOT / f"{part}.py"
    return [alone] if alone.exists() else sorted((ROOT / part).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The full names of what a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the rule"
            module = node.module or ""
            yield from ([f"telex.{name.name}" for name in node.names] if module == "telex" else [module])


def parts_imported(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("telex.")}


def test_every_part_of_the_package_has_its_place_in_the_rule():
    parts = {path.stem if path.is_file() else path.name for path in ROOT.iterdir() if path.name != "__pycache__"}
    parts -= {"py"}  # py.typed
    assert parts <= set(ALLOWED) | ABOVE_ALL


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_part_imports_only_what_lies_below_it(part):
    for path in modules_in(part):
        assert parts_imported(path) <= ALLOWED[part] | {part}, path


def test_the_agent_does_not_know_surfaces_nor_surfaces_the_agent():
    assert not {"surfaces", "display", "live", "gateway"} & set().union(*map(parts_imported, modules_in("agent")))
    assert not {"agent", "providers", "gateway", "live"} & set().union(*map(parts_imported, modules_in("surfaces")))


def test_platforms_do_not_know_each_other():
    platforms = [path for path in (ROOT / "surfaces").iterdir() if path.is_dir() and path.name != "__pycache__"]
    for platform in platforms:
        others = {f"telex.surfaces.{other.name}" for other in platforms if other != platform}
        for path in platform.rglob("*.py"):
            assert not [name for name in imports(path) for other in others if name.startswith(other)], path


def test_nothing_below_the_command_line_imports_it():
    for part in ALLOWED:
        for path in modules_in(part):
            assert not parts_imported(path) & ABOVE_ALL, path


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_pure_imports_no_clock_no_loop_and_no_socket(path):
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE


def test_only_the_configuration_reads_the_environment():
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            reads = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
            named = isinstance(node, ast.ImportFrom) and node.module == "os"
            assert path == ROOT / "config.py" or not (reads or named), f"{path}:{getattr(node, 'lineno', 0)}"


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after ``statement``."""
    code = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_importing_telex_loads_nothing_heavy():
    heavy = {
        "prompt_toolkit",
        "pygments",
        "aiohttp",
        "pyromark",
        "yaml",
        "msgspec",
        "cyclopts",
        "uvloop",
        "xllamacpp",
        "multidict",
        "yarl",
    }
    assert not heavy & loaded_by("import telex")


def test_the_command_line_loads_a_commands_libraries_only_when_it_runs():
    assert not {"aiohttp", "pyromark", "yaml", "xllamacpp"} & loaded_by("import telex.cli")
