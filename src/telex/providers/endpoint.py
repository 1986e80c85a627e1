"""Where a model's server is: the address a user wrote, made into the addresses that are called. Pure."""

from ipaddress import ip_address

from yarl import URL

from telex.errors import ConfigError

EXPECTED = 'expected an address such as "http://127.0.0.1:8080/v1"'


class Endpoint:
    """A model's server.

    Accepts the forms people write: with or without ``/v1``, a slash at the end, ``/chat/completions`` or a scheme.

    Args:
        base_url: what the user wrote.
        asks: where questions are posted, below the base.
        versioned: a base that has a path but does not end in ``/v1`` lacks it, as Anthropic's own clients count.

    Attributes:
        where: host and port for people; never a path, a query or credentials.
    """

    def __init__(self, base_url: str, asks: str = "chat/completions", *, versioned: bool = False) -> None:
        text = base_url.strip()
        if "://" not in text:
            local = text.startswith(("localhost", "127.", "0.0.0.0", "[::1]"))  # noqa: S104 - an address to call
            text = f"{'http' if local else 'https'}://{text}"
        try:
            url = URL(text)
            port = url.explicit_port
        except ValueError:
            raise ConfigError(f"provider.base_url is not an address: {EXPECTED}.") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ConfigError(f"provider.base_url must begin with http:// or https:// and name a host: {EXPECTED}.")
        path = url.path.rstrip("/").removesuffix(f"/{asks}")
        if versioned and not path.endswith("/v1"):
            path += "/v1"
        self._asks = asks
        self._base = url.with_path(path or "/v1", keep_query=True)
        host = f"[{url.host}]" if ":" in url.host else url.host
        self.where = f"{host}:{port}" if port else host

    def __repr__(self) -> str:
        return f"Endpoint({self.where})"

    @property
    def asks(self) -> URL:
        """Where questions are posted."""
        return self._at(self._asks)

    @property
    def models(self) -> URL:
        """Where the server lists its models."""
        return self._at("models")

    @property
    def local(self) -> bool:
        """Whether it is in this machine or this network, where models are slow."""
        host = self._base.host or ""
        try:
            address = ip_address(host)
        except ValueError:
            return host == "localhost" or host.endswith((".local", ".localhost", ".lan")) or "." not in host
        return address.is_private

    @property
    def has_credentials(self) -> bool:
        """Whether the address itself holds a user and password."""
        return bool(self._base.user or self._base.password)

    def _at(self, name: str) -> URL:
        return self._base.with_path(f"{self._base.path.rstrip('/')}/{name}", keep_query=True)
