"""Where models, inputs, outputs and custom nodes live."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

# Not resolved: where main.py is a link, the directory of the link is the one that counts.
base_path = Path(os.path.abspath(__file__)).parent.parent
model_suffixes = {".safetensors", ".ckpt", ".pt", ".pth", ".bin"}

_directories = {
    kind: base_path / kind for kind in ("input", "output", "temp", "user", "custom_nodes")
}
_model_directories: dict[str, list[Path]] = {}


def configure(arguments: argparse.Namespace) -> None:
    """Takes directories from the command line and from `extra_model_paths.yaml`."""
    for kind in ("input", "output"):
        given = getattr(arguments, f"{kind}_directory")
        if given:
            _directories[kind] = Path(given).absolute()
    for directory in sorted((base_path / "models").iterdir()):
        if directory.is_dir():
            add_model_folder_path(directory.name, directory)
    beside = base_path / "extra_model_paths.yaml"
    for config in [
        *([beside] if beside.is_file() else []),
        *map(Path, arguments.extra_model_paths_config),
    ]:
        for kind, directory in read_extra_model_paths(config):
            add_model_folder_path(kind, directory)


def add_model_folder_path(kind: str, directory: os.PathLike) -> None:
    """Models of this kind are also looked for here."""
    known = _model_directories.setdefault(kind, [])
    if Path(directory) not in known:
        known.append(Path(directory))


def get_input_directory() -> Path:
    return _directories["input"]


def get_output_directory() -> Path:
    return _directories["output"]


def get_temp_directory() -> Path:
    return _directories["temp"]


def get_user_directory() -> Path:
    return _directories["user"]


def get_custom_nodes_directory() -> Path:
    return _directories["custom_nodes"]


def get_directory_by_type(kind: str) -> Path | None:
    """The directory behind `type` in the API: input, output or temp."""
    return _directories[kind] if kind in ("input", "output", "temp") else None


def get_filename_list(kind: str) -> list[str]:
    """Every model of a kind, as paths relative to the directories they are in, sorted."""
    found = set()
    for directory in _model_directories.get(kind, []):
        for parent, _, files in os.walk(directory, followlinks=True):
            paths = (Path(parent, file) for file in files)
            found.update(
                path.relative_to(directory).as_posix()
                for path in paths
                if path.suffix in model_suffixes
            )
    return sorted(found)


def get_full_path(kind: str, name: str) -> Path | None:
    """Where a model of that name is, or nothing."""
    for directory in _model_directories.get(kind, []):
        path = inside(directory, name)
        if path and path.is_file():
            return path
    return None


def inside(directory: Path, name: str) -> Path | None:
    """`name` below `directory`, or nothing when it would lead out of it."""
    base = os.path.abspath(directory)
    path = os.path.abspath(os.path.join(base, name))
    return Path(path) if "\0" not in name and os.path.commonpath([base, path]) == base else None


def read_extra_model_paths(config: Path) -> list[tuple[str, Path]]:
    """The (kind, directory) pairs of a file with sections of `kind: directory` lines."""
    pairs: list[tuple[str, Path]] = []
    base = config.absolute().parent
    for number, line in enumerate(config.read_text("utf-8").splitlines(), start=1):
        text = line.split(" #")[0].rstrip()
        if not text or text.lstrip().startswith("#"):
            continue
        key, colon, value = text.strip().partition(":")
        value = _unquote(value.strip())
        if not colon or (text[0].isspace() != bool(value)):
            raise ValueError(
                f"{config}:{number}: expected `section:` or an indented `kind: directory`"
            )
        if not value:
            base = config.absolute().parent
        elif key == "base_path":
            base = base / os.path.expanduser(os.path.expandvars(value))
        elif key != "is_default":
            pairs.append((key, base / value))
    return pairs


def _unquote(value: str) -> str:
    if value.startswith('"'):
        return json.loads(value)
    return value[1:-1] if value.startswith("'") and value.endswith("'") else value
