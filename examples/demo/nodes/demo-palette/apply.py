"""The node that paints a picture with a palette."""

from __future__ import annotations

from comfy_demo.image import Image
from comfy_demo.palette import Palette
from comfy_demo.progress import ProgressBar
from demo_textures import load, names


class DemoApplyPalette:
    """Replaces how bright each pixel is by the color that the palette has for it."""

    CATEGORY = "demo/change"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "apply"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {
            "required": {"image": ("IMAGE",), "palette": ("PALETTE",)},
            "optional": {
                "texture": (["none", *names()],),
                "dither": ("INT", {"default": 8, "min": 0, "max": 64}),
            },
        }

    def apply(
        self, image: list[Image], palette: Palette, texture: str = "none", dither: int = 8
    ) -> tuple[list[Image]]:
        relief = [[0]] if texture == "none" else raise_up(load(texture))
        progress = ProgressBar(len(image))
        painted = []
        for one in image:
            painted.append(paint(one, palette, relief, dither))
            progress.update()
        return (painted,)


def raise_up(texture: list[list[int]]) -> list[list[int]]:
    """A texture's digits as what they add to the brightness."""
    return [[2 * digit - 9 for digit in row] for row in texture]


def paint(image: Image, palette: Palette, relief: list[list[int]], dither: int) -> Image:
    """One picture, painted."""
    levels = image.luminance()
    pixels = []
    for y in range(image.height):
        bumps = relief[y % len(relief)]
        grain = palette.grain_row(y, image.width)
        row = levels[y * image.width : (y + 1) * image.width]
        for x, level in enumerate(row):
            place = level + bumps[x % len(bumps)] + (grain[x] - 128) * dither // 256
            pixels.append(palette.colors[max(0, min(255, place))])
    return Image(image.width, image.height, b"".join(pixels))
