import pytest

from telex.errors import ConfigError
from telex.providers.endpoint import Endpoint


@pytest.mark.parametrize(
    ("written", "chat", "where"),
    [
        ("http://h:8080/v1", "http://h:8080/v1/chat/completions", "h:8080"),
        ("http://h:8080/v1/", "http://h:8080/v1/chat/completions", "h:8080"),
        ("http://h:8080", "http://h:8080/v1/chat/completions", "h:8080"),
        (" http://h:8080/ ", "http://h:8080/v1/chat/completions", "h:8080"),
        ("https://h/api/v1/chat/completions", "https://h/api/v1/chat/completions", "h"),
        ("https://h/v1beta/openai", "https://h/v1beta/openai/chat/completions", "h"),
        ("https://h/v1?version=2", "https://h/v1/chat/completions?version=2", "h"),
        ("localhost:99", "http://localhost:99/v1/chat/completions", "localhost:99"),
        ("127.0.0.1:99/v1", "http://127.0.0.1:99/v1/chat/completions", "127.0.0.1:99"),
        ("api.example.org/v1", "https://api.example.org/v1/chat/completions", "api.example.org"),
        ("http://[::1]:99/v1", "http://[::1]:99/v1/chat/completions", "[::1]:99"),
    ],
)
def test_the_usual_forms_of_an_address_are_understood(written: str, chat: str, where: str) -> None:
    endpoint = Endpoint(written)
    assert str(endpoint.asks) == chat
    assert str(endpoint.models) == chat.replace("chat/completions", "models")
    assert endpoint.where == where


@pytest.mark.parametrize(
    "written", ["", "ftp://h/v1", "http://", "http://h:port/v1", "http://h:99999999/v1", "http:///v1"]
)
def test_what_is_no_address_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ConfigError, match=r"provider\.base_url .*http://127\.0\.0\.1:8080/v1"):
        Endpoint(written)


def test_people_see_neither_credentials_nor_query() -> None:
    endpoint = Endpoint("http://me:secret@h:1/v1?key=secret")
    assert "secret" not in endpoint.where + repr(endpoint)
    assert endpoint.has_credentials
