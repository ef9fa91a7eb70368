"""Paints with the colors of a palette."""

from __future__ import annotations

from .palette import DemoApplyPalette

NODE_CLASS_MAPPINGS = {"DemoApplyPalette": DemoApplyPalette}
NODE_DISPLAY_NAME_MAPPINGS = {"DemoApplyPalette": "Apply Palette"}
