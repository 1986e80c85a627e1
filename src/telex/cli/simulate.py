"""``telex simulate``: the Bot API simulator alone."""

import asyncio
import errno
import math

from telex.cli.stopping import on_stop
from telex.errors import ConfigError
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import PROFILES, Limits
from telex.simulator.server import Simulator

HOST = "127.0.0.1"
PORTS_TRIED = 20
LAST_PORT = 65535


def limits_named(names: list[str]) -> Limits:
    """The documented limits, changed by profiles.

    Raises:
        ConfigError: no profile has this name.
    """
    try:
        return Limits.named(*names)
    except KeyError as error:
        raise ConfigError(f"--limits {error.args[0]}: expected one of {', '.join(sorted(PROFILES))}.") from None


async def run_simulator(  # noqa: PLR0913 - the command's options
    *, host: str, port: int, token: str, latency: float, limits: list[str], faults: str
) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    try:
        plan = FaultPlan.parse(faults) if faults else FaultPlan()
    except ValueError as error:
        raise ConfigError(f"--faults: {error}") from None
    if not 0 <= latency < math.inf:
        raise ConfigError(f"--latency {latency:g}: expected seconds, from 0.")
    try:
        simulator = Simulator(token=token, latency=latency, limits=limits_named(limits), faults=plan, keep_calls=10_000)
    except ValueError as error:
        raise ConfigError(f"--token: {error}.") from None
    _check(port)
    try:
        base = await simulator.start(host, port)
    except OSError as error:
        raise ConfigError(f"port {port} cannot be used ({error.strerror}); choose another with --port.") from None
    print(
        f"The chat page is at {base}/ and the Bot API at {base}; the bot's token is {token}. Ctrl-C ends it.",
        flush=True,
    )
    stopped = asyncio.Event()
    try:
        with on_stop(stopped.set):
            await stopped.wait()
    finally:
        await simulator.stop()


def _check(port: int) -> None:
    if not 0 <= port <= LAST_PORT:
        raise ConfigError(f"--port {port}: expected a number from 0 to {LAST_PORT}; 0 takes any that is free.")


async def listen(simulator: Simulator, port: int) -> str:
    """Start the simulator on ``port``, or the next one that is free.

    Raises:
        ConfigError: none of the next few is, or there is no such port.
    """
    _check(port)
    last = min(port + PORTS_TRIED - 1, LAST_PORT)
    for candidate in [0] if port == 0 else range(port, last + 1):
        try:
            return await simulator.start(HOST, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ConfigError(
                    f"port {candidate} cannot be used ({error.strerror}); choose another with --port."
                ) from None
    raise ConfigError(f"the ports {port} to {last} are taken; choose another with --port.")
