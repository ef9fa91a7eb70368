"""Gradients from left to right."""

from __future__ import annotations

from comfy_demo.image import Image
from demo_colors import parse, ramp


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
            }
        }

    def generate(self, width: int, height: int, first: str, last: str) -> tuple[list[Image]]:
        colors = ramp(parse(first), parse(last))
        row = b"".join(colors[255 * x // (width - 1)] for x in range(width))
        return ([Image(width, height, row * height)],)


NODE_CLASS_MAPPINGS = {"DemoGradient": DemoGradient}
NODE_DISPLAY_NAME_MAPPINGS = {"DemoGradient": "Gradient"}
