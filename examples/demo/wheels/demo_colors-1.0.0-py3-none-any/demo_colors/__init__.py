"""Colors as three bytes: red, green, blue."""

from __future__ import annotations

__version__ = "1.0.0"


def parse(text: str) -> bytes:
    """The color that `#rrggbb` writes."""
    digits = text.strip().lstrip("#")
    if len(digits) != 6:
        raise ValueError(f"{text!r} is no color: write it as #rrggbb")
    return bytes.fromhex(digits)


def clamp(value: int) -> int:
    """The nearest number that fits into a byte."""
    return max(0, min(255, value))


def mix(first: bytes, last: bytes, step: int, steps: int) -> bytes:
    """The color `step` of `steps` on the way from the first to the last."""
    return bytes(a + (b - a) * step // steps for a, b in zip(first, last))


def ramp(first: bytes, last: bytes) -> list[bytes]:
    """256 colors from the first to the last."""
    return [mix(first, last, step, 255) for step in range(256)]


def shift(amount: int) -> bytes:
    """A table for `bytes.translate` that makes every channel brighter by `amount`."""
    return bytes(clamp(value + amount) for value in range(256))
