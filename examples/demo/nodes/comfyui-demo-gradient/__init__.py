"""Gradients in three shapes."""

from __future__ import annotations

from math import isqrt

from comfy_demo.image import Image
from comfy_demo.progress import ProgressBar
from demo_colors import parse, ramp

SHAPES = ("linear", "diagonal", "radial")


class DemoGradient:
    """A gradient from one color to another."""

    CATEGORY = "demo/generate"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "generate"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {
            "required": {
                "width": ("INT", {"default": 256, "min": 2, "max": 2048}),
                "height": ("INT", {"default": 256, "min": 2, "max": 2048}),
                "first": ("STRING", {"default": "#000000"}),
                "last": ("STRING", {"default": "#ffffff"}),
            },
            "optional": {"shape": (SHAPES,)},
        }

    def generate(
        self, width: int, height: int, first: str, last: str, shape: str = "linear"
    ) -> tuple[list[Image]]:
        colors = ramp(parse(first), parse(last))
        progress = ProgressBar(height)
        rows = []
        for y in range(height):
            rows.extend(colors[place(shape, x, y, width, height)] for x in range(width))
            progress.update()
        return ([Image(width, height, b"".join(rows))],)


def place(shape: str, x: int, y: int, width: int, height: int) -> int:
    """How far along the gradient a pixel is, from 0 to 255."""
    if shape == "diagonal":
        return 255 * (x + y) // (width + height - 2)
    if shape == "radial":
        across, down = 2 * x - width + 1, 2 * y - height + 1
        return 255 - min(255, 255 * isqrt(across**2 + down**2) // min(width, height))
    return 255 * x // (width - 1)


NODE_CLASS_MAPPINGS = {"DemoGradient": DemoGradient}
NODE_DISPLAY_NAME_MAPPINGS = {"DemoGradient": "Gradient"}
