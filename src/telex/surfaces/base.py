"""What a surface is: one place on a platform (a chat, or a topic of it) for the length of one turn.

The contract, in order:

1. A surface is made per turn; the limits (`Pace`) and what is known of the place are shared by its turns.
2. ``show(frame)`` makes exactly one call to the platform and returns its outcome. It never retries, never sleeps, and
   raises only for bugs. ``frame.final`` makes the real, lasting message; otherwise it is a preview in whatever way
   the platform offers. A frame with no text, or with the text shown already, is a sign of life.
3. One ``show`` is in flight at a time. When its task is cancelled the connection is closed; the call may or may not
   have been carried out, and the surface remembers that for the next ``show`` of the page.
4. ``Unknown`` for a first post obliges the surface to look for the lost message before it posts that page again.
5. Whoever drives it sets ``on_vanished``, and is told through it which page's preview something else took off the screen.
6. ``leave()`` ends the turn.
7. The remaining members (limit, measure, lines, …) are the `Screen` that the presenter plans by.
"""

from collections.abc import Callable
from typing import Protocol

from telex.display.frame import Frame, Outcome
from telex.display.screen import Screen


class Surface(Screen, Protocol):
    """A place to show a turn; the module's docstring is its contract."""

    on_vanished: Callable[[int], None] | None

    async def show(self, frame: Frame) -> Outcome:
        """Show this frame: one call, one outcome."""
        ...

    def leave(self) -> None:
        """The turn is over."""
        ...
