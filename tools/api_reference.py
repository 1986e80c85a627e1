"""docs/api.md, made from the signatures and docstrings in src/telex: ``python tools/api_reference.py`` prints it.

Read from the source and not from the running program: so the annotations stand as they were written.
"""
# ruff: noqa: INP001, S101, T201 - a script that prints

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from api_names import NAMES
from docstrings import docstring, marked, prose, sections
from signatures import Function, decorators, of_class, of_function, written

SOURCE = Path(__file__).resolve().parent.parent / "src"
HEAD = """\
# The API

Made from the docstrings by `tools/api_reference.py`; `TELEX_RENEW=1 ./run test tests/test_api_page.py` makes it anew. What is not
here may change without notice.
"""
ALSO = (
    "telex.display.pace_limit",
    "telex.providers.base",
    "telex.agent.pictures",
    "telex.agent.tool_runs",
    "telex.recording.recorder",
)  # where further types are named


@dataclass(frozen=True)
class Public:
    """A name on the page.

    Attributes:
        module: where it is defined.
        name: what it is called there.
        node: its definition.
        methods: those of its methods that are described.
    """

    module: str
    name: str
    node: ast.ClassDef | Function
    methods: tuple[Function, ...] = ()


@cache
def lines(module: str) -> list[str]:
    """A module's source."""
    path = SOURCE / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8").splitlines()


@cache
def tree(module: str) -> ast.Module:
    """The same, parsed."""
    return ast.parse("\n".join(lines(module)))


def definition(module: str, name: str) -> ast.ClassDef | Function:
    """Where a name is defined; of overloads the last."""
    found = [node for node in tree(module).body if getattr(node, "name", None) == name]
    assert found, f"{module} defines no {name}"
    assert isinstance(found[-1], ast.ClassDef | Function)
    return found[-1]


def inherited(module: str, node: ast.ClassDef) -> Iterator[Function]:
    """A class's methods, and those of its bases inside telex."""
    yield from (item for item in node.body if isinstance(item, Function))
    for base in node.bases:
        if isinstance(base, ast.Name):
            for place in imported(module, base.id):
                parent = definition(place, base.id)
                assert isinstance(parent, ast.ClassDef)
                yield from inherited(place, parent)


def imported(module: str, name: str) -> list[str]:
    """The module of telex that a name comes from."""
    if any(getattr(node, "name", None) == name for node in tree(module).body):
        return [module]
    froms = (node for node in tree(module).body if isinstance(node, ast.ImportFrom))
    return [
        str(node.module)
        for node in froms
        if str(node.module).startswith("telex") and name in {alias.name for alias in node.names}
    ]


def public() -> Iterator[tuple[str, list[Public]]]:
    """Each heading with what stands below it."""
    for heading, modules in NAMES.items():
        yield heading, [described(module, wanted) for module, names in modules.items() for wanted in names]


def described(module: str, wanted: str) -> Public:
    """A name with those of its methods that are wanted."""
    name, chosen, methods = wanted.partition(":")
    node = definition(module, name)
    if not isinstance(node, ast.ClassDef):
        return Public(module, name, node)
    known: dict[str, Function] = {}
    for method in inherited(module, node) if chosen else (item for item in node.body if isinstance(item, Function)):
        if not method.name.startswith("_"):
            known.setdefault(method.name, method)
    return Public(module, name, node, tuple(known[one] for one in methods.split()) if chosen else tuple(known.values()))


# -- the page --------------------------------------------------------------------------------------------------------------


def entry(item: Public, heading: str) -> str:
    """One name with its methods."""
    node, module = item.node, heading if heading == "telex" else item.module
    made = [f"### {module}.{item.name}"]
    if "pytest.fixture" in decorators(node):
        assert isinstance(node, Function)
        given = written(node.returns) if node.returns else ""
        made.append(f"a fixture that gives a `{re.sub(r'Iterator|[^A-Za-z]', '', given)}`")
    elif isinstance(node, ast.ClassDef) and is_enum(node):
        made.append("an enum")
    else:
        call = of_class(node, item.name) if isinstance(node, ast.ClassDef) else of_function(node, item.name)
        made.append(f"```python\n{call}\n```")
    made.append(docstring(node))
    if isinstance(node, ast.ClassDef) and is_enum(node):
        made.append("\n".join(members(item.module, node)))
    if "the module's docstring" in made[-1]:
        made.append(prose(sections(ast.get_docstring(tree(item.module)) or "")[""]))
    facts = [method.name for method in item.methods if method.name.startswith("test_")]
    for method in item.methods:
        if method.name not in facts:
            made += [
                f"#### {item.name}.{method.name}",
                f"```python\n{of_function(method, method.name)}\n```",
                docstring(method),
            ]
    if facts:
        said = (fact.removeprefix("test_").replace("_", " ") for fact in facts)
        made.append("What it checks:\n\n" + "\n".join(f"- {fact}" for fact in said))
    return "\n\n".join(made)


def is_enum(node: ast.ClassDef) -> bool:
    """Whether a class is an enumeration."""
    return "Enum" in {ast.unparse(base) for base in node.bases}


def members(module: str, node: ast.ClassDef) -> Iterator[str]:
    """An enumeration's members, with what is said behind them."""
    for item in node.body:
        if isinstance(item, ast.Assign):
            said = lines(module)[item.lineno - 1].partition("  # ")[2]
            yield f"- `{node.name}.{ast.unparse(item.targets[0])}` (`{written(item.value)}`){': ' * bool(said)}{marked(said)}"


def aliases(text: str) -> Iterator[str]:
    """What the named types and constants in ``text`` stand for, but for those with a heading of their own."""
    own = {item.name for _, items in public() for item in items}
    homes = sorted({module for modules in NAMES.values() for module in modules} | set(ALSO))
    for module in homes:
        for node in tree(module).body:
            name, value = alias(node)
            if value is not None and name not in own and re.search(rf"[\[ (]{name}\b", text):
                yield f"- `{module}.{name}`: `{stood_for(value)}`"


def alias(node: ast.stmt) -> tuple[str, ast.expr | None]:
    """A name of a module, and the type or constant that it stands for; ``None`` for any other statement."""
    match node:
        case ast.AnnAssign(target=target, annotation=ast.Name("TypeAlias"), value=value):
            return ast.unparse(target), value
        case ast.Assign(targets=[ast.Name(name)], value=value):
            constant = name.isupper() and isinstance(value, ast.Constant)
            return name, value if constant or ast.unparse(value).startswith("Literal[") else None
    return "", None


def stood_for(value: ast.expr) -> str:
    """The value of an alias, where a type in quotes is one that Python had not met yet."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and " | " not in value.value:
        return json.dumps(value.value, ensure_ascii=False)
    return written(value).strip(chr(34))


def page() -> str:
    """The page as it should be."""
    made = [HEAD]
    for heading, items in public():
        intro = sections(ast.get_docstring(tree(heading)) or "")[""]
        made.append(f"## {heading}\n\n{prose(intro)}\n")
        made += [entry(item, heading) + "\n" for item in items]
    calls = "\n".join(
        line for line in "\n".join(made).splitlines() if re.match(r"(@|class |def |async |    \*?\w+:|\w+: )", line)
    )
    return "\n".join([*made, "## Types that are named above\n", *aliases(calls)]) + "\n"


if __name__ == "__main__":
    print(page(), end="")
