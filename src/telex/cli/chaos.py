"""``telex chaos``: what becomes of answers when everything fails."""

from pathlib import Path

from telex.chaos.run import Settings, chaos
from telex.errors import ConfigError


async def run_chaos(*, chats: int, minutes: float, seed: int, log: Path | None) -> int:
    """Play one run and print its table; 0 when nothing was doubled, lost or left, else 1."""
    if chats < 1 or minutes <= 0:
        raise ConfigError("--chats must be at least 1 and --minutes above 0.")
    seconds = minutes * 60
    settings = Settings(
        chats=chats,
        seconds=seconds,
        seed=seed,
        kills=max(1, round(seconds / 25)),
        restarts=max(1, round(seconds / 60)),
        patience=min(12.0, seconds / 10),
    )
    print(f"{chats} chats for {minutes:g} minutes, seed {seed}; then the last answers are waited for.", flush=True)
    report = await chaos(settings, log)
    print(report)
    if report.passed:
        print("Nothing doubled, nothing lost, nothing left.")
        return 0
    print(f"To replay: telex chaos --chats {chats} --minutes {minutes:g} --seed {seed} --log gateway.log")
    return 1
