"""The HTTP server: the standard library's, with a thread for every connection."""

from __future__ import annotations

import json
import socket
import sys
import traceback
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from . import __version__, websocket
from .api import ROUTES, File, Refused, Request, refusal
from .prompt_queue import PromptQueue
from .validation import problem

BODY_LIMIT = 100 << 20


class Server(ThreadingHTTPServer):
    """Holds what requests share: the queue, and the clients that listen."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], queue: PromptQueue) -> None:
        self.queue = queue
        self.clients = websocket.Clients()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the server."""
        host, port = self.server_address[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def server_bind(self) -> None:
        # HTTPServer would ask DNS for its own name here, and wait seconds where nobody answers.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address) -> None:
        # People close tabs: a connection that breaks is no news.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def as_file(document: dict) -> File:
    """A document as the bytes that are sent."""
    return File("application/json; charset=utf-8", json.dumps(document).encode())


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, finds what they ask for, writes the answers."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = f"comfy-demo/{__version__}"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if urlsplit(self.path).path in ("/ws", "/api/ws"):
            self._serve_websocket()
        else:
            self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *arguments) -> None:
        """Says nothing: what matters is printed by the executor."""

    def _answer(self) -> None:
        try:
            status, answer = 200, self._result()
        except Refused as refused:
            status, answer = refused.status, refused.document
        except Exception as error:
            traceback.print_exc()
            status, answer = 500, {"error": problem("bug", str(error)), "node_errors": {}}
        if not isinstance(answer, File):
            answer = as_file(answer)
        self._write(status, answer)

    def _result(self) -> dict | File:
        body = self._body()
        self._check_origin()
        url = urlsplit(self.path)
        path = url.path[4:] if url.path.startswith("/api/") else url.path
        route, name = ROUTES.get((self.command, path)), ""
        if not route:
            parent, _, name = path.rpartition("/")
            route = ROUTES.get((self.command, f"{parent}/*"))
        if not route:
            raise refusal(404, "not_found", f"There is no {self.command} {path}")
        query = dict(parse_qsl(url.query))
        content_type = self.headers.get("Content-Type", "")
        return route(Request(self.server.queue, unquote(name), query, content_type, body))

    def _body(self) -> bytes:
        """The whole body, so that the next request of this connection starts where it should."""
        length = self.headers.get("Content-Length", "0")
        known = length.isdecimal() and "Transfer-Encoding" not in self.headers
        if not known or int(length) > BODY_LIMIT:
            self.close_connection = True
            raise refusal(413, "body", "Send at most 100 MB, and say how much with Content-Length")
        return self.rfile.read(int(length))

    def _check_origin(self) -> None:
        """Refuses requests that a page from elsewhere makes the browser of this machine send."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        local = urlsplit(f"//{host}").hostname in ("127.0.0.1", "::1", "localhost")
        if local and origin and urlsplit(origin).netloc != host:
            raise refusal(403, "origin", f"{origin} may not use this server")

    def _write(self, status: int, answer: File) -> None:
        self.send_response(status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.data)

    def _serve_websocket(self) -> None:
        self.close_connection = True
        try:
            self._check_origin()
            key = self.headers.get("Sec-WebSocket-Key")
            if not key:
                raise refusal(426, "websocket", "Expected a WebSocket handshake")
        except Refused as refused:
            self._write(refused.status, as_file(refused.document))
            return
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", websocket.accept_key(key))
        self.end_headers()
        self._follow(websocket.Client(self.rfile, self.wfile))

    def _follow(self, client: websocket.Client) -> None:
        """Keeps a client among the listeners for as long as it stays."""
        client_id = dict(parse_qsl(urlsplit(self.path).query)).get("clientId") or uuid.uuid4().hex
        client.send("status", {**self.server.queue.status(), "sid": client_id})
        self.server.clients.add(client_id, client)
        try:
            client.serve()
        finally:
            self.server.clients.remove(client_id, client)
