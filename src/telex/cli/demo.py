"""``telex demo``: a model, the simulator and the gateway in one process, on this machine only."""

import asyncio
import logging
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from telex.cli.demo_tools import demo_tools
from telex.cli.gateway import build_provider
from telex.cli.simulate import limits_named, listen
from telex.cli.stopping import on_stop
from telex.config import Config, ProviderConfig, TelegramConfig, has_screen, model_key
from telex.config_agent import AgentConfig
from telex.errors import ConfigError, ProviderError
from telex.gateway.gateway import Gateway
from telex.providers.base import Provider
from telex.providers.embedded import Embedded
from telex.simulator.server import Simulator

log = logging.getLogger("telex")

PROMPT = "You are a helpful assistant in a chat. Answer in Markdown, clearly and to the point."


async def run_demo(  # noqa: PLR0913 - the command's options
    *,
    port: int,
    open_browser: bool,
    kind: Literal["openai", "embedded", "scripted"] | None,
    base_url: str,
    model: str,
    limits: list[str],
) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    kind = kind or ("openai" if base_url else "embedded")
    if kind == "openai" and not base_url:
        raise ConfigError("--provider openai needs --model, the server's address, such as http://127.0.0.1:11434/v1.")
    simulator = Simulator(limits=limits_named(limits), keep_calls=1000)
    try:
        wanted = ProviderConfig(
            kind=kind,
            base_url=base_url,
            api_key=model_key() if kind == "openai" else "",
            model=model,
            system_prompt=PROMPT,
        )
    except ValueError as error:
        raise ConfigError(f"--model {base_url!r}: expected an address such as http://127.0.0.1:11434/v1.") from error
    base = await listen(simulator, port)
    allow = tuple(user for user in simulator.state.users if user != simulator.state.bot["id"])
    folder = tempfile.TemporaryDirectory(prefix="telex-demo-")  # the simulated chats do not outlive the demo either
    telegram = TelegramConfig(token=simulator.token, api_base=base, allow=allow)
    scripted = kind == "scripted"
    agent = AgentConfig(approve=("save_note",)) if scripted else AgentConfig()
    config = Config(telegram=telegram, provider=wanted, agent=agent, data_dir=folder.name)
    provider = build_provider(config)
    gateway = Gateway(config, provider, demo_tools(Path(folder.name)) if scripted else ())
    print(f"telex demo: open {base}/ and ask something. Ctrl-C ends it.", flush=True)
    if open_browser and has_screen():
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, f"{base}/")
    loading = asyncio.create_task(_load(provider, simulator.set_status))
    try:
        with on_stop(gateway.stop, interrupt=gateway.interrupt):
            await gateway.run()
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await simulator.stop()
        await provider.close()
        folder.cleanup()


async def _load(provider: Provider, tell: Callable[..., None]) -> None:
    """Load the model, and say on the page and in the terminal how far it is."""
    if not isinstance(provider, Embedded):
        tell(f"Answers come from {provider.name}.", ready=True)
        return

    def progress(share: float, what: str) -> None:
        if sys.stdout.isatty():
            print(f"\r{what} {share:4.0%}", end="\n" if share >= 1 else "", flush=True)
        tell(what, progress=share)

    try:
        await provider.start(progress)
    except ProviderError as error:
        print(f"\n{error}", flush=True)
        tell(str(error))
        return
    except Exception:
        log.exception("the model cannot be loaded; this is a bug in telex")
        tell("The model cannot be loaded; the terminal says why.")
        return
    tell(f"Answers come from {provider.name}.", ready=True)
