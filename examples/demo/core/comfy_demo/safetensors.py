"""Reads safetensors files: the length of a JSON header, the header, the tensors' bytes."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass

HEADER_LIMIT = 1 << 20


@dataclass(frozen=True)
class Tensor:
    """One tensor as it lies in the file: element type (`U8`), shape and raw bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def read_tensors(path: os.PathLike) -> dict[str, Tensor]:
    """Every tensor of a file by name. Raises ValueError when the file is damaged."""
    with open(path, "rb") as file:
        prefix = file.read(8)
        size = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
        if not 2 <= size <= HEADER_LIMIT:
            raise ValueError(f"{path} is not a safetensors file")
        header = json.loads(file.read(size))
        body = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        if not 0 <= start <= end <= len(body):
            raise ValueError(f"{path} ends before its tensor {name} does")
        tensors[name] = Tensor(entry["dtype"], tuple(entry["shape"]), body[start:end])
    return tensors
