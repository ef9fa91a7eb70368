"""Paints with the colors of a palette."""

from __future__ import annotations

from .apply import DemoApplyPalette
from .swatch import DemoPaletteSwatch

NODE_CLASS_MAPPINGS = {
    "DemoApplyPalette": DemoApplyPalette,
    "DemoPaletteSwatch": DemoPaletteSwatch,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "DemoApplyPalette": "Apply Palette",
    "DemoPaletteSwatch": "Palette Swatch",
}
