"""A signature as it was written, for docs/api.md."""
# ruff: noqa: INP001 - beside a script

import ast
from collections.abc import Sequence
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
WIDTH = 110


def decorators(node: ast.ClassDef | Function) -> set[str]:
    """The names of what decorates it."""
    return {ast.unparse(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list}


def fields(node: ast.ClassDef) -> list[str]:
    """The fields of a class that is made from them, as parameters."""
    return [
        parameter(item.target.id, item.annotation, item.value)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        if not item.target.id.startswith("_") and "ClassVar" not in ast.unparse(item.annotation)
    ]


def parameter(name: str, annotation: ast.expr | None, default: ast.expr | None = None) -> str:
    """One parameter."""
    text = f"{name}: {written(annotation)}" if annotation else name
    if default is None:
        return text
    made = written(default)
    return f"{text} = {'...' if made.startswith('field(') else made}"


def written(value: ast.expr) -> str:
    """An annotation or a value; a name in quotes is one that Python had not met yet."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value[:1].isupper():
        return value.value
    made = ast.unparse(value)
    return made if '"' in made else made.replace("'", '"')


def arguments(node: Function) -> list[str]:
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
    return made


def call(begin: str, parameters: Sequence[str], result: str = "") -> str:
    """A call on one line, or where it is long on several."""
    line = f"{begin}({', '.join(parameters)}){result}"
    return line if len(line) <= WIDTH else f"{begin}(\n" + "".join(f"    {one},\n" for one in parameters) + f"){result}"


def of_class(node: ast.ClassDef, name: str) -> str:
    """How an object of a class is made."""
    made = [item for item in node.body if isinstance(item, Function) and item.name == "__init__"]
    bases = [ast.unparse(base) for base in node.bases]
    if made:
        return call(f"class {name}", arguments(made[0]))
    if "dataclass" in decorators(node) or "Section" in bases:
        return call(f"class {name}", fields(node))
    return call(f"class {name}", bases) if bases else f"class {name}"


def of_function(node: Function, name: str) -> str:
    """How a function or a method is called, or what a property is."""
    marks = decorators(node)
    result = f" -> {written(node.returns)}" if node.returns else ""
    if "property" in marks:
        return f"{name}{result.replace(' ->', ':')}"
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    if "contextlib.asynccontextmanager" in marks:
        kind, result = "def", result.replace("AsyncIterator", "AbstractAsyncContextManager", 1)
    return call(f"{'@classmethod ' if 'classmethod' in marks else ''}{kind} {name}", arguments(node), result)
