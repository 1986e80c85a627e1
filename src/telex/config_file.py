"""The file of a configuration as plain values. What cannot be read is a `ConfigError` that never quotes the file's lines."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from telex.errors import ConfigError


class _Loader(yaml.SafeLoader):
    """YAML as people write it today: ``off``, ``on``, ``yes`` and ``no`` are words, as in YAML 1.2, and no key comes twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - declared by the library without a type
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A section; the library would let the last of two equal keys win."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    problem = f"the key `{key.value}` is there a second time"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF"))


def sections(path: Path) -> dict[Any, Any]:
    """The sections of a file that hold something.

    Raises:
        ConfigError: it cannot be read, or holds no sections.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}). Name the file with --config.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError) as error:  # a date that does not exist is a ValueError
        raise ConfigError(f"{path}: is not YAML: {_not_yaml(error)}") from None
    if raw is None:
        raw = {}
    if _holds_itself(raw):
        raise ConfigError(
            f"{path}: a section holds itself, by an alias such as `*name`. Write out what it should hold."
        )
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected sections such as `telegram:` and `provider:`, got {type(raw).__name__}.")
    return {name: section for name, section in raw.items() if section is not None}  # `streaming:` with nothing under it


def _holds_itself(value: Any, *around: Any) -> bool:
    """Can no end of it be found?"""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return any(value is one for one in around) or any(_holds_itself(one, value, *around) for one in inner)


def _not_yaml(error: Exception) -> str:
    """What YAML minds, and where; not the line itself, for it may hold the token."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{type(error).__name__} in one of its values."
    mark = error.problem_mark or error.context_mark
    where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{error.problem or error.context}{where}."
