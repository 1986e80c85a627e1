"""Every error that telex raises on purpose.

::

    TelexError
    ├── ConfigError            a value the user wrote is wrong; says which file, which key, what is expected
    ├── ProviderError          the model's server refused or failed
    │   └── ProviderDropped    the stream ended before the model said it was done
    └── PlatformError          a chat platform refused what no retry can mend

Their messages are sentences for the person who can do something about it and never hold a token or a key.
"""


class TelexError(Exception):
    """The root: ``except TelexError`` catches what telex raises on purpose, and no bug."""


class ConfigError(TelexError):
    """A value in a file, the environment or on the command line cannot be used."""


class ProviderError(TelexError):
    """The model's server refused or failed.

    Args:
        message: a sentence for the person who asked.

    Attributes:
        status: the HTTP status, where there was an answer.
        retry_after: seconds the server asked to wait, where it said so.
        calls_begun: the model had begun to call tools, so that the words before were no answer.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        calls_begun: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.calls_begun = calls_begun


class ProviderDropped(ProviderError):  # noqa: N818 - named for what happened, as its parent is for who failed
    """The stream ended before the model said it was done: what came is a part of the answer."""


class PlatformError(TelexError):
    """A chat platform refused in a way that asking again cannot mend, such as a wrong bot token.

    Args:
        message: a sentence for whoever runs the bot.

    Attributes:
        code: the platform's numeric code, where there was an answer.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code
