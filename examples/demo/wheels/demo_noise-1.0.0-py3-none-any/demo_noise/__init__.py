"""Noise that is the same on every machine: whole numbers only, from a seed."""

from __future__ import annotations

from demo_colors import shift

__version__ = "1.0.0"

MASK = 0xFFFFFFFF


def random_byte(x: int, y: int, seed: int) -> int:
    """A byte that looks random, and is always the same for the same place and seed."""
    value = (x * 0x9E3779B1 ^ y * 0x85EBCA77 ^ seed * 0xC2B2AE3D) & MASK
    value = (value ^ value >> 15) * 0x2C1B3C6D & MASK
    value = (value ^ value >> 12) * 0x297A2D39 & MASK
    return (value ^ value >> 15) & 255


def row(y: int, width: int, scale: int, seed: int) -> bytes:
    """Row `y` of a field of hills that are `scale` pixels apart: one byte a pixel."""
    cell_y, inner_y = divmod(y, scale)
    cells = range(width // scale + 2)
    above = [random_byte(cell, cell_y, seed) for cell in cells]
    below = [random_byte(cell, cell_y + 1, seed) for cell in cells]
    heights = [_between(a, b, inner_y, scale) for a, b in zip(above, below)]
    return bytes(
        _between(heights[x // scale], heights[x // scale + 1], x % scale, scale)
        for x in range(width)
    )


def disturb(pixels: bytes, levels: bytes, amount: int) -> bytes:
    """Makes each RGB pixel darker or brighter by its level, at most by `amount`."""
    tables = [shift((level - 128) * amount // 128) for level in range(256)]
    return b"".join(
        pixels[3 * index : 3 * index + 3].translate(tables[level])
        for index, level in enumerate(levels)
    )


def _between(first: int, last: int, step: int, steps: int) -> int:
    """From the first to the last, slowly at both ends."""
    smooth = step * step * (3 * steps - 2 * step)
    return first + (last - first) * smooth // steps**3
