"""``telex gateway`` and ``telex check``."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telex.cli.stopping import on_stop
from telex.config import Config, load
from telex.errors import ConfigError
from telex.gateway.agents import Agents
from telex.gateway.gateway import Gateway, get_me
from telex.providers.base import Provider
from telex.providers.chain import Link
from telex.providers.factory import build, chained
from telex.recording.files import Recordings
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.inbound import Me

log = logging.getLogger("telex")


def build_provider(config: Config, path: Path | None = None) -> Provider:
    """The model, or the chain of models, that a configuration names; ``path`` is its file.

    Raises:
        ConfigError: a value that this kind of provider cannot use.
    """
    links = []
    for number, one in enumerate(config.providers):
        place = f"provider[{number}]" if isinstance(config.provider, tuple) else "provider"
        with values_of(path, place):
            links.append(Link(build(one.kind, **one.chosen), one.on_drop))
    return chained(links)


@contextmanager
def values_of(path: Path | None, place: str = "") -> Iterator[None]:
    """Complaints about values name the file that they stand in, and their ``place`` in it."""
    try:
        yield
    except ConfigError as error:
        said = str(error)
        if path is None:
            raise
        if place:
            said = said.replace("provider.", f"{place}.") if said.startswith("provider.") else f"{place}.script: {said}"
        raise ConfigError(f"{path}: $.{said}") from None


def _check_folder(config: Config) -> None:
    """See that the folder of telex's files can be written or made, without making it."""
    there = next(folder for folder in (config.folder, *config.folder.absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"data_dir: {there} is no folder that can be written; choose another.")


async def run_gateway(path: Path, record: Path | None = None) -> None:
    """Serve until Ctrl-C, which cuts running answers off, or SIGTERM, which lets them end if they do soon.

    ``record``: where turns are recorded, if at all.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = load(path)
    provider = build_provider(config, path)
    with values_of(path):
        gateway = Gateway(config, provider, recordings=Recordings(record) if record else None)

    def ready(me: Me) -> None:
        log.info("@%s answers with %s; Ctrl-C stops it", me.username, provider.name)
        if not config.telegram.allow:
            log.warning(
                "%s: telegram.allow is empty, so nobody may use the bot: write to it, and it tells you your id", path
            )

    try:
        with on_stop(gateway.stop, interrupt=gateway.interrupt):
            await gateway.run(ready)
    finally:
        await provider.close()


async def run_check(path: Path) -> None:
    """Read the file, start the servers of tools, and ask Telegram's once who the bot is."""
    config = load(path)
    provider = build_provider(config, path)
    await provider.close()
    with values_of(path):
        _check_folder(config)
        agents = Agents(config, provider)
        try:
            await agents.check()
        finally:
            await agents.close()
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
    print(f"{path} is right. The bot is @{me.username}; {people}.")
