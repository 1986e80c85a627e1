"""docs/api.md is what the docstrings say (TELEX_RENEW=1 writes it), and they say all that is to be known."""

import ast
import importlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import telex
import telex.testing

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "api.md"


def tool(name: str) -> Any:
    """A module of tools/."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


API = tool("api_reference")
sections, entries = tool("docstrings").sections, tool("docstrings").entries


def everything() -> Iterator[Any]:
    """Each public name, and each of its methods."""
    for _, items in API.public():
        for item in items:
            yield pytest.param(item.node, "", id=f"{item.module}.{item.name}")
            about = ast.get_docstring(item.node) or ""
            for method in item.methods:
                if not method.name.startswith("test_"):
                    yield pytest.param(method, about, id=f"{item.module}.{item.name}.{method.name}")


EVERYTHING = pytest.mark.parametrize(("node", "about"), list(everything()))


def parameters(node: Any) -> list[str]:
    """What has to be described: the parameters of a function, or of what makes an object of a class."""
    if isinstance(node, ast.ClassDef):
        made = [item for item in node.body if getattr(item, "name", None) == "__init__"]
        if not made:
            return (
                [field.partition(":")[0] for field in tool("signatures").fields(node)]
                if "dataclass" in tool("signatures").decorators(node)
                else []
            )
        node = made[0]
    if "pytest.fixture" in tool("signatures").decorators(node):
        return []
    args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return [arg.arg for arg in args if arg is not None and arg.arg not in {"self", "cls"}]


def test_the_page_is_what_the_docstrings_say():
    if os.environ.get("TELEX_RENEW") == "1":
        PAGE.write_text(API.page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == API.page(), (
        "TELEX_RENEW=1 ./run test tests/test_api_page.py writes it anew"
    )


def test_every_public_name_is_on_the_page():
    page = API.page()
    adapters = [file.stem for file in (ROOT / "src/telex/adapters").glob("[a-z]*.py")]
    for name in [
        *(f"telex.{name}" for name in telex.__all__),
        *(f"telex.testing.\\w+.{name}" for name in telex.testing.__all__),
        *(f"telex.adapters.{name}.\\w+" for name in adapters),
    ]:
        assert re.search(rf"^### {name}$", page, re.MULTILINE), name


@EVERYTHING
def test_every_parameter_is_described(node, about):
    said = ast.get_docstring(node) or ""
    assert said
    parts = sections(said)
    listed = {name.strip("`*") for part in ("Args", "Attributes") for name in entries(parts.get(part, ""))}
    named = set(re.findall(r"``\*{0,2}(\w+)", parts[""] + about))
    wanted = parameters(node)
    alone = set(wanted) if len(wanted) == 1 else set()  # what a function's only parameter is, its first line says
    assert set(wanted) <= listed | named | alone


@EVERYTHING
def test_what_is_listed_is_there(node, about):
    parts = sections(ast.get_docstring(node) or "")
    assert set(entries(parts.get("Args", ""))) <= set(parameters(node))


@EVERYTHING
def test_every_error_that_is_raised_is_named(node, about):
    if isinstance(node, ast.ClassDef):
        return
    said = sections(ast.get_docstring(node) or "").get("Raises", "")
    for item in ast.walk(node):
        if isinstance(item, ast.Raise) and item.exc is not None:
            error = ast.unparse(item.exc).partition("(")[0]
            assert not error[0].isupper() or error in said or error == "NotImplementedError"


STANDARD = frozenset({
    "AbstractAsyncContextManager", "Any", "AsyncIterable", "AsyncIterator", "Awaitable", "BaseException", "Callable", "Collection", "Coroutine", "Exception",
    "False", "Iterable", "Iterator", "Literal", "Mapping", "None", "Path", "Protocol", "Self", "Sequence", "SelectorEventLoop", "T", "Task", "True", "V",
})  # fmt: skip


ABROAD = re.compile(
    r"(aiogram|asyncio|msgspec|client|application|Runner|agent\.run_stream_events|telegram\.Bot)\b"
)  # other people's names
STANDS_FOR = {
    "clock": "Clock",
    "frame": "Frame",
    "model": "ScriptedModel",
    "out": "Live",
    "telegram": "Simulator",
}  # in an example


def explained(page: str) -> set[str]:
    """Whatever has a heading or a line of its own: names whole and alone, members and attributes behind their class."""
    names: set[str] = set()
    here = ""
    for line in page.splitlines():
        if heading := re.match(r"#{2,4} ([\w.]+)$", line):
            here = heading[1].rpartition(".")[2]
            names |= {heading[1], here}
        elif listed := re.match(r"- `([\w.]+)`(?:: | \()", line):
            names |= {listed[1], listed[1].rpartition(".")[2], f"{here}.{listed[1]}"}
    return names


def test_every_type_in_a_signature_is_explained_on_the_page():
    page = API.page()
    known = explained(page)
    code = "\n".join(
        re.findall(r"```python\n(.*?)```", page, re.DOTALL) + re.findall(r"^- `[\w.]+`: `(.*)`$", page, re.MULTILINE)
    )
    code = re.sub(r"""\"[^\"\n]*\"|'[^'\n]*'""", "", code)
    assert {name for name in re.findall(r"\b[A-Z]\w*", code) if name not in known | STANDARD} == set()


def test_every_name_with_a_dot_in_the_text_is_explained_on_the_page():
    page = API.page()
    known = explained(page)
    text = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    dotted = set(re.findall(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)[`(]", text))
    ours = {name for name in dotted if not ABROAD.match(name) and not is_file_or_module(name)}
    assert {name for name in ours if name not in known and re.sub(r"^\w+", stands_for, name) not in known} == set()


def stands_for(name: re.Match[str]) -> str:
    return STANDS_FOR.get(name[0], name[0])


def is_file_or_module(name: str) -> bool:
    return name.endswith((".py", ".md", ".yaml", ".jsonl")) or (ROOT / "src" / f"{name.replace('.', '/')}.py").exists()
