"""The node that shows a palette."""

from __future__ import annotations

from comfy_demo.image import Image
from comfy_demo.palette import Palette


class DemoPaletteSwatch:
    """The 256 colors of a palette, side by side."""

    CATEGORY = "demo/generate"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "show"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {
            "required": {
                "palette": ("PALETTE",),
                "height": ("INT", {"default": 64, "min": 1, "max": 1024}),
            }
        }

    def show(self, palette: Palette, height: int) -> tuple[list[Image]]:
        return ([Image(256, height, b"".join(palette.colors) * height)],)
