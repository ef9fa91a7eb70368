"""What the API does: every function takes a request and answers a document or a file."""

from __future__ import annotations

import json
import mimetypes
import os
import sys
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import __version__, folder_paths, nodes, progress
from .multipart import parse_form
from .prompt_queue import PromptQueue
from .validation import problem, validate


@dataclass(frozen=True)
class Request:
    """A request. `name` is the last part of a path such as `/history/{id}`."""

    queue: PromptQueue
    name: str = ""
    query: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    body: bytes = b""

    def json(self) -> dict:
        """The body as a JSON object."""
        try:
            document = json.loads(self.body or b"{}")
        except ValueError as error:
            raise refusal(400, "invalid_json", "The body is not JSON", str(error)) from None
        if not isinstance(document, dict):
            raise refusal(400, "invalid_json", "Expected a JSON object")
        return document


@dataclass(frozen=True)
class File:
    """An answer that is not JSON."""

    content_type: str
    data: bytes


class Refused(Exception):
    """An answer other than 200, with ComfyUI's two fields."""

    def __init__(self, status: int, error: dict, node_errors: dict | None = None) -> None:
        super().__init__(error["message"])
        self.status = status
        self.document = {"error": error, "node_errors": node_errors or {}}


def refusal(status: int, kind: str, message: str, details: str = "") -> Refused:
    """What to raise when no node is to blame."""
    return Refused(status, problem(kind, message, details))


def get_page(request: Request) -> File:
    page = Path(__file__).parent / "web" / "index.html"
    return File("text/html; charset=utf-8", page.read_bytes())


def get_system_stats(request: Request) -> dict:
    system = {
        "os": sys.platform,
        "ram_total": _memory("SC_PHYS_PAGES"),
        "ram_free": _memory("SC_AVPHYS_PAGES"),
        "comfyui_version": __version__,
        "python_version": sys.version,
        "pytorch_version": None,
        "embedded_python": False,
        "argv": sys.argv,
    }
    device = {
        "name": "cpu",
        "type": "cpu",
        "index": None,
        "vram_total": system["ram_total"],
        "vram_free": system["ram_free"],
    }
    return {"system": system, "devices": [device]}


def get_object_info(request: Request) -> dict:
    """Every node class, or one. A class that cannot say what it takes is left out."""
    names = [request.name] if request.name else sorted(nodes.NODE_CLASS_MAPPINGS)
    infos = {}
    for name in names:
        try:
            infos[name] = nodes.describe(name)
        except Exception:
            if name in nodes.NODE_CLASS_MAPPINGS:
                traceback.print_exc()
    return infos


def get_prompt(request: Request) -> dict:
    return {"exec_info": {"queue_remaining": request.queue.remaining()}}


def post_prompt(request: Request) -> dict:
    """Checks a prompt and queues it."""
    body = request.json()
    verdict = validate(body.get("prompt"), nodes.NODE_CLASS_MAPPINGS)
    if verdict.error:
        raise Refused(400, verdict.error, verdict.node_errors)
    extra_data = dict(body.get("extra_data") or {})
    if "client_id" in body:
        extra_data["client_id"] = body["client_id"]
    prompt_id = str(body.get("prompt_id") or uuid.uuid4())
    number = request.queue.put(
        prompt_id, body["prompt"], extra_data, verdict.outputs, bool(body.get("front"))
    )
    return {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}


def post_interrupt(request: Request) -> dict:
    """Stops the running prompt, or only the one named."""
    wanted = request.json().get("prompt_id")
    running = request.queue.running_id()
    if running and wanted in (None, running):
        progress.interrupt()
    return {}


def get_queue(request: Request) -> dict:
    return request.queue.state()


def post_queue(request: Request) -> dict:
    """Takes waiting prompts back: `{"clear": true}` or `{"delete": [ids]}`."""
    body = request.json()
    request.queue.remove(None if body.get("clear") else set(body.get("delete", [])))
    return {}


def get_history(request: Request) -> dict:
    count = request.query.get("max_items", "")
    return request.queue.history(request.name or None, int(count) if count.isdecimal() else None)


def post_history(request: Request) -> dict:
    """Deletes records: `{"clear": true}` or `{"delete": [ids]}`."""
    body = request.json()
    request.queue.forget(None if body.get("clear") else set(body.get("delete", [])))
    return {}


def get_view(request: Request) -> File:
    """One picture from the output, input or temp directory."""
    name, subfolder = request.query.get("filename", ""), request.query.get("subfolder", "")
    path = _file(request.query.get("type", "output"), subfolder, name)
    if not path.is_file():
        raise refusal(404, "not_found", "There is no such picture", name)
    return File(mimetypes.guess_type(name)[0] or "application/octet-stream", path.read_bytes())


def post_upload_image(request: Request) -> dict:
    """Keeps a picture in the input directory, under a new name where its own is taken."""
    try:
        form = parse_form(request.content_type, request.body)
        image = form["image"]
    except (KeyError, ValueError) as error:
        message = "Expected a form with an image"
        raise refusal(400, "no_image", message, str(error)) from None
    texts = {name: entry.text for name, entry in form.items() if not entry.filename}
    kind, subfolder = texts.get("type", "input"), texts.get("subfolder", "")
    path = _file(kind, subfolder, image.filename)
    path.parent.mkdir(parents=True, exist_ok=True)
    if texts.get("overwrite") not in ("true", "1"):
        path = _free_name(path)
    path.write_bytes(image.data)
    return {"name": path.name, "subfolder": subfolder, "type": kind}


def _memory(pages: str) -> int:
    """Bytes of memory; 0 where the system does not say."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf(pages) if pages in os.sysconf_names else 0


def _file(kind: str, subfolder: str, name: str) -> Path:
    """Where a picture is. Refuses whatever is outside its directory."""
    directory = folder_paths.get_directory_by_type(kind)
    path = directory and folder_paths.inside(directory, os.path.join(subfolder, name))
    if not path or not name or path.name != name:
        raise refusal(400, "invalid_name", "There can be no picture of that name", name)
    return path


def _free_name(path: Path) -> Path:
    candidate, number = path, 1
    while candidate.exists():
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate


ROUTES: dict[tuple[str, str], Callable[[Request], dict | File]] = {
    ("GET", "/"): get_page,
    ("GET", "/system_stats"): get_system_stats,
    ("GET", "/object_info"): get_object_info,
    ("GET", "/object_info/*"): get_object_info,
    ("GET", "/prompt"): get_prompt,
    ("POST", "/prompt"): post_prompt,
    ("POST", "/interrupt"): post_interrupt,
    ("GET", "/queue"): get_queue,
    ("POST", "/queue"): post_queue,
    ("GET", "/history"): get_history,
    ("GET", "/history/*"): get_history,
    ("POST", "/history"): post_history,
    ("GET", "/view"): get_view,
    ("POST", "/upload/image"): post_upload_image,
}
