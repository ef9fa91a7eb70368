"""Reads what a PNG file says about itself, without looking at its pixels."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

__version__ = "1.0.0"

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class About:
    """Width and height in pixels, and the texts that the file carries."""

    width: int
    height: int
    texts: dict[str, str]


def read(path: str | os.PathLike[str]) -> About:
    """What a file says about itself. Raises ValueError when it is no PNG file."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(SIGNATURE) or len(data) < 24:
        raise ValueError(f"{path} is not a PNG file")
    width, height = struct.unpack_from(">II", data, 16)
    return About(width, height, _texts(data))


def _texts(data: bytes) -> dict[str, str]:
    texts = {}
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"tEXt":
            key, _, text = data[at + 8 : at + 8 + size].partition(b"\0")
            texts[key.decode("latin-1")] = text.decode("latin-1")
        at += size + 12
    return texts
