"""The keys of ``telex chat``: at its prompt, and while an answer comes."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys

THOUGHTS = Keys.ControlT
_ENTER = {Keys.ControlM, Keys.ControlJ}
_PASTING = "\x1b[?2004h", "\x1b[?2004l"  # a pasted block comes as one, and not as keys


def prompt_keys(show_thoughts: Callable[[], object]) -> KeyBindings:
    """Enter sends, Alt-Enter and Ctrl-J begin a new line, Ctrl-T shows what the model thought."""
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    keys.add(THOUGHTS)(lambda _: run_in_terminal(show_thoughts))
    return keys


class AnswerKeys:
    """What is pressed while an answer comes: it is not shown, and what is no command waits for the next prompt.

    Args:
        stop: ends the answer.
        answers: a key that may answer a question; true when it did.
        fold: hides or shows the thoughts.

    Attributes:
        stopped: the answer was stopped with Ctrl-C.
        leaving: it was pressed again, or Ctrl-D.
    """

    def __init__(self, stop: Callable[[], object], answers: Callable[[str], bool], fold: Callable[[], object]) -> None:
        self.stopped = False
        self.leaving = False
        self._stop = stop
        self._answers = answers
        self._fold = fold
        self._typed: list[KeyPress] = []
        self._line = 0  # where in it the line begins that is being typed

    @contextmanager
    def watching(self) -> Iterator[None]:
        """For the length of an answer."""
        if not sys.stdin.isatty():
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGINT, self._ctrl_c)
            try:
                yield
            finally:
                loop.remove_signal_handler(signal.SIGINT)
            return
        keyboard = create_input()
        with keyboard.raw_mode(), keyboard.attach(lambda: self._read(keyboard)):
            sys.stdout.write(_PASTING[0])
            sys.stdout.flush()
            try:
                yield
            finally:
                sys.stdout.write(_PASTING[1])
                sys.stdout.flush()
        store_typeahead(keyboard, self._typed)

    def _read(self, keyboard: Input) -> None:
        for press in keyboard.read_keys():
            if press.key == Keys.ControlC:
                self._ctrl_c()
            elif press.key == Keys.ControlD and not self._typed:
                self.leaving = True
                self._stop()
            elif press.key == THOUGHTS:
                self._fold()
            elif not self._answers(press.data):
                self._keep(press)

    def _ctrl_c(self) -> None:
        self.leaving = self.stopped
        self.stopped = True
        self._stop()

    def _keep(self, press: KeyPress) -> None:
        self._typed.append(press)
        if press.key in _ENTER:
            if "".join(key.data for key in self._typed[self._line :]).strip() == "/stop":
                del self._typed[self._line :]
                self._stop()
            self._line = len(self._typed)
