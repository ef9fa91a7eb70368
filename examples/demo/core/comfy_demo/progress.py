"""How a node says how far it is, and how it learns that it should stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

Listener = Callable[[int, int], None]

_listener: Listener | None = None
_stop = threading.Event()


class Interrupted(Exception):
    """Raised inside a node when somebody asked for the running prompt to stop."""


class ProgressBar:
    """Reports `total` equal steps. Every update is also a chance to be interrupted."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.current = 0

    def update(self, steps: int = 1) -> None:
        raise_if_interrupted()
        self.current = min(self.current + steps, self.total)
        if _listener:
            _listener(self.current, self.total)


def listen(listener: Listener | None) -> None:
    """Sends progress to `listener(current, total)` from now on."""
    global _listener
    _listener = listener


def interrupt() -> None:
    """Asks the running prompt to stop."""
    _stop.set()


def forget_interrupt() -> None:
    """A new prompt begins: what was asked of the last one does not concern it."""
    _stop.clear()


def raise_if_interrupted() -> None:
    if _stop.is_set():
        raise Interrupted("The prompt was interrupted")
