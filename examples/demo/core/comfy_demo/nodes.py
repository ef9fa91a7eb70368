"""The built-in nodes, and the table of every node class that prompts may name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from . import folder_paths, png
from .image import Image
from .palette import Palette, read_palette


class EmptyImage:
    """Pictures in one color."""

    CATEGORY = "image"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "generate"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {
            "required": {
                "width": ("INT", {"default": 256, "min": 1, "max": 4096}),
                "height": ("INT", {"default": 256, "min": 1, "max": 4096}),
                "batch_size": ("INT", {"default": 1, "min": 1, "max": 64}),
                "color": ("INT", {"default": 0, "min": 0, "max": 0xFFFFFF, "display": "color"}),
            }
        }

    def generate(
        self, width: int, height: int, batch_size: int = 1, color: int = 0
    ) -> tuple[list[Image]]:
        channels = (color >> 16 & 255, color >> 8 & 255, color & 255)
        return ([Image.filled(width, height, channels)] * batch_size,)


class ImageInvert:
    """The negative of a picture."""

    CATEGORY = "image"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "invert"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {"required": {"image": ("IMAGE",)}}

    def invert(self, image: list[Image]) -> tuple[list[Image]]:
        negative = bytes(range(255, -1, -1))
        return ([Image(one.width, one.height, one.pixels.translate(negative)) for one in image],)


class LoadImage:
    """A PNG file from the input directory."""

    CATEGORY = "image"
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "load_image"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        directory = folder_paths.get_input_directory()
        names = sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*.png"))
        return {"required": {"image": (names, {"image_upload": True})}}

    def load_image(self, image: str) -> tuple[list[Image]]:
        path = folder_paths.get_input_directory() / image
        return ([png.decode(path.read_bytes())],)


class PaletteLoader:
    """A palette from `models/palettes`."""

    CATEGORY = "loaders"
    RETURN_TYPES = ("PALETTE",)
    FUNCTION = "load_palette"

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {"required": {"palette_name": (folder_paths.get_filename_list("palettes"),)}}

    def load_palette(self, palette_name: str) -> tuple[Palette]:
        path = folder_paths.get_full_path("palettes", palette_name)
        if not path:
            raise FileNotFoundError(f"There is no palette {palette_name}")
        return (read_palette(path),)


class SaveImage:
    """Writes pictures to the output directory, each with the prompt that made it."""

    CATEGORY = "image"
    RETURN_TYPES = ()
    FUNCTION = "save_images"
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        return {
            "required": {
                "images": ("IMAGE",),
                "filename_prefix": ("STRING", {"default": "ComfyUI"}),
            },
            "hidden": {"prompt": "PROMPT"},
        }

    def save_images(
        self, images: list[Image], filename_prefix: str = "ComfyUI", prompt: Any = None
    ) -> dict:
        directory = folder_paths.get_output_directory()
        target = folder_paths.inside(directory, filename_prefix)
        if not target or target == directory:
            raise ValueError(f"{filename_prefix!r} is no name for a file in the output directory")
        target.parent.mkdir(parents=True, exist_ok=True)
        subfolder = "" if target.parent == directory else str(target.parent.relative_to(directory))
        saved = []
        for number, image in enumerate(images, start=_next_number(target)):
            path = target.with_name(f"{target.name}_{number:05}_.png")
            path.write_bytes(png.encode(image, {"prompt": json.dumps(prompt)}))
            saved.append({"filename": path.name, "subfolder": subfolder, "type": "output"})
        return {"ui": {"images": saved}}


def _next_number(target: Path) -> int:
    """One more than the highest number that files of this name have."""
    pattern = re.compile(re.escape(target.name) + r"_(\d+)_\.png")
    matches = (pattern.fullmatch(path.name) for path in target.parent.iterdir())
    return 1 + max((int(match[1]) for match in matches if match), default=0)


NODE_CLASS_MAPPINGS: dict[str, type] = {}
NODE_DISPLAY_NAME_MAPPINGS: dict[str, str] = {}
_modules: dict[str, str] = {}


def register(module: str, classes: dict[str, type], display_names: dict[str, str]) -> None:
    """Adds the node classes of one module. A name that is taken already stays what it was."""
    for name, node_class in classes.items():
        if name not in NODE_CLASS_MAPPINGS:
            NODE_CLASS_MAPPINGS[name] = node_class
            NODE_DISPLAY_NAME_MAPPINGS[name] = display_names.get(name, name)
            _modules[name] = module


def describe(name: str) -> dict:
    """One node class as `/object_info` tells it."""
    node_class: Any = NODE_CLASS_MAPPINGS[name]
    inputs = node_class.INPUT_TYPES()
    returns = [kind if isinstance(kind, str) else list(kind) for kind in node_class.RETURN_TYPES]
    return {
        "input": inputs,
        "input_order": {group: list(fields) for group, fields in inputs.items()},
        "output": returns,
        "output_is_list": [False] * len(returns),
        "output_name": list(getattr(node_class, "RETURN_NAMES", returns)),
        "name": name,
        "display_name": NODE_DISPLAY_NAME_MAPPINGS[name],
        "description": getattr(node_class, "DESCRIPTION", node_class.__doc__ or ""),
        "python_module": _modules[name],
        "category": getattr(node_class, "CATEGORY", ""),
        "output_node": getattr(node_class, "OUTPUT_NODE", False),
    }


register(
    "nodes",
    {
        "EmptyImage": EmptyImage,
        "ImageInvert": ImageInvert,
        "LoadImage": LoadImage,
        "PaletteLoader": PaletteLoader,
        "SaveImage": SaveImage,
    },
    {
        "EmptyImage": "Empty Image",
        "ImageInvert": "Invert Image",
        "LoadImage": "Load Image",
        "PaletteLoader": "Load Palette",
        "SaveImage": "Save Image",
    },
)
