"""Mistakes in a configuration: one sentence with file, key, what was written and what to do, and never a secret."""

from pathlib import Path

import pytest

from telex.cli.gateway import build_provider, values_of
from telex.config import load
from telex.errors import ConfigError
from telex.gateway.agents import Agents

SERVER = "kind: openai, base_url: 'http://h/v1'"
ADDRESS = "must be an address such as http://127.0.0.1"
BRACKETS = "Write it in brackets: [one, another]."
QUOTES = "Write it in quotes."
PROVIDER = [
    ("openai", "provider", "Expected a section of keys or a list of them, got text ('openai')"),
    ("[openai]", "provider[0]", "Expected a section of keys, got text ('openai')"),
    ("{kind: oracle}", "provider.kind", "one of openai, openai-responses, anthropic, embedded, scripted, got 'oracle'"),
    ("[{}, {kind: hush-hush-hush-hush-hush}]", "provider[1].kind", "expected one of openai, openai-responses"),
    ("{kind: openai, base_url: 'hush'}", "provider.base_url", ADDRESS),
    ("{kind: openai, base_url: 'http://'}", "provider.base_url", ADDRESS),
    ("{kind: openai, base_url: 'http://[::1'}", "provider.base_url", ADDRESS),
    ("{kind: openai, base_url: 'http://hush@h:99999'}", "provider.base_url", ADDRESS),
    ("{kind: openai, base_url: 'http://me:hush@h', api_key: hush}", "provider.base_url", "api_key must be left out"),
    ("[{}, {kind: anthropic}]", "provider[1].base_url", "in the environment as ANTHROPIC_API_KEY"),
    (f"{{{SERVER}, api_key: '${{NOT_SET}}'}}", "provider.api_key", "asks for ${NOT_SET}, which is not set. Set it"),
    (f"{{{SERVER}, api_key: 12345}}", "provider.api_key", f"Expected text, got a whole number. {QUOTES}"),
    (f'{{{SERVER}, api_key: "hush\\n"}}', "provider.api_key", "without spaces and line breaks"),
    ("{kind: embedded, api_key: hush}", "provider.api_key", "left out where `kind` is embedded"),
    (f"{{{SERVER}, proxy: 'socks5://me:hush@h'}}", "provider.proxy", ADDRESS),
    (f"{{{SERVER}, headers: {{a: 1}}}}", "provider.headers.a", f"Expected text, got a whole number. {QUOTES}"),
    (f"{{{SERVER}, headers: {{a b: hush}}}}", "provider.headers", "got 'a b'"),
    (f'{{{SERVER}, headers: {{a: "hush\\nhush"}}}}', "provider.headers", "values on one line, and a has another"),
    (f"{{{SERVER}, options: [a]}}", "provider.options", "Expected a section of keys, got a list"),
    (f"{{{SERVER}, max_retries: many}}", "provider.max_retries", "Expected a whole number, got text ('many')"),
    (f"{{{SERVER}, max_retries: '${{KEY}}'}}", "provider.max_retries", "Expected a whole number, got text ('${KEY}')"),
    (f"{{{SERVER}, max_tokens: 0}}", "provider.max_tokens", "from 1 to 10000000, got 0"),
    (f"{{{SERVER}, vision: maybe}}", "provider.vision", "Expected true or false or nothing, got text ('maybe')"),
    (f"{{{SERVER}, script: a.yaml}}", "provider.script", "no meaning where provider.kind is openai: leave it out"),
    ("[{}, {base_url: 'http://h'}]", "provider[1].base_url", "no meaning where provider[1].kind is embedded"),
    ("{kind: scripted, model: m}", "provider.model", "no meaning where provider.kind is scripted"),
    ("{kind: scripted, script: /no/such.yaml}", "provider.script", "/no/such.yaml: cannot be read"),
    ("{model: /no/such.gguf}", "provider.model", "there is no file /no/such.gguf"),
]
TOOLS = [
    ("{tools: calculator}", "agent.tools", f"Expected a list, got text ('calculator'). {BRACKETS}"),
    ("{tools: [sing]}", "agent.tools[0]", "expected one of current_time, calculator, fetch_page, got 'sing'"),
    ("{approve: calculator}", "agent.approve", f"Expected a list, got text ('calculator'). {BRACKETS}"),
    ("{approve: [1]}", "agent.approve[0]", f"Expected text, got a whole number (1). {QUOTES}"),
    ("{approve: [calculator, sing]}", "agent.approve[1]", "no tool named 'sing', so this guards nothing. There are: c"),
    ("{approval_timeout: never}", "agent.approval_timeout", "Expected a number, got text ('never')"),
    ("{max_output: 9000000}", "agent.max_output", "from 100 to 1000000, got 9000000"),
]
SERVERS = [
    ("{}", "files.command", "or else `url` the server's address: one of the two"),
    ("{command: a, url: 'http://h'}", "files.command", "or else `url` the server's address: one of the two"),
    ("npx", "files", "Expected a section of keys, got text ('npx')"),
    ("", "files", "Expected a section of keys, got nothing"),
    ("{command: npx -y server}", "files.command", "what stands behind it goes to `args`, as a list"),
    ("{command: [npx]}", "files.command", "Expected text, got a list"),
    ("{command: a, args: hush}", "files.args", f"Expected a list, got text. {BRACKETS}"),
    ("{command: a, env: {A: 1}}", "files.env.A", f"Expected text, got a whole number. {QUOTES}"),
    ("{command: a, env: {A=B: hush}}", "files.env", "names of variables, got 'A=B'"),
    ("{url: 'ftp://me:hush@h'}", "files.url", ADDRESS),
    ("{url: 'http://me:hush@h:99999'}", "files.url", ADDRESS),
    ("{url: 'http://h', headers: {a b: hush}}", "files.headers", "got 'a b'"),
    ("{url: 'http://h', args: [hush]}", "files.args", "left out beside `url`"),
]
MISTAKES = [
    *[(f"provider: {text}", path, words) for text, path, words in PROVIDER],
    *[(f"agent: {text}", path, words) for text, path, words in TOOLS],
    *[(f"mcp_servers: {{files: {text}}}", f"mcp_servers.{path}", words) for text, path, words in SERVERS],
    ("data_dir: ''", "data_dir", "must be a folder"),
]


def used(path: Path) -> None:
    """Read a configuration and make what it asks for, as `telex gateway` does."""
    config = load(path, environment={"KEY": "hush"})
    provider = build_provider(config, path)
    with values_of(path):
        Agents(config, provider)


@pytest.mark.parametrize(("text", "key", "words"), MISTAKES, ids=[text for text, _, _ in MISTAKES])
def test_a_mistake_is_one_sentence_with_file_key_and_remedy_and_without_a_secret(
    tmp_path: Path, text: str, key: str, words: str
):
    path = tmp_path / "config.yaml"
    path.write_text(f"telegram: {{token: '1:a'}}\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        used(path)
    said = str(caught.value)
    assert said.startswith((f"{path}: $.{key}: ", f"{path}: $.{key} "))
    assert words in said
    assert "hush" not in said
    assert said.endswith(".")
    assert "\n" not in said
    assert caught.value.__cause__ is None


def test_a_key_that_stands_there_twice_is_named_with_its_line(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text("telegram: {token: '1:hush'}\nagent: {}\ntelegram: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="the key `telegram` is there a second time in line 3, column 1"):
        load(path, environment={})
