"""``telex gateway`` and ``telex check``."""

import logging
from pathlib import Path

from telex.cli.stopping import on_stop
from telex.config import Config, load
from telex.gateway.agents import Agents
from telex.gateway.gateway import Gateway, get_me
from telex.providers.base import Provider
from telex.providers.chain import Link
from telex.providers.factory import build, chained
from telex.recording.files import Recordings
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.inbound import Me

log = logging.getLogger("telex")


def build_provider(config: Config) -> Provider:
    """The model, or the chain of models, that a configuration names.

    Raises:
        ConfigError: a value that this kind of provider cannot use.
    """
    return chained([Link(build(one.kind, **one.chosen), one.on_drop) for one in config.providers])


async def run_gateway(path: Path, record: Path | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM; ``record``: where turns are recorded, if at all."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = load(path)
    provider = build_provider(config)
    gateway = Gateway(config, provider, recordings=Recordings(record) if record else None)

    def ready(me: Me) -> None:
        log.info("@%s answers with %s; Ctrl-C stops it", me.username, provider.name)
        if not config.telegram.allow:
            log.warning(
                "%s: telegram.allow is empty, so nobody may use the bot: write to it, and it tells you your id", path
            )

    try:
        with on_stop(gateway.stop):
            await gateway.run(ready)
    finally:
        await provider.close()


async def run_check(path: Path) -> None:
    """Read the file, and ask the server once who the bot is."""
    config = load(path)
    provider = build_provider(config)
    warnings = Agents(config, provider).warnings
    await provider.close()
    api = BotApi(config.telegram.token, config.telegram.api_base)
    try:
        me = await get_me(api)
    finally:
        await api.close()
    people = (
        f"{len(config.telegram.allow)} users may use it"
        if config.telegram.allow
        else "nobody may use it yet (telegram.allow is empty)"
    )
    for warning in warnings:
        print(f"{path}: $.{warning}")
    print(f"{path} is right. The bot is @{me.username}; {people}.")
