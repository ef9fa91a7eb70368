"""Loads the packages in `custom_nodes/`. One that fails is reported, and the rest still work."""

from __future__ import annotations

import importlib.util
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Register = Callable[[str, dict, dict], None]


@dataclass(frozen=True)
class Import:
    """How loading one package went."""

    name: str
    seconds: float
    failed: bool


def load_all(directory: Path, register: Register) -> list[Import]:
    """Loads every package and single-file module, in the order of their names."""
    if not directory.is_dir():
        return []
    return [load(path, register) for path in sorted(directory.iterdir()) if is_node(path)]


def is_node(path: Path) -> bool:
    """Whether this entry of `custom_nodes/` is a node that should be loaded."""
    if path.name.startswith((".", "__")) or path.name.endswith(".disabled"):
        return False
    return path.suffix == ".py" if path.is_file() else (path / "__init__.py").is_file()


def load(path: Path, register: Register) -> Import:
    """Imports one node and registers its NODE_CLASS_MAPPINGS."""
    start = time.perf_counter()
    failed = False
    try:
        module = _import(path)
        classes = getattr(module, "NODE_CLASS_MAPPINGS", {})
        register(
            f"custom_nodes.{path.stem}", classes, getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", {})
        )
    except (Exception, SystemExit):
        failed = True
        print(f"Cannot import custom node {path.name}:", file=sys.stderr)
        traceback.print_exc()
    return Import(path.name, time.perf_counter() - start, failed)


def print_import_times(imports: list[Import]) -> None:
    """The nodes and how long each took, slowest last."""
    if not imports:
        return
    print("\nImport times of custom nodes:")
    for one in sorted(imports, key=lambda one: one.seconds):
        print(f"{one.seconds:8.3f} s  {one.name}{' (IMPORT FAILED)' if one.failed else ''}")
    print()


def _import(path: Path):
    # Directory names are no identifiers: a dot in one must not look like a parent package.
    name = "custom_nodes." + path.stem.replace(".", "_")
    package = path.is_dir()
    spec = importlib.util.spec_from_file_location(
        name,
        path / "__init__.py" if package else path,
        submodule_search_locations=[str(path)] if package else None,
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
