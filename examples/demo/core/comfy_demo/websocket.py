"""The server's side of WebSocket (RFC 6455): text messages out, pings answered."""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import struct
import threading
from typing import Any, BinaryIO

ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MESSAGE_LIMIT = 1 << 20
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def accept_key(key: str) -> str:
    """What the server answers to a client's `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1(key.encode() + ACCEPT_SUFFIX).digest()).decode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole message from the server. Servers do not mask."""
    size = len(payload)
    if size < 126:
        return struct.pack(">BB", 0x80 | opcode, size) + payload
    if size < 1 << 16:
        return struct.pack(">BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack(">BBQ", 0x80 | opcode, 127, size) + payload


def read_frame(stream: BinaryIO) -> tuple[int, bytes]:
    """The next frame. Raises EOFError at the end, ValueError on what no client may send."""
    first, second = _exactly(stream, 2)
    size = second & 127
    if size == 126:
        (size,) = struct.unpack(">H", _exactly(stream, 2))
    elif size == 127:
        (size,) = struct.unpack(">Q", _exactly(stream, 8))
    if not second & 128 or size > MESSAGE_LIMIT:
        raise ValueError("a client must mask its messages and keep them short")
    mask = _exactly(stream, 4)
    payload = _exactly(stream, size)
    return first & 15, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


class Client:
    """One open connection. It has a thread that writes, so that nobody waits for a slow reader."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def send(self, message: str, data: Any) -> None:
        self._outgoing.put(frame(TEXT, json.dumps({"type": message, "data": data}).encode()))

    def serve(self) -> None:
        """Reads until the client goes away, while the other thread writes."""
        writing = threading.Thread(target=self._write, daemon=True)
        writing.start()
        try:
            while True:
                opcode, payload = read_frame(self._reader)
                if opcode == PING:
                    self._outgoing.put(frame(PONG, payload))
                elif opcode == CLOSE:
                    self._outgoing.put(frame(CLOSE, payload[:2]))
                    return
        except (EOFError, OSError, ValueError):
            return
        finally:
            self._outgoing.put(None)
            # The goodbye goes out before the connection is closed.
            writing.join(timeout=1)

    def _write(self) -> None:
        try:
            while data := self._outgoing.get():
                self._writer.write(data)
        except OSError:
            # The reading thread notices the same, and ends the connection.
            return


class Clients:
    """Everybody who listens, by client id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}

    def add(self, client_id: str, client: Client) -> None:
        with self._lock:
            self._clients[client_id] = client

    def remove(self, client_id: str, client: Client) -> None:
        """Forgets this connection, unless the same client has opened another since."""
        with self._lock:
            if self._clients.get(client_id) is client:
                del self._clients[client_id]

    def send(self, message: str, data: dict, client_id: str | None = None) -> None:
        """Sends to one client, or to all."""
        with self._lock:
            chosen = [
                client for name, client in self._clients.items() if client_id in (None, name)
            ]
        for client in chosen:
            client.send(message, data)
