"""docs/api.md, made from the signatures and docstrings in src/telex: ``./run python tools/api_reference.py`` prints it.

Read from the source and not from the running program: so the annotations stand as they were written.
"""
# ruff: noqa: INP001, S101, T201 - a script that prints

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from api_names import NAMES
from docstrings import docstring, prose, sections

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
)  # where further types are named
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


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
def tree(module: str) -> ast.Module:
    """A module's source."""
    path = SOURCE / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


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


# -- a signature -----------------------------------------------------------------------------------------------------------


def decorators(node: ast.ClassDef | Function) -> set[str]:
    """The names of what decorates it."""
    return {ast.unparse(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list}


def fields(node: ast.ClassDef) -> list[str]:
    """The fields of a class that is made from them, as parameters."""
    made = (item for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name))
    return [
        parameter(item.target.id, item.annotation, item.value)  # type: ignore[attr-defined] # a name, as above
        for item in made
        if not item.target.id.startswith("_") and "ClassVar" not in ast.unparse(item.annotation)  # type: ignore[attr-defined]
    ]


def parameter(name: str, annotation: ast.expr | None, default: ast.expr | None = None) -> str:
    """One parameter."""
    text = f"{name}: {written(annotation)}" if annotation else name
    if default is None:
        return text
    made = written(default)
    return f"{text} = {'...' if made.startswith('field(') else made}"


def written(value: ast.expr) -> str:
    """An annotation or a value, as it would be written without looking ahead."""
    if (
        isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and value.value.isidentifier()
        and value.value[0].isupper()
    ):
        return value.value
    made = ast.unparse(value)
    return made if '"' in made else made.replace("'", '"')


def arguments(node: Function) -> str:
    """The parameters, without ``self``."""
    args = node.args
    usual = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(usual) - len(args.defaults)) + args.defaults
    made = [parameter(arg.arg, arg.annotation, default) for arg, default in zip(usual, defaults, strict=True)]
    if usual and usual[0].arg in {"self", "cls"}:
        made = made[1:]
    if args.vararg:
        made.append(parameter(f"*{args.vararg.arg}", args.vararg.annotation))
    elif args.kwonlyargs:
        made.append("*")
    made += [
        parameter(arg.arg, arg.annotation, default)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    if args.kwarg:
        made.append(parameter(f"**{args.kwarg.arg}", args.kwarg.annotation))
    return ", ".join(made)


def signature(item: Public) -> str:
    """How it is called."""
    node = item.node
    if isinstance(node, ast.ClassDef):
        made = next(
            (method for method in node.body if isinstance(method, Function) and method.name == "__init__"), None
        )
        if made is not None:
            return f"class {item.name}({arguments(made)})"
        if decorators(node) & {"dataclass"} or any(ast.unparse(base) == "Section" for base in node.bases):
            return f"class {item.name}({', '.join(fields(node))})"
        bases = ", ".join(ast.unparse(base) for base in node.bases)
        return f"class {item.name}({bases})" if bases else f"class {item.name}"
    return called(node, item.name)


def called(node: Function, name: str) -> str:
    """A function or a method."""
    result = f" -> {written(node.returns)}" if node.returns else ""
    if "property" in decorators(node):
        return f"{name}{result.replace(' ->', ':')}"
    return f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {name}({arguments(node)}){result}"


def wrapped(call: str) -> str:
    """A long signature on lines of its own."""
    if len(call) <= 110:
        return call
    begin, _, rest = call.partition("(")
    inside, _, result = rest.rpartition(")")
    parts = re.split(r", (?![^\[(]*[\])])", inside)
    return f"{begin}(\n" + "".join(f"    {part},\n" for part in parts) + f"){result}"


# -- the page --------------------------------------------------------------------------------------------------------------


def entry(item: Public, heading: str) -> str:
    """One name with its methods."""
    name = f"{heading if heading == 'telex' else item.module}.{item.name}"
    fixture = (
        "a fixture\n\n"
        if "pytest.fixture" in decorators(item.node)
        else f"```python\n{wrapped(signature(item))}\n```\n\n"
    )
    facts = [method.name for method in item.methods if method.name.startswith("test_")]
    methods = [method for method in item.methods if method.name not in facts]
    made = [f"### {name}\n\n{fixture}{docstring(item.node)}"]
    made += [f"**`{called(method, method.name)}`**\n\n{docstring(method)}" for method in methods]
    if facts:
        made.append(
            "What it checks:\n\n" + "\n".join(f"- {fact.removeprefix('test_').replace('_', ' ')}" for fact in facts)
        )
    return "\n\n".join(made)


def aliases(text: str) -> Iterator[str]:
    """What the named types in ``text`` stand for."""
    homes = sorted({module for modules in NAMES.values() for module in modules} | set(ALSO))
    for module in homes:
        for node in tree(module).body:
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
                target, value = node.target, node.value
            elif isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Literal["):
                target, value = node.targets[0], node.value
            else:
                continue
            name = ast.unparse(target)
            if value is not None and not isinstance(value, ast.Constant) and re.search(rf"[\[ (]{name}\b", text):
                yield f"- `{module}.{name}`: `{written(value).strip(chr(34))}`"


def page() -> str:
    """The page as it should be."""
    made = [HEAD]
    for heading, items in public():
        intro = sections(ast.get_docstring(tree(heading)) or "")[""]
        made.append(f"## {heading}\n\n{prose(intro)}\n")
        made += [entry(item, heading) + "\n" for item in items]
    calls = "\n".join(
        line for line in "\n".join(made).splitlines() if re.match(r"(class |def |async |\*\*`|    \w+:)", line)
    )
    return "\n".join([*made, "## Types that are named above\n", *aliases(calls)]) + "\n"


if __name__ == "__main__":
    print(page(), end="")
