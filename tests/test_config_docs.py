"""The page about the configuration and the types that read it say the same, and every configuration in the documents loads."""

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from telex.cli.gateway import build_provider
from telex.config import Config, DisplayConfig, StreamingConfig, TelegramConfig, load
from telex.config_agent import AgentConfig, MCPServerConfig
from telex.config_provider import ProviderConfig, Section
from telex.gateway.agents import Agents

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SECTIONS: dict[str, type[Section]] = {
    "telegram": TelegramConfig,
    "provider": ProviderConfig,
    "agent": AgentConfig,
    "mcp_servers": MCPServerConfig,
    "streaming": StreamingConfig,
    "display": DisplayConfig,
    "The whole": Config,
}
WORDED = {  # a default that depends on something, as the page begins to say it
    "connect_timeout": "`10`",
    "stall_timeout": "60; 300",
    "max_tokens": "the server's own",
    "temperature": "the server's own",
    "context_tokens": "everything is sent",
    "vision": "by the model's name",
    "reasoning": "`off` in a chat",
}
VARIABLE = re.compile(r"\$\{(\w+)\}")
BLOCK = re.compile(r"^( *)```yaml( config|)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SCRIPT = re.findall(
    r"^```yaml script: answer.yaml\n(.*?)^```$",
    (ROOT / "docs" / "providers.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)[0]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def blocks(document: Path) -> list[str]:
    """The blocks of YAML, without the indentation of the list that they stand in."""
    found = BLOCK.findall(document.read_text(encoding="utf-8"))
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, _, block in found]


CONFIGURATIONS = [
    pytest.param(block, id=f"{document.relative_to(ROOT)}-{number}")
    for document in DOCUMENTS
    for number, block in enumerate(blocks(document), 1)
]


def rows(section: str) -> dict[str, list[str]]:
    """The other cells of each row in a section's table, by key."""
    text = re.search(rf"^## {section}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert text, section
    lines = re.findall(r"^\| `(\w+)` \| (.*) \|$", text[1], re.MULTILINE)
    assert len(lines) == len(dict(lines)), "a key stands there twice"
    return {key: cells.split(" | ") for key, cells in lines}


def default(kind: type[Section], key: str) -> Any:
    found = next(field for field in msgspec.structs.fields(kind) if field.name == key)
    return found.default if found.default is not msgspec.NODEFAULT else found.default_factory()


def written(value: Any) -> str:
    """A default as the page writes it."""
    match value:
        case "":
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value:g}`"
        case dict():
            return "`{}`"
        case tuple() | list():
            return f"`[{', '.join(value)}]`"
    return f"`{value}`"


def named(hint: Any) -> str:
    """A type as the page begins to write it."""
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    origin = get_origin(hint)
    if origin is Literal:
        return "word"
    if origin in {tuple, dict}:
        inner = named(kinds[0] if origin is tuple else kinds[1])
        every = {"word": "words", "whole number": "whole numbers", "section": "sections"}.get(inner, inner)
        return f"{'list' if origin is tuple else 'map'}{'' if every == 'any' else f' of {every}'}"
    if get_origin(kinds[0]) is Literal:
        return "word"
    if isinstance(kinds[0], type) and issubclass(kinds[0], Section):
        return "section"
    return {bool: "`true` or `false`", int: "whole number", float: "", str: "text", Any: "any"}[kinds[0]]


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_names_exactly_the_keys_that_there_are(section: str):
    assert set(rows(section)) == set(SECTIONS[section].__struct_fields__)


@pytest.mark.parametrize("section", [section for section in SECTIONS if section != "The whole"])
def test_the_page_gives_each_keys_default(section: str):
    for key, (*_, given) in rows(section).items():
        value = default(SECTIONS[section], key)
        assert given.startswith(WORDED[key]) if value is None else given == written(value), key


def test_the_page_gives_the_folders_default():
    assert rows("The whole")["data_dir"][-1] == f"`{Config().data_dir}`"


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_gives_each_keys_type(section: str):
    for key, hint in get_type_hints(SECTIONS[section]).items():
        if key in rows(section):
            given = rows(section)[key][0]
            assert given.startswith(named(hint)), key
            if hint in {float, float | None}:
                assert given.startswith(("seconds, ", "number, ")), key


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_gives_the_bounds_that_hold(section: str):
    for key, (given, *_) in rows(section).items():
        for bound in (float(found) for found in re.findall(r"(?<=[ ,])\d[\d.]*", given)):
            for value, holds in ((bound, True), (bound - 0.001 if bound == least(given) else bound + 1, False)):
                assert accepted(SECTIONS[section], key, value) is holds, f"{key}: {value}"


def least(given: str) -> float:
    return float(re.findall(r"(?<=[ ,])\d[\d.]*", given)[0])


def accepted(kind: type[Section], key: str, value: float) -> bool:
    hint = get_type_hints(kind)[key]
    number = value if hint in {float, float | None} else int(value // 1)
    try:
        msgspec.convert({key: number}, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_names_every_word_that_a_key_takes(section: str):
    for key, hint in get_type_hints(SECTIONS[section]).items():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        for word in get_args(inner) if get_origin(inner) is Literal else ():
            assert f"`{word}`" in " | ".join(rows(section)[key]), f"{key}: {word}"


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_a_configuration_in_the_documents_can_be_used_as_it_stands(text: str, tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("answer.yaml", str(tmp_path / "answer.yaml")), encoding="utf-8")
    (tmp_path / "answer.yaml").write_text(SCRIPT, encoding="utf-8")
    environment = dict.fromkeys(VARIABLE.findall(text), "made-up")
    config = load(path, environment={**environment, "TELEGRAM_BOT_TOKEN": "12345:made-up"})
    provider = build_provider(config, path)
    assert provider.name
    Agents(config, provider)


def test_each_key_stands_in_a_configuration_of_the_documents():
    every = "\n".join(str(parameter.values[0]) for parameter in CONFIGURATIONS)
    for kind in SECTIONS.values():
        for key in kind.__struct_fields__:
            assert re.search(rf"\b{key}:", every), key
