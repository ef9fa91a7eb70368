"""Disturbs a picture with smooth noise."""

from __future__ import annotations

from comfy_demo.image import Image
from comfy_demo.progress import ProgressBar
from demo_noise import disturb, row


class DemoNoise:
    """A picture with hills and valleys of light added to it."""

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
            },
            "optional": {"scale": ("INT", {"default": 32, "min": 1, "max": 256})},
        }

    def add_noise(
        self, image: list[Image], seed: int, amount: int, scale: int = 32
    ) -> tuple[list[Image]]:
        progress = ProgressBar(len(image))
        result = []
        for one in image:
            levels = b"".join(row(y, one.width, scale, seed) for y in range(one.height))
            result.append(Image(one.width, one.height, disturb(one.pixels, levels, amount)))
            progress.update()
        return (result,)


NODE_CLASS_MAPPINGS = {"DemoNoise": DemoNoise}
NODE_DISPLAY_NAME_MAPPINGS = {"DemoNoise": "Add Noise"}
