"""The command line: ``telex demo``, ``gateway``, ``chat``, ``ask``, ``check``, ``simulate``, ``bench`` and the others.

Each command imports what it needs when it runs, so that the others start quickly.
"""

import contextlib
import io
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

import cyclopts

from telex.errors import ConfigError, TelexError

app = cyclopts.App(
    name="telex",
    help="Carries an LLM agent's answer, token by token, to the people who read it in Telegram.",
    version_flags=["--version"],
)
bench = cyclopts.App(name="bench", help="Measure telex against what is possible; exits 1 beyond a bound.")
app.command(bench)


@app.command
def demo(  # noqa: PLR0913 - each is an option of the command
    *,
    port: int = 8642,
    open_browser: Annotated[bool, cyclopts.Parameter(name="--open")] = True,
    provider: Literal["openai", "embedded", "scripted"] | None = None,
    scripted: Annotated[bool, cyclopts.Parameter(negative="")] = False,
    model: str = "",
    model_name: str = "",
    limits: Annotated[list[str] | None, cyclopts.Parameter(name="--limits", negative="")] = None,
) -> None:
    """Chat with a real model on a page that behaves as Telegram does; nothing leaves this machine.

    Args:
        port: Where the page is; the next free one when it is taken.
        open_browser: Open the page in a browser, where there is one.
        provider: The model: embedded (a small one, in this machine), openai (any such server, see --model) or scripted.
        scripted: Play a tour that shows all the markup, a tool at work, and a question for a yes: --provider scripted.
        model: The address of a Chat Completions server, such as http://127.0.0.1:11434/v1; implies --provider openai.
        model_name: Which model of that server; its first when left out.
        limits: Other rate limits for the simulator, by name; `telex simulate --help` lists them.
    """
    from telex.cli.demo import run_demo  # noqa: PLC0415 - see the module

    if scripted and (model or provider not in {None, "scripted"}):
        sys.exit(_complain(ConfigError("--scripted plays a script: leave out --provider and --model beside it."), 2))
    provider = "scripted" if scripted else provider
    _run(
        run_demo(
            port=port, open_browser=open_browser, kind=provider, base_url=model, model=model_name, limits=limits or []
        )
    )


@app.command
def gateway(*, config: Path = Path("config.yaml"), record: Path | None = None) -> None:
    """Answer in Telegram as the bot that config.yaml describes.

    Args:
        config: The file.
        record: Record each answer in a file of its own in this folder; see `telex record`.
    """
    from telex.cli.gateway import run_gateway  # noqa: PLC0415 - see the module

    _run(run_gateway(config, record))


@app.command
def check(*, config: Path = Path("config.yaml")) -> None:
    """Check config.yaml, start its MCP servers once, and ask Telegram whether the token is right.

    Args:
        config: The file.
    """
    from telex.cli.gateway import run_check  # noqa: PLC0415 - see the module

    _run(run_check(config))


@app.command
def simulate(  # noqa: PLR0913 - each is an option of the command
    *,
    host: str = "127.0.0.1",
    port: int = 8081,
    token: str = "12345:telex-simulator",  # noqa: S107 - a made-up bot
    latency: float = 0.0,
    limits: Annotated[list[str] | None, cyclopts.Parameter(negative="")] = None,
    faults: str = "",
) -> None:
    """Run the Bot API simulator and its chat page alone, for any bot that takes a Bot API address.

    Args:
        host: Where to listen.
        port: On which port; 0 for any that is free.
        token: The bot's token.
        latency: How long each call takes, there and back, in seconds.
        limits: Rate limits other than the documented ones: default, none, drafts-1, drafts-2, drafts-3, drafts-none or
            edits-slow; several may be given.
        faults: What goes wrong, such as `sendMessage#2=429:7; *%0.05=reset_after; seed=1`.
    """
    from telex.cli.simulate import run_simulator  # noqa: PLC0415 - see the module

    _run(run_simulator(host=host, port=port, token=token, latency=latency, limits=limits or [], faults=faults))


@app.command
def chat(
    *,
    config: Path | None = None,
    continue_: Annotated[bool, cyclopts.Parameter(name="--continue")] = False,
    record: Path | None = None,
) -> None:
    """Talk with the model in this terminal.

    Args:
        config: The file that names the model; the embedded one without.
        continue_: Go on with the last conversation.
        record: Record each answer in a file of its own in this folder; see `telex record`.
    """
    try:
        from telex.cli.chat import run_chat  # noqa: PLC0415 - see the module
    except ModuleNotFoundError as error:
        if error.name != "prompt_toolkit":
            raise
        raise ConfigError("telex chat needs prompt_toolkit: pip install 'telex[terminal]'.") from None

    sys.exit(_run(run_chat(config, go_on=continue_, record=record), keyboard=True))


@app.command
def ask(question: str = "", *, config: Path | None = None, record: Path | None = None) -> None:
    """Ask one question; in a pipe the answer is the model's Markdown as it is.

    Args:
        question: What to ask; what is piped in stands behind it.
        config: The file that names the model; the embedded one without.
        record: Record the answer in a file of its own in this folder; see `telex record`.
    """
    from telex.cli.ask import run_ask  # noqa: PLC0415 - see the module

    sys.exit(_run(run_ask(question, config, record), keyboard=True))


@app.command
def record(question: str = "", *, config: Path | None = None, out: Path = Path("recordings")) -> None:
    """Ask a question, or answer in Telegram, and record each answer: its events, steps and outcomes with their times.

    A recording holds the words of the answer, and no keys, tokens or ids. `telex replay` shows it again.

    Args:
        question: What to ask in this terminal, as `telex ask` does; without one it is `telex gateway` that runs.
        config: The file; for a question the embedded model without, else config.yaml.
        out: A folder, in which each answer has a file; or a name that ends in .jsonl, for the first.
    """
    if question:
        from telex.cli.ask import run_ask  # noqa: PLC0415 - see the module

        sys.exit(_run(run_ask(question, config, out), keyboard=True))
    from telex.cli.gateway import run_gateway  # noqa: PLC0415 - the same

    _run(run_gateway(config or Path("config.yaml"), out))


@app.command
def replay(  # noqa: PLR0913 - each is an option of the command
    file: Path,
    *,
    speed: str = "1",
    page: Annotated[bool, cyclopts.Parameter(negative="")] = False,
    check: Annotated[bool, cyclopts.Parameter(negative="")] = False,
    port: int = 8642,
    open_browser: Annotated[bool, cyclopts.Parameter(name="--open")] = True,
) -> None:
    """Show a recorded answer again, and tell whether telex would still take the same steps: exits 1 where it would not.

    Args:
        file: The recording.
        speed: How fast: 1 as it was, 4 four times as fast, max without waiting.
        page: Show it on the page that behaves as Telegram does, and not in this terminal.
        check: Show nothing, only tell.
        port: Where the page is; the next free one when it is taken.
        open_browser: Open the page in a browser, where there is one.
    """
    from telex.cli.replay import run_replay  # noqa: PLC0415 - see the module

    sys.exit(_run(run_replay(file, speed=speed, page=page, check=check, port=port, open_browser=open_browser)))


@app.command
def chaos(*, chats: int = 20, minutes: float = 0.5, seed: int = 1, log: Path | None = None) -> None:
    """Play random faults to a gateway over real sockets, kill and restart it at random, and count what people see.

    Args:
        chats: How many private chats, groups and forums.
        minutes: For how long people ask; then the last answers are waited for.
        seed: The same seed plays the same questions and the same faults.
        log: Keep the gateway's log in this file.
    """
    from telex.cli.chaos import run_chaos  # noqa: PLC0415 - see the module

    sys.exit(_run(run_chaos(chats=chats, minutes=minutes, seed=seed, log=log)))


@bench.command
def latency(*, quick: bool = False) -> None:
    """Stream a recorded answer through gateway and simulator and print how old words are when they become visible.

    Args:
        quick: A shorter answer, for a first look; the bounds are not checked.
    """
    from telex.bench.latency import main as run  # noqa: PLC0415 - see the module

    sys.exit(_run(run(quick=quick)))


@bench.command
def pace(*, seed: int = 1) -> None:
    """Compare the pacing with an oracle that knows the limits, and see how quickly it learns limits it did not know.

    Args:
        seed: Which conversations are played.
    """
    from telex.bench.pace import main as run  # noqa: PLC0415 - see the module

    sys.exit(run(seed))


@bench.command
def markdown() -> None:
    """Measure what a frame costs from text to entities, and whether what readers see only grows."""
    from telex.bench.markdown import main as run  # noqa: PLC0415 - see the module

    sys.exit(run())


@bench.command
def provider() -> None:
    """Measure what a streamed chunk costs from the socket to the presenter, beside the makers' own clients."""
    from telex.bench.provider import main as run  # noqa: PLC0415 - see the module

    sys.exit(_run(run()))


@bench.command
def interrupt() -> None:
    """Measure how soon an interrupted answer is over, at the model's server too."""
    from telex.bench.interrupt import main as run  # noqa: PLC0415 - see the module

    sys.exit(_run(run()))


@bench.command
def terminal() -> None:
    """Measure how soon a token is on the screen of a terminal, and how many bytes its letters cost, beside bare printing."""
    from telex.bench.terminal import main as run  # noqa: PLC0415 - see the module

    sys.exit(_run(run()))


def _run(work: Coroutine[Any, Any, Any], *, keyboard: bool = False) -> Any:
    """Run a command's coroutine, on uvloop where there is one.

    A command that reads the ``keyboard`` runs without: uvloop makes what it reads non-blocking, a terminal's output is the same
    file, and it would stay so for the shell.
    """
    import asyncio  # noqa: PLC0415 - see the module

    factory = asyncio.new_event_loop
    if not keyboard:
        with contextlib.suppress(ImportError):  # there is none on Windows
            from uvloop import new_event_loop as factory  # noqa: PLC0415 - the same
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def main() -> None:
    """The console script. A user's mistake is a sentence and exit code 2; any other trouble, 1."""
    _fill_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show is no reason to fail
    try:
        app(sys.argv[1:])
    except ConfigError as error:
        sys.exit(_complain(error, 2))
    except TelexError as error:
        sys.exit(_complain(error, 1))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        from telex.cli.output import UNREAD, lose_output  # noqa: PLC0415 - see the module

        lose_output()
        sys.exit(UNREAD)


def _fill_closed_streams() -> None:
    """Where a standard stream is closed, the next file that is opened, such as the one of sessions, would take its place."""
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _complain(error: TelexError, code: int) -> int:
    from telex.cli.output import aside  # noqa: PLC0415 - see the module

    aside(str(error))
    return code
