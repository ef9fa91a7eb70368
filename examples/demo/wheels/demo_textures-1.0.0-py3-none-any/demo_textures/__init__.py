"""Small textures that repeat: each is a text file of digits, 0 for dark and 9 for bright."""

from __future__ import annotations

from importlib.resources import files

__version__ = "1.0.0"


def names() -> list[str]:
    """Every texture there is, sorted."""
    found = (entry.name for entry in (files(__package__) / "textures").iterdir())
    return sorted(name[:-4] for name in found if name.endswith(".txt"))


def load(name: str) -> list[list[int]]:
    """The rows of a texture. Raises ValueError when there is none of that name."""
    if name not in names():
        raise ValueError(f"There is no texture {name}")
    text = (files(__package__) / "textures" / f"{name}.txt").read_text("utf-8")
    return [[int(digit) for digit in line] for line in text.split()]
