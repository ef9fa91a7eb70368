"""Says what is wrong with a prompt before any of it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError
from typing import Any

from .graph import Prompt, execution_order, is_link, needed_for

Classes = Mapping[str, Any]

CONVERSIONS = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}


@dataclass
class Verdict:
    """What may run (`outputs`), and what is wrong: as a whole (`error`), and node by node."""

    outputs: list[str] = field(default_factory=list)
    error: dict | None = None
    node_errors: dict[str, dict] = field(default_factory=dict)


def validate(prompt: Any, classes: Classes) -> Verdict:
    """Checks a prompt in API format. Outputs that do not depend on a mistake may run."""
    error = _check_shape(prompt, classes)
    if error:
        return Verdict(error=error)
    try:
        order = execution_order(prompt)
    except CycleError as cycle:
        path = " -> ".join(cycle.args[1])
        return Verdict(error=problem("dependency_cycle", "Nodes wait for one another", path))
    outputs = [node for node in order if is_output(_class_of(prompt, classes, node))]
    if not outputs:
        return Verdict(error=problem("prompt_no_outputs", "Prompt has no outputs"))
    return _check_outputs(prompt, classes, outputs)


def is_output(node_class: Any) -> bool:
    """Whether a node is worth running for its own sake."""
    return getattr(node_class, "OUTPUT_NODE", False)


def convert(kind: Any, value: Any) -> Any:
    """A value as its input type wants it. Raises ValueError, TypeError or OverflowError."""
    return CONVERSIONS[kind](value) if isinstance(kind, str) and kind in CONVERSIONS else value


def problem(kind: str, message: str, details: str = "", **extra_info: Any) -> dict:
    """A mistake as the API tells it."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra_info}


def _class_of(prompt: Prompt, classes: Classes, node: str) -> Any:
    return classes[prompt[node]["class_type"]]


def _check_shape(prompt: Any, classes: Classes) -> dict | None:
    if not isinstance(prompt, dict):
        return problem("no_prompt", "No prompt provided", "Expected an object of nodes")
    for node, entry in prompt.items():
        name = entry.get("class_type") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not isinstance(entry.get("inputs"), dict):
            hint = "A node needs class_type and inputs: is this the API format?"
            return problem("invalid_prompt", hint, f"Node {node}")
        if name not in classes:
            message = f"There is no node class {name}"
            return problem("missing_node_type", message, f"Node {node}", class_type=name)
    return None


def _check_outputs(prompt: Prompt, classes: Classes, outputs: list[str]) -> Verdict:
    verdict = Verdict()
    needed = needed_for(prompt, outputs)
    mistakes = {node: list(_check_node(prompt, classes, node)) for node in needed}
    for output in outputs:
        bad = sorted(node for node in needed_for(prompt, [output]) if mistakes[node])
        if not bad:
            verdict.outputs.append(output)
        for node in bad:
            entry = {"errors": mistakes[node], "dependent_outputs": []}
            entry = verdict.node_errors.setdefault(node, entry)
            entry["class_type"] = prompt[node]["class_type"]
            entry["dependent_outputs"].append(output)
    if not verdict.outputs:
        message = "Prompt outputs failed validation"
        details = "; ".join(_in_words(verdict.node_errors))
        verdict.error = problem("prompt_outputs_failed_validation", message, details)
    return verdict


def _in_words(node_errors: dict[str, dict]) -> Iterator[str]:
    for node, entry in node_errors.items():
        for mistake in entry["errors"]:
            yield f"{entry['class_type']} {node}: {mistake['message']}: {mistake['details']}"


def _check_node(prompt: Prompt, classes: Classes, node: str) -> Iterator[dict]:
    inputs = prompt[node]["inputs"]
    wanted = _class_of(prompt, classes, node).INPUT_TYPES()
    required, optional = wanted.get("required", {}), wanted.get("optional", {})
    for name, spec in {**required, **optional}.items():
        value = inputs.get(name)
        mistake = None
        if isinstance(value, list):
            mistake = _check_link(prompt, classes, value, spec[0])
        elif name in inputs:
            mistake = _check_value(value, spec[0], spec[1] if len(spec) > 1 else {})
        elif name in required:
            mistake = ("required_input_missing", "Required input is missing", "")
        if mistake:
            kind, message, details = mistake
            details = f"{name}: {details}" if details else name
            yield problem(kind, message, details, input_name=name, received_value=value)


def _check_link(
    prompt: Prompt, classes: Classes, link: list, kind: Any
) -> tuple[str, str, str] | None:
    known = is_link(link) and link[0] in prompt
    returns = _class_of(prompt, classes, link[0]).RETURN_TYPES if known else ()
    if not known or not 0 <= link[1] < len(returns):
        return "bad_linked_input", "The link leads to no output of a node", f"{link}"
    returned = returns[link[1]]
    if returned != kind and "*" not in (returned, kind):
        return "return_type_mismatch", "The link has another type", f"{returned}, not {kind}"
    return None


def _check_value(value: Any, kind: Any, limits: Mapping[str, Any]) -> tuple[str, str, str] | None:
    if isinstance(kind, (list, tuple)):
        if value in kind:
            return None
        return "value_not_in_list", "Value not in list", f"{value!r} not in {list(kind)}"
    if kind not in CONVERSIONS:
        return "bad_linked_input", "This input must be linked", f"it takes {kind}"
    try:
        number = convert(kind, value)
    except (TypeError, ValueError, OverflowError) as error:
        return "invalid_input_type", f"Value is no {kind}", f"{error}"
    if "min" in limits and number < limits["min"]:
        return "value_smaller_than_min", "Value is too small", f"{number} < {limits['min']}"
    if "max" in limits and number > limits["max"]:
        return "value_bigger_than_max", "Value is too big", f"{number} > {limits['max']}"
    return None
