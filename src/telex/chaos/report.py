"""What a run of chaos found, as it is printed."""

from dataclasses import dataclass, field

MOST_LINES = 120


@dataclass(slots=True)
class Report:
    """What a run found; ``faults`` has lines for each thing that must not be.

    Attributes:
        asked: answers asked.
        complete: of them, complete exactly once.
        interrupted: ended by Stop or the next question, with all that was visible kept.
        cut: visibly cut off by a kill or a stop of the gateway.
        closed: could not be shown to their end, for the bot was blocked.
        doubled: answers of which words stand on the screen twice.
        lost: letters that were asked, or visible, and are not there.
        cursors: messages and drafts that still look unfinished.
        disordered: answers whose words stand in the wrong order.
        crossed: messages that were given another answer's words.
        misplaced: answers in the wrong chat or topic.
        too_soon: calls made inside a "retry after"; a killed process may forget one.
        silence_private: the longest time in which words waited and nothing changed in a private chat, in seconds,
            without the time for which the platform would have let nothing through.
        silence_group: the same in groups.
        calls: calls of the gateway, without polls.
        struck: of them, those that were refused, broken or left silent.
        kills: how often the gateway was killed.
        restarts: how often it was stopped and started.
        bugs: what the gateway's own log calls a bug, and deaths that nobody ordered.
        notes: what is worth knowing.
    """

    kills: int = 0
    restarts: int = 0
    asked: int = 0
    complete: int = 0
    interrupted: int = 0
    cut: int = 0
    closed: int = 0
    doubled: int = 0
    lost: int = 0
    cursors: int = 0
    disordered: int = 0
    crossed: int = 0
    misplaced: int = 0
    too_soon: int = 0
    silence_private: float = 0.0
    silence_group: float = 0.0
    calls: int = 0
    struck: int = 0
    bugs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Nothing doubled, lost or left, and nothing where it does not belong."""
        wrong = self.doubled or self.lost or self.cursors or self.disordered or self.crossed or self.misplaced
        asleep = self.too_soon and not self.kills + self.restarts
        return not (wrong or asleep or self.bugs or (self.cut and not self.kills + self.restarts))

    def __str__(self) -> str:
        """A table, and what went wrong."""
        blows = f"{self.kills} kills and {self.restarts} restarts"
        lines = [
            f"answers asked          {self.asked:6}",
            f"complete exactly once  {self.complete:6}",
            f"stopped by a person    {self.interrupted:6}   (all that was visible is still there)",
            f"visibly cut off        {self.cut:6}   ({blows})",
            f"chat closed to the bot {self.closed:6}",
            f"doubled                {self.doubled:6}",
            f"lost letters           {self.lost:6}",
            f"cursors left           {self.cursors:6}",
            f"out of order           {self.disordered:6}",
            f"in another's message   {self.crossed:6}",
            f"in the wrong place     {self.misplaced:6}",
            f"calls inside a wait    {self.too_soon:6}   (of {self.calls} calls, {self.struck} struck or refused)",
            f"longest silence        {self.silence_private:6.1f} s in a private chat, {self.silence_group:.1f} s in a group",
        ]
        faults = self.faults[:MOST_LINES]
        if len(self.faults) > MOST_LINES:
            faults.append(f"… and {len(self.faults) - MOST_LINES} lines more")
        return "\n".join([*lines, *faults, *self.bugs[:20]])
