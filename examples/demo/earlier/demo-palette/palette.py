"""The node that paints a picture with a palette."""

from __future__ import annotations

from comfy_demo.image import Image
from comfy_demo.palette import Palette


class DemoApplyPalette:
    """Replaces how bright each pixel is by the color that the palette has for it."""

    CATEGORY = "demo/change"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "apply"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {"required": {"image": ("IMAGE",), "palette": ("PALETTE",)}}

    def apply(self, image: list[Image], palette: Palette) -> tuple[list[Image]]:
        painted = []
        for one in image:
            pixels = b"".join(palette.colors[level] for level in one.luminance())
            painted.append(Image(one.width, one.height, pixels))
        return (painted,)
