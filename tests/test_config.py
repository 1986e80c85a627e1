import os
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.agent.builtin_tools import BUILT_IN
from telex.config import Config, ProviderConfig, StreamingConfig, TelegramConfig, has_screen, load, model_key
from telex.config_agent import AgentConfig, BuiltIn, MCPServerConfig
from telex.errors import ConfigError

TOKEN = "123456:AAsecret_token-9"
BOT = f"telegram: {{token: '{TOKEN}'}}\n"


@pytest.fixture
def written(tmp_path):
    """Writes config.yaml and reads it with this environment."""

    def read(text: str | bytes, **environment: str) -> Config:
        path = tmp_path / "config.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(path, environment=environment)

    return read


def complaint(written, text, **environment):
    with pytest.raises(ConfigError) as caught:
        written(text, **environment)
    message = str(caught.value)
    assert "config.yaml" in message
    assert message.endswith((".", "?"))
    return message.partition("config.yaml: ")[2]


def test_a_token_alone_is_enough_and_the_rest_has_the_documented_defaults(written):
    config = written(BOT)
    assert config.telegram.api_base == "https://api.telegram.org"
    assert config.telegram.allow == ()
    streaming = config.streaming
    assert (streaming.enabled, streaming.transport) == (True, "auto")
    assert (streaming.edit_interval, streaming.buffer_threshold, streaming.cursor) == (0.3, 40, " ▉")


def test_every_documented_key_is_read(written):
    config = written(
        f"""
telegram:
  token: "{TOKEN}"
  api_base: http://127.0.0.1:8081
  allow: [1001, 1002]
provider:
  kind: openai
  base_url: http://127.0.0.1:11434/v1
  api_key: key
  model: small
  system_prompt: Be brief.
streaming:
  enabled: false
  transport: edit
  edit_interval: 1
  buffer_threshold: 5
  cursor: ""
data_dir: /var/lib/telex
"""
    )
    assert config.telegram == TelegramConfig(token=TOKEN, api_base="http://127.0.0.1:8081", allow=(1001, 1002))
    assert config.provider == ProviderConfig(
        kind="openai", base_url="http://127.0.0.1:11434/v1", api_key="key", model="small", system_prompt="Be brief."
    )
    assert config.streaming == StreamingConfig(
        enabled=False, transport="edit", edit_interval=1.0, buffer_threshold=5, cursor=""
    )
    assert config.data_dir == "/var/lib/telex"


@pytest.mark.parametrize(
    ("text", "path", "advice"),
    [
        (BOT + "streeming: {}", "$.streeming", "Did you mean `streaming`?"),
        ("telegram: {tokn: x}", "$.telegram.tokn", "Did you mean `token`?"),
        (BOT + "provider: {modle: x}", "$.provider.modle", "Did you mean `model`?"),
        (BOT + "provider: [{}, {modle: x}]", "$.provider[1].modle", "Did you mean `model`?"),
        (BOT + "streaming: {edit_intervall: 1}", "$.streaming.edit_intervall", "Did you mean `edit_interval`?"),
        (BOT + "display: {7: x}", "$.display.7", "There are: reasoning, page_numbers."),
        (BOT + "agent: {tool: x}", "$.agent.tool", "Did you mean `tools`?"),
        (BOT + "mcp_servers: {files: {comand: x}}", "$.mcp_servers.files.comand", "Did you mean `command`?"),
        (BOT + "tools: [calculator]", "$.tools", "It belongs under `agent:`."),
        (BOT + "approve: [calculator]", "$.approve", "It belongs under `agent:`."),
        (BOT + "streaming: {reasoning: live}", "$.streaming.reasoning", "It belongs under `display:`."),
    ],
)
def test_an_unknown_key_is_named_with_its_path_and_what_may_have_been_meant(written, text, path, advice):
    assert complaint(written, text) == f"{path} is not a key that telex knows here. {advice}"


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("telegram: 3", "$.telegram", "a section of keys"),
        ("telegram: {token: 12}", "$.telegram.token", "text"),
        (BOT.replace("}", ", allow: 5}"), "$.telegram.allow", "a list"),
        (BOT.replace("}", ", allow: [ada]}"), "$.telegram.allow[0]", "a whole number"),
        (BOT.replace("}", ", allow: [1, true]}"), "$.telegram.allow[1]", "a whole number"),
        (BOT + "streaming: {edit_interval: '1'}", "$.streaming.edit_interval", "a number"),
        (BOT + "streaming: {buffer_threshold: 1.5}", "$.streaming.buffer_threshold", "a whole number"),
        (BOT + "streaming: {enabled: sometimes}", "$.streaming.enabled", "true or false"),
        (BOT + "streaming: {cursor: 5}", "$.streaming.cursor", "text"),
        (BOT + "provider: {model: 2024-08-06}", "$.provider.model", "text"),
        (BOT + "data_dir: 3", "$.data_dir", "text"),
        (BOT + "agent: {approve: yes}", "$.agent.approve", "a list"),
        (BOT + "mcp_servers: [x]", "$.mcp_servers", "a section of keys"),
        (BOT + "mcp_servers: {files: {command: x, args: [1]}}", "$.mcp_servers.files.args[0]", "text"),
    ],
)
def test_a_wrong_type_is_named_with_path_and_expectation(written, text, path, expected):
    message = complaint(written, text)
    assert message.startswith(f"{path}: Expected {expected}, got ")


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        (BOT + "streaming: {transport: pigeon}", "$.streaming.transport", "one of auto, draft, edit, off"),
        ("telegram: {token: '1:a', rich: yes}", "$.telegram.rich", "one of off, auto, on"),
        (BOT + "streaming: {edit_interval: -1}", "$.streaming.edit_interval", "from 0 to 60, got -1.0"),
        (BOT + "streaming: {edit_interval: .nan}", "$.streaming.edit_interval", "from 0 to 60"),
        (BOT + "streaming: {buffer_threshold: 9999}", "$.streaming.buffer_threshold", "from 0 to 4096"),
        (BOT + "streaming: {final_timeout: 0}", "$.streaming.final_timeout", "from 1 to 300"),
        (BOT + "streaming: {preview_timeout: 0}", "$.streaming.preview_timeout", "from 0.2 to 60"),
        (BOT + "streaming: {cursor: 'a very long cursor indeed'}", "$.streaming.cursor", "at most 16 characters"),
        (BOT + 'streaming: {cursor: "\\n"}', "$.streaming.cursor", "on one line"),
        (
            BOT + "provider: {kind: oracle}",
            "$.provider.kind",
            "one of openai, openai-responses, anthropic, embedded, scripted",
        ),
        (BOT + "provider: {kind: openai}", "$.provider.base_url", "the model server's address"),
        (BOT + "provider: {kind: anthropic}", "$.provider.base_url", "ANTHROPIC_API_KEY"),
        (BOT + "provider: []", "$.provider", "a section of keys or a list of them"),
        (BOT + "provider: {on_drop: cry}", "$.provider.on_drop", "one of end, continue"),
        (BOT + "provider: [{}, {kind: oracle}]", "$.provider[1].kind", "one of openai, openai-responses"),
        (BOT + "provider: [{}, {temperature: 3}]", "$.provider[1].temperature", "from 0 to 2, got 3.0"),
        (BOT + "provider: {stall_timeout: 0}", "$.provider.stall_timeout", "from 0.1 to 3600"),
        (BOT + "provider: {max_retries: -1}", "$.provider.max_retries", "from 0 to 20"),
        (BOT + "provider: {proxy: here}", "$.provider.proxy", "an address"),
        (BOT + "provider: [{}, {system_prompt: Sing.}]", "$.provider", "one `system_prompt`, in the first"),
        (BOT + "provider: {kind: openai, base_url: localhost}", "$.provider.base_url", "such as http://127.0.0.1"),
        (
            BOT + "agent: {tools: [current_time, sing]}",
            "$.agent.tools[1]",
            "one of current_time, calculator, fetch_page",
        ),
        (BOT + "agent: {tool_timeout: 0}", "$.agent.tool_timeout", "from 0.1 to 3600"),
        (BOT + "agent: {approval_timeout: 0}", "$.agent.approval_timeout", "from 1 to 86400"),
        (BOT + "agent: {max_steps: 0}", "$.agent.max_steps", "from 1 to 100"),
        (BOT + "agent: {max_output: 1}", "$.agent.max_output", "from 100 to"),
        (BOT + "mcp_servers: {files: {}}", "$.mcp_servers.files.command", "or else `url`"),
        (BOT + "mcp_servers: {files: {url: here}}", "$.mcp_servers.files.url", "such as http://127.0.0.1:8000/mcp"),
        (
            BOT + "mcp_servers: {files: {url: 'http://x', args: [a]}}",
            "$.mcp_servers.files.args",
            "left out beside `url`",
        ),
        (BOT + "mcp_servers: {files: {command: x, headers: {a: b}}}", "$.mcp_servers.files.headers", "left out beside"),
        (BOT + "mcp_servers: {my files: {command: x}}", "$.mcp_servers", "names of letters, digits, _ and -"),
        ("telegram: {token: abc}", "$.telegram.token", "must look like 123456:ABC…"),
        (BOT.replace("}", ", api_base: api.telegram.org}"), "$.telegram.api_base", "http:// or https://"),
        (BOT.replace("}", ", api_base: 'http://[::1'}"), "$.telegram.api_base", "http:// or https://"),
        (BOT.replace("}", ", api_base: 'http://127.0.0.1:99999'}"), "$.telegram.api_base", "http:// or https://"),
        (BOT.replace("}", ", allow: [-100]}"), "$.telegram.allow", "above 0"),
    ],
)
def test_a_bad_value_is_named_with_path_and_expectation(written, text, path, expected):
    message = complaint(written, text)
    assert message.startswith(f"{path}: ")
    assert expected in message


def test_a_missing_token_is_named_with_both_places_where_it_may_stand(written):
    message = complaint(written, "telegram: {allow: [1]}")
    assert message.startswith("$.telegram.token is missing")
    assert "TELEGRAM_BOT_TOKEN" in message


@pytest.mark.parametrize(
    "text", ["telegram: [", "a: b: c", "a: !!python/object:os.system x", "? [a]\n: b", "\x07", "a: 2024-99-99"]
)
def test_what_is_not_yaml_is_named(written, text):
    assert complaint(written, text).startswith("is not YAML: ")


def test_a_yaml_mistake_is_named_with_its_line(written):
    assert "in line 2, column" in complaint(written, "telegram:\n\ttoken: x\n")


@pytest.mark.parametrize("text", ["- a", "just words", "7"])
def test_a_file_without_sections_is_named(written, text):
    assert complaint(written, text).startswith("expected sections such as `telegram:`")


def test_a_file_that_is_not_utf_8_is_named(written):
    assert complaint(written, b"telegram: \xff\xfe") == "is not UTF-8 text; save it as UTF-8."


@pytest.mark.parametrize("missing", [True, False], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, missing):
    path = tmp_path / "nowhere.yaml" if missing else tmp_path
    with pytest.raises(ConfigError, match=r"cannot be read \(.+\)\. Name the file with --config\."):
        load(path, environment={})


def test_an_empty_file_and_empty_sections_count_as_left_out(written):
    assert written("", TELEGRAM_BOT_TOKEN=TOKEN) == written("telegram:\nstreaming:\n", TELEGRAM_BOT_TOKEN=TOKEN)


# -- the environment ------------------------------------------------------------------------------------------------


def test_without_a_bot_nobody_minds_that_its_token_is_not_set(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("telegram: {token: '${NOPE}', allow: [5]}\nprovider: {kind: scripted}")
    config = load(path, environment={}, bot=False)
    assert (config.telegram.token, config.telegram.allow) == ("", (5,))


def test_the_token_comes_from_the_environment_where_the_file_has_none(written):
    assert written("telegram: {allow: [5]}", TELEGRAM_BOT_TOKEN=TOKEN).telegram.token == TOKEN


def test_the_files_token_wins_over_the_environments(written):
    assert written(BOT, TELEGRAM_BOT_TOKEN="1:other").telegram.token == TOKEN


def test_the_model_servers_key_comes_from_the_environment(written):
    config = written(BOT + "provider: {kind: openai, base_url: 'http://x/v1'}", OPENAI_API_KEY="key")
    assert config.provider.api_key == "key"


def test_a_key_in_the_environment_does_not_trouble_a_file_without_a_provider(written):
    assert written(BOT, OPENAI_API_KEY="key").provider == ProviderConfig()


def test_variables_are_put_in_anywhere_in_a_value(written):
    text = "telegram: {token: '${ID}:${SECRET}'}\nprovider: {system_prompt: 'Be ${MOOD}.'}"
    config = written(text, ID="12", SECRET="ab", MOOD="kind")
    assert (config.telegram.token, config.provider.system_prompt) == ("12:ab", "Be kind.")


def test_a_variables_value_is_not_expanded_again(written):
    config = written(BOT + "provider: {system_prompt: '${A}'}", A="${B} $$")
    assert config.provider.system_prompt == "${B} $$"


def test_two_dollars_are_one(written):
    config = written(BOT + "provider: {system_prompt: 'It costs $$5, not $${PRICE} or $5.'}")
    assert config.provider.system_prompt == "It costs $5, not ${PRICE} or $5."


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("telegram: {token: '${NOPE}'}", "$.telegram.token"),
        (BOT + "provider: {model: 'a-${NOPE}'}", "$.provider.model"),
        ("telegram: {allow: [1, '${NOPE}']}", "$.telegram.allow[1]"),
    ],
)
def test_a_variable_that_is_not_set_is_named_with_the_path_that_asks(written, text, path):
    message = complaint(written, text)
    assert message == f"{path} asks for ${{NOPE}}, which is not set. Set it, or write $$ for a plain $."


def test_the_processs_own_environment_serves_when_no_other_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    path = tmp_path / "config.yaml"
    path.write_text("")
    assert load(path).telegram.token == TOKEN


def test_the_demo_reads_the_key_and_whether_there_is_a_screen(monkeypatch):
    monkeypatch.setattr(os, "environ", {"OPENAI_API_KEY": "key", "DISPLAY": ":0"})
    assert (model_key(), has_screen()) == ("key", True)


# -- secrets --------------------------------------------------------------------------------------------------------


def test_neither_token_nor_key_is_in_a_repr(written):
    text = BOT + "provider: {kind: openai, base_url: 'http://x', api_key: sk-secret}"
    shown = repr(written(text))
    assert "allow=()" in shown
    assert not [secret for secret in (TOKEN, "secret", "sk-") if secret in shown]


@pytest.mark.parametrize(
    "text",
    [
        f"telegram: {{token: {TOKEN}",  # no closing brace
        f"telegram:\n  token: '{TOKEN}\n",
        f"telegram: {{token: '{TOKEN} '}}",
        f"telegram: {{token: ['{TOKEN}']}}",
        f"telegram: {{token: '{TOKEN}', api_base: 'api.telegram.org/bot{TOKEN}'}}",
        BOT + "streaming: {edit_interval: x}",
        BOT + "nonsense: 1",
    ],
)
def test_the_token_is_in_no_complaint(written, text):
    assert TOKEN not in complaint(written, text)


def test_no_complaint_carries_the_file_in_its_cause(written):
    with pytest.raises(ConfigError) as caught:
        written(f"telegram: {{token: {TOKEN}")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


# -- from_dict and to_dict --------------------------------------------------------------------------------------------

streamings = st.builds(
    StreamingConfig,
    enabled=st.booleans(),
    transport=st.sampled_from(["auto", "draft", "edit", "off"]),
    edit_interval=st.floats(0, 60),
    buffer_threshold=st.integers(0, 4096),
    cursor=st.text(max_size=16).filter(lambda text: "\n" not in text),
    final_timeout=st.floats(1, 300),
    preview_timeout=st.floats(0.2, 60),
)


@given(streamings)
def test_from_dict_takes_back_what_to_dict_gives(streaming):
    values = streaming.to_dict()
    assert StreamingConfig.from_dict(values) == streaming
    assert set(values) == set(StreamingConfig.__struct_fields__)


def test_from_dict_fills_in_defaults():
    assert StreamingConfig.from_dict({"transport": "edit"}) == StreamingConfig(transport="edit")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"speed": 1}, "$.streaming.speed is not a key"),
        ({"edit_interval": "x"}, "$.streaming.edit_interval: Expected a number, got text ('x')."),
        ({"transport": "pigeon"}, "$.streaming.transport: expected one of auto, draft, edit, off, got 'pigeon'."),
        ({"buffer_threshold": -1}, "$.streaming.buffer_threshold: must be from 0 to 4096, got -1."),
    ],
)
def test_from_dict_names_what_is_wrong(values, expected):
    with pytest.raises(ConfigError) as caught:
        StreamingConfig.from_dict(values)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("values", "previews"),
    [({}, True), ({"enabled": False}, False), ({"transport": "off"}, False), ({"transport": "draft"}, True)],
)
def test_previews_are_off_when_streaming_or_its_transport_is_off(values, previews):
    assert StreamingConfig.from_dict(values).pacing.previews is previews


def test_the_pacing_has_what_the_section_says():
    pacing = StreamingConfig(edit_interval=1, buffer_threshold=7, final_timeout=20, preview_timeout=3).pacing
    assert (pacing.edit_interval, pacing.buffer_threshold, pacing.final_bound, pacing.preview_bound) == (1, 7, 20, 3)


def test_the_path_of_the_file_may_be_a_string(tmp_path):
    path = Path(tmp_path) / "config.yaml"
    path.write_text(BOT)
    assert load(str(path), environment={}).telegram.token == TOKEN


@pytest.mark.parametrize("word", ["off", "OFF", "'off'"])
def test_the_word_off_is_a_word(written, word):
    config = written(f"telegram: {{token: '1:a'}}\nstreaming: {{transport: {word.lower()}}}")
    assert config.streaming.transport == "off"


def test_true_and_false_are_no_words(written):
    config = written("telegram: {token: '1:a'}\nstreaming: {enabled: false}")
    assert config.streaming.enabled is False


# -- several models -------------------------------------------------------------------------------------------------


def test_a_list_of_models_is_kept_in_its_order_and_each_gets_its_own_key(written):
    config = written(
        BOT
        + """
provider:
  - {kind: anthropic, model: m, system_prompt: Be brief., on_drop: continue}
  - {kind: openai-responses, model: n, api_key: own}
  - {kind: openai, base_url: 'http://127.0.0.1:1/v1', stall_timeout: 5}
  - {kind: embedded}
""",
        OPENAI_API_KEY="key",
        ANTHROPIC_API_KEY="other",
    )
    assert [one.kind for one in config.providers] == ["anthropic", "openai-responses", "openai", "embedded"]
    assert [one.api_key for one in config.providers] == ["other", "own", "key", ""]
    assert [one.on_drop for one in config.providers] == ["continue", "end", "end", "end"]
    assert config.system_prompt == "Be brief."
    assert config.providers[2].chosen == {"base_url": "http://127.0.0.1:1/v1", "api_key": "key", "stall_timeout": 5.0}


def test_a_key_alone_is_enough_for_a_makers_own_server(written):
    assert written(BOT + "provider: {kind: openai}", OPENAI_API_KEY="key").providers[0].api_key == "key"
    assert written(BOT + "provider: {kind: anthropic, api_key: key}").providers[0].base_url == ""


def test_keys_headers_and_proxies_stay_out_of_what_is_printed(written):
    text = "provider: {kind: anthropic, api_key: hush, headers: {x: hush}, proxy: 'http://me:hush@h'}"
    assert "hush" not in repr(written(BOT + text))


# -- tools ----------------------------------------------------------------------------------------------------------


def test_tools_their_bounds_and_servers_are_read(written):
    config = written(
        BOT
        + """
agent: {tools: [fetch_page], approve: [write_file], approval_timeout: 5, tool_timeout: 6, max_steps: 7, max_output: 800,
        hide_detours: true}
mcp_servers:
  files: {command: npx, args: [-y, files], env: {TOKEN: '${SECRET}'}}
  wiki: {url: 'https://wiki.example/mcp', headers: {Authorization: Bearer x}}
""",
        SECRET="hush",
    )
    assert config.agent == AgentConfig(
        tools=("fetch_page",),
        approve=("write_file",),
        approval_timeout=5.0,
        tool_timeout=6.0,
        max_steps=7,
        max_output=800,
        hide_detours=True,
    )
    assert config.mcp_servers == {
        "files": MCPServerConfig(command="npx", args=("-y", "files"), env={"TOKEN": "hush"}),
        "wiki": MCPServerConfig(url="https://wiki.example/mcp", headers={"Authorization": "Bearer x"}),
    }
    assert not [secret for secret in ("hush", "Bearer") if secret in repr(config)]


def test_without_a_word_about_tools_there_are_the_harmless_ones(written):
    assert written(BOT).agent.tools == ("current_time", "calculator")
    assert written(BOT + "agent: {tools: []}").agent.tools == ()


def test_every_built_in_tool_has_the_name_that_a_configuration_uses():
    assert set(get_args(BuiltIn)) == set(BUILT_IN)
    assert [made().name for made in BUILT_IN.values()] == list(BUILT_IN)


def test_a_section_that_holds_itself_is_named(written):
    assert "holds itself" in complaint(written, "telegram: &a [*a]\n")


@pytest.mark.parametrize("token", ["[]", "{}", "false", "0"])
def test_the_environment_takes_the_place_of_no_wrong_token(written, token):
    assert "$.telegram.token: Expected text" in complaint(
        written, f"telegram: {{token: {token}}}\n", TELEGRAM_BOT_TOKEN=TOKEN
    )


def test_a_name_that_is_no_text_is_named_like_any_other():
    with pytest.raises(ConfigError, match=r"\$\.streaming\.1 is not a key"):
        StreamingConfig.from_dict({1: 1})  # type: ignore[dict-item]
