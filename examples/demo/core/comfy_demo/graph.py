"""A prompt as a graph: which node needs which."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

# Node id -> {"class_type": ..., "inputs": {name: value, or [node id, output number]}}.
Prompt = Mapping[str, Mapping[str, Any]]


def is_link(value: Any) -> bool:
    """Whether an input is the output of another node: `[node id, output number]`."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    return isinstance(value[0], str) and type(value[1]) is int


def links_of(prompt: Prompt, node: str) -> list[str]:
    """The nodes that one node takes its inputs from."""
    links = [value[0] for value in prompt[node]["inputs"].values() if is_link(value)]
    return [source for source in links if source in prompt]


def execution_order(prompt: Prompt) -> list[str]:
    """Every node after those it takes inputs from. Raises graphlib.CycleError."""
    sorter = TopologicalSorter({node: links_of(prompt, node) for node in prompt})
    return list(sorter.static_order())


def needed_for(prompt: Prompt, outputs: list[str]) -> set[str]:
    """The outputs and everything they depend on."""
    needed: set[str] = set()
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting.extend(links_of(prompt, node))
    return needed
