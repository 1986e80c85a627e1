"""The types that a tool's parameters may have: those that msgspec knows, paths, and pydantic's models. Pure."""

from pathlib import PurePath
from typing import Any

import msgspec

_KINDS = {str: "string", int: "integer", bool: "boolean"}


def schema_of(kind: type) -> dict[str, Any]:
    """The JSON Schema of a struct as an object, with the types that it uses beside it.

    Raises:
        TypeError: a field has a type that no JSON can give.
    """
    (reference,), types = msgspec.json.schema_components([kind], schema_hook=_schema, ref_template="#/$defs/{name}")
    schema = types.pop(reference["$ref"].rpartition("/")[2])
    schema.pop("title", None)
    types |= _beside(schema) | _beside(types)
    _name_kinds(schema)
    _name_kinds(types)
    return {**schema, "$defs": types} if types else schema


def value_of(kind: Any, value: Any) -> Any:
    """What JSON gave, as a value of one of the types that msgspec does not know.

    Raises:
        ValueError: it does not fit; says why.
    """
    return kind.model_validate(value) if _is_model(kind) else kind(value)


def plain(value: Any) -> Any:
    """A pydantic model as what JSON can hold.

    Raises:
        NotImplementedError: it is none.
    """
    if not _is_model(type(value)):
        raise NotImplementedError
    return value.model_dump(mode="json")


def _is_model(kind: Any) -> bool:
    """Whether it is a model of pydantic's, which need not be installed."""
    return hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate")


def _schema(kind: Any) -> dict[str, Any]:
    if _is_model(kind):
        of_its_own = f"{kind.__name__}_"  # of two models' types with one name each keeps its own
        found: dict[str, Any] = kind.model_json_schema(ref_template=f"#/$defs/{of_its_own}{{model}}")
        if types := found.pop("$defs", None):
            found["$defs"] = {f"{of_its_own}{name}": about for name, about in types.items()}
        return found
    if isinstance(kind, type) and issubclass(kind, PurePath):
        return {"type": "string"}
    raise TypeError(f"a model cannot give a value of the type {kind!r}")


def _name_kinds(schema: Any) -> None:
    """Say of what type the values of an enumeration are: Gemini refuses one that does not."""
    if isinstance(schema, dict):
        values = schema.get("enum")
        if isinstance(values, list) and "type" not in schema:
            kinds = {_KINDS.get(type(value)) for value in values}
            if len(kinds) == 1 and (kind := kinds.pop()):
                schema["type"] = kind
        for key, inner in schema.items():
            if key != "default":
                _name_kinds(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _name_kinds(inner)


def _beside(schema: Any) -> dict[str, Any]:
    """Take the types out that stand within a schema: references look for them at its root."""
    found: dict[str, Any] = {}
    if isinstance(schema, dict):
        found |= schema.pop("$defs", {}) if isinstance(schema.get("$defs"), dict) else {}
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        found |= _beside(inner)
    return found
