"""The prompts that wait, the one that runs, and what became of the others."""

from __future__ import annotations

import heapq
import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

HISTORY_LIMIT = 1000


@dataclass(order=True)
class Job:
    """One queued prompt. The lowest number runs first."""

    number: int
    prompt_id: str
    prompt: dict = field(compare=False)
    extra_data: dict = field(compare=False)
    outputs: list[str] = field(compare=False)

    def as_list(self) -> list[Any]:
        """The job as `/queue` and `/history` tell it."""
        return [self.number, self.prompt_id, self.prompt, self.extra_data, self.outputs]


class PromptQueue:
    """Shared by the threads of the server and the one that executes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._history: dict[str, dict] = {}
        self._numbers = itertools.count()

    def put(
        self, prompt_id: str, prompt: dict, extra_data: dict, outputs: list[str], front: bool
    ) -> int:
        """Queues a prompt, answers its number."""
        with self._changed:
            number = next(self._numbers)
            job = Job(-number if front else number, prompt_id, prompt, extra_data, outputs)
            heapq.heappush(self._waiting, job)
            self._changed.notify()
            return job.number

    def take(self) -> Job:
        """Waits for the next prompt; from now on it is the running one."""
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            self._running = heapq.heappop(self._waiting)
            return self._running

    def finish(self, record: dict) -> None:
        """Moves the running prompt to the history."""
        with self._changed:
            self._history[self._running.prompt_id] = {"prompt": self._running.as_list(), **record}
            self._running = None
            while len(self._history) > HISTORY_LIMIT:
                del self._history[next(iter(self._history))]

    def remaining(self) -> int:
        with self._changed:
            return len(self._waiting) + (self._running is not None)

    def status(self) -> dict:
        """What `/ws` says whenever it changes."""
        return {"status": {"exec_info": {"queue_remaining": self.remaining()}}}

    def running_id(self) -> str | None:
        with self._changed:
            return self._running.prompt_id if self._running else None

    def state(self) -> dict:
        """What `/queue` answers."""
        with self._changed:
            return {
                "queue_running": [self._running.as_list()] if self._running else [],
                "queue_pending": [job.as_list() for job in sorted(self._waiting)],
            }

    def remove(self, prompt_ids: set[str] | None) -> None:
        """Takes waiting prompts back: these, or all."""
        with self._changed:
            self._waiting = [
                job
                for job in self._waiting
                if prompt_ids is not None and job.prompt_id not in prompt_ids
            ]
            heapq.heapify(self._waiting)

    def history(self, prompt_id: str | None = None, max_items: int | None = None) -> dict:
        """Finished prompts by id, oldest first: all, the newest `max_items`, or one."""
        with self._changed:
            if prompt_id is not None:
                return {prompt_id: self._history[prompt_id]} if prompt_id in self._history else {}
            return dict(list(self._history.items())[-max_items if max_items else 0 :])

    def forget(self, prompt_ids: set[str] | None) -> None:
        """Deletes records of finished prompts: these, or all."""
        with self._changed:
            for prompt_id in list(self._history):
                if prompt_ids is None or prompt_id in prompt_ids:
                    del self._history[prompt_id]
