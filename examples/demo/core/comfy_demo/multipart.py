"""Reads the form that `/upload/image` takes."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser


@dataclass(frozen=True)
class Field:
    """One field of a form. `filename` is empty where it is no file."""

    filename: str
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode("utf-8")


def parse_form(content_type: str, body: bytes) -> dict[str, Field]:
    """The fields of a multipart/form-data body by name. Raises ValueError when it is none."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        raise ValueError("expected multipart/form-data")
    fields = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        disposition = HeaderParser().parsestr(head.decode("utf-8").lstrip())
        name = disposition.get_param("name", header="content-disposition")
        fields[str(name)] = Field(disposition.get_filename() or "", data)
    return fields
