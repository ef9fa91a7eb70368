"""Palettes: the model files of this server."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from .safetensors import read_tensors


@dataclass(frozen=True)
class Palette:
    """256 colors from dark to bright, and random bytes that hide the steps between them."""

    colors: tuple[bytes, ...] = field(repr=False)
    grain: bytes = field(repr=False)
    grain_width: int

    def grain_row(self, y: int, width: int) -> bytes:
        """One random byte for each pixel of row `y`; the field repeats where it is too small."""
        rows = len(self.grain) // self.grain_width
        start = y % rows * self.grain_width
        row = self.grain[start : start + self.grain_width]
        return (row * (width // self.grain_width + 1))[:width]


def read_palette(path: os.PathLike) -> Palette:
    """A palette from its model file. Raises ValueError when the file holds something else."""
    tensors = read_tensors(path)
    colors, grain = tensors.get("colors"), tensors.get("grain")
    if not colors or not grain or (colors.dtype, colors.shape) != ("U8", (256, 3)):
        raise ValueError(f"{path} is not a palette")
    return Palette(
        tuple(colors.data[i : i + 3] for i in range(0, 768, 3)), grain.data, grain.shape[1]
    )
