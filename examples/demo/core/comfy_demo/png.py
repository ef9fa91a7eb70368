"""Reads and writes PNG files with eight bits a channel."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping

from .image import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Samples a pixel, by color type: gray, RGB, palette, gray and alpha, RGB and alpha.
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def encode(image: Image, texts: Mapping[str, str]) -> bytes:
    """A PNG file that carries `texts` beside the picture."""
    stride = image.width * 3
    rows = (image.pixels[start : start + stride] for start in range(0, len(image.pixels), stride))
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            SIGNATURE,
            _chunk(b"IHDR", header),
            *(
                _chunk(b"tEXt", key.encode("latin-1") + b"\0" + text.encode("ascii"))
                for key, text in texts.items()
            ),
            _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 6)),
            _chunk(b"IEND", b""),
        ]
    )


def decode(data: bytes) -> Image:
    """The picture in a PNG file, without alpha. Raises ValueError on what it cannot read."""
    if not data.startswith(SIGNATURE):
        raise ValueError("this is not a PNG file")
    chunks: dict[bytes, bytes] = {}
    for kind, body in _chunks(data):
        chunks[kind] = chunks.get(kind, b"") + body
    width, height, depth, color_type, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or interlaced or color_type not in CHANNELS:
        raise ValueError(
            "only PNG files with eight bits a channel that are not interlaced can be read"
        )
    samples = _unfilter(zlib.decompress(chunks[b"IDAT"]), width, height, CHANNELS[color_type])
    return Image(width, height, _to_rgb(samples, color_type, chunks.get(b"PLTE", b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += size + 12


def _unfilter(data: bytes, width: int, height: int, channels: int) -> bytes:
    """Undoes the filter that each row names in its first byte."""
    stride = width * channels
    if len(data) < height * (stride + 1):
        raise ValueError("the PNG file ends too early")
    above = bytes(stride)
    result = bytearray()
    for y in range(height):
        start = y * (stride + 1)
        row = bytearray(data[start + 1 : start + 1 + stride])
        _unfilter_row(data[start], row, above, channels)
        result += row
        above = row
    return bytes(result)


def _unfilter_row(method: int, row: bytearray, above: bytes, channels: int) -> None:
    if method == 0:
        return
    for x, value in enumerate(row):
        left = row[x - channels] if x >= channels else 0
        up = above[x]
        corner = above[x - channels] if x >= channels else 0
        if method == 1:
            guess = left
        elif method == 2:
            guess = up
        elif method == 3:
            guess = (left + up) // 2
        else:
            guess = min((left, up, corner), key=lambda near: abs(left + up - corner - near))
        row[x] = (value + guess) & 255


def _to_rgb(samples: bytes, color_type: int, palette: bytes) -> bytes:
    if color_type == 2:
        return samples
    if color_type == 3:
        return b"".join(palette[3 * index : 3 * index + 3] for index in samples)
    channels = CHANNELS[color_type]
    planes = [0, 1, 2] if color_type == 6 else [0, 0, 0]
    rgb = bytearray(len(samples) // channels * 3)
    for target, source in enumerate(planes):
        rgb[target::3] = samples[source::channels]
    return bytes(rgb)
