"""Disturbs a picture with noise, each pixel by itself."""

from __future__ import annotations

from comfy_demo.image import Image
from demo_noise import disturb, row


class DemoNoise:
    """A picture with random light added to every pixel."""

    CATEGORY = "demo/change"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "add_noise"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {
            "required": {
                "image": ("IMAGE",),
                "seed": ("INT", {"default": 1, "min": 0, "max": 2**32 - 1}),
                "amount": ("INT", {"default": 48, "min": 0, "max": 128}),
            }
        }

    def add_noise(self, image: list[Image], seed: int, amount: int) -> tuple[list[Image]]:
        result = []
        for one in image:
            levels = b"".join(row(y, one.width, 1, seed) for y in range(one.height))
            result.append(Image(one.width, one.height, disturb(one.pixels, levels, amount)))
        return (result,)


NODE_CLASS_MAPPINGS = {"DemoNoise": DemoNoise}
NODE_DISPLAY_NAME_MAPPINGS = {"DemoNoise": "Add Noise"}
