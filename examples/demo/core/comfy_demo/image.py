"""The pictures that travel along the wires of a graph."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Image:
    """An RGB picture: `pixels` holds three bytes a pixel, row by row.

    A value of type IMAGE is a list of these.
    """

    width: int
    height: int
    pixels: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.pixels) != self.width * self.height * 3:
            raise ValueError(
                f"{len(self.pixels)} bytes are no picture of {self.width} x {self.height}"
            )

    @classmethod
    def filled(cls, width: int, height: int, color: tuple[int, int, int]) -> Image:
        """A picture in one color."""
        return cls(width, height, bytes(color) * (width * height))

    def luminance(self) -> bytes:
        """One byte a pixel: how bright it is."""
        red, green, blue = self.pixels[0::3], self.pixels[1::3], self.pixels[2::3]
        return bytes((54 * r + 183 * g + 19 * b) >> 8 for r, g, b in zip(red, green, blue))
