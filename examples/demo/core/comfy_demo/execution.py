"""Runs queued prompts, node after node."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from . import nodes, progress
from .graph import execution_order, is_link, needed_for
from .prompt_queue import Job, PromptQueue
from .validation import convert

# Sends one message (type, data) to a client by its id, or to every client when the id is None.
Send = Callable[[str, dict, "str | None"], None]


class Executor(threading.Thread):
    """Takes prompts from the queue, one at a time, for as long as the server lives."""

    def __init__(self, queue: PromptQueue, send: Send) -> None:
        super().__init__(name="executor", daemon=True)
        self._queue = queue
        self._send = send

    def run(self) -> None:
        while True:
            job = self._queue.take()
            self._send("status", self._queue.status(), None)
            start = time.perf_counter()
            self._queue.finish(Execution(job, self._send).run())
            # Not before the record is there: a client that hears this goes and reads it.
            done = {"node": None, "prompt_id": job.prompt_id}
            self._send("executing", done, job.extra_data.get("client_id"))
            self._send("status", self._queue.status(), None)
            print(f"Prompt {job.prompt_id} took {time.perf_counter() - start:.2f} s", flush=True)


class Execution:
    """One run of one prompt."""

    def __init__(self, job: Job, send: Send) -> None:
        self._job = job
        self._send = send
        self._values: dict[str, tuple] = {}
        self._outputs: dict[str, dict] = {}
        self._messages: list[list] = []

    def run(self) -> dict:
        """Executes what the outputs need. Answers the record for the history."""
        progress.forget_interrupt()
        self._log("execution_start")
        self._log("execution_cached", nodes=[])
        needed = needed_for(self._job.prompt, self._job.outputs)
        done = all(self._try(node) for node in execution_order(self._job.prompt) if node in needed)
        if done:
            self._log("execution_success")
        status = {"status_str": "success" if done else "error", "completed": done}
        return {"outputs": self._outputs, "status": {**status, "messages": self._messages}}

    def _try(self, node: str) -> bool:
        """Executes one node. What goes wrong is told, and the answer is False."""
        inputs: dict[str, Any] = {}
        try:
            progress.raise_if_interrupted()
            self._tell("executing", node=node, display_node=node)
            progress.listen(lambda done, of: self._tell("progress", node=node, value=done, max=of))
            inputs = self._inputs_of(node)
            self._execute(node, inputs)
            return True
        except progress.Interrupted:
            self._log("execution_interrupted", **self._about(node))
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            self._log(
                "execution_error",
                **self._about(node),
                exception_message=str(error),
                exception_type=type(error).__qualname__,
                traceback=traceback.format_tb(error.__traceback__),
                current_inputs={name: [_short(value)] for name, value in inputs.items()},
                current_outputs=sorted(self._values),
            )
        finally:
            progress.listen(None)
        return False

    def _class_of(self, node: str) -> Any:
        return nodes.NODE_CLASS_MAPPINGS[self._job.prompt[node]["class_type"]]

    def _execute(self, node: str, inputs: dict[str, Any]) -> None:
        node_class = self._class_of(node)
        result = getattr(node_class(), node_class.FUNCTION)(**inputs)
        ui = result.get("ui") if isinstance(result, dict) else None
        self._values[node] = result.get("result", ()) if isinstance(result, dict) else result
        if ui:
            self._outputs[node] = ui
            self._tell("executed", node=node, display_node=node, output=ui)

    def _inputs_of(self, node: str) -> dict[str, Any]:
        """The arguments of a node: links followed, values converted, hidden inputs filled in."""
        given = self._job.prompt[node]["inputs"]
        wanted = self._class_of(node).INPUT_TYPES()
        hidden = {
            "PROMPT": self._job.prompt,
            "UNIQUE_ID": node,
            "EXTRA_PNGINFO": self._job.extra_data.get("extra_pnginfo"),
        }
        inputs = {name: hidden.get(kind) for name, kind in wanted.get("hidden", {}).items()}
        for name, spec in {**wanted.get("required", {}), **wanted.get("optional", {})}.items():
            if name in given:
                inputs[name] = self._value_of(given[name], spec[0])
        return inputs

    def _value_of(self, given: Any, kind: Any) -> Any:
        return self._values[given[0]][given[1]] if is_link(given) else convert(kind, given)

    def _about(self, node: str) -> dict:
        return {
            "node_id": node,
            "node_type": self._job.prompt[node]["class_type"],
            "executed": sorted(self._values),
        }

    def _log(self, message: str, **data: Any) -> None:
        """Tells the client, and keeps it for the history."""
        data = {"prompt_id": self._job.prompt_id, **data, "timestamp": int(time.time() * 1000)}
        self._messages.append([message, data])
        self._send(message, data, self._job.extra_data.get("client_id"))

    def _tell(self, message: str, **data: Any) -> None:
        data = {**data, "prompt_id": self._job.prompt_id}
        self._send(message, data, self._job.extra_data.get("client_id"))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
