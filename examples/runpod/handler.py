"""A serverless worker: each job is a workflow, run on one ComfyUI that stays warm from job to job.

    {"input": {"workflow": {...} or "name", "images": [{"name": "photo.png", "image": "<base64, data: or https: URL>"}]}}

The answer is {"outputs": [{"node", "name", "type", "size", "data" or "url", ...}]}, or {"error": "..."}. README.md has the
variables that it reads.
"""

import atexit
import base64
import binascii
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

import runpod

PROJECT = Path(os.environ.get("PROJECT", "/project"))
WORKFLOWS = Path(os.environ.get("WORKFLOWS", PROJECT / "workflows"))
# The exit code of a pipeline that found another one at work on its target, and when to look again.
BUSY = 7
BUSY_SECONDS = 5


class Refused(Exception):
    """A job that asks for something that cannot be."""


class Died(Exception):
    """The pipeline has ended while a job was at work. The next job starts it anew."""


class Pipeline:
    """`pipeline run-handler --keep-warm`: takes a job a line, answers each with a line. Started when it is needed, and again when it has ended."""

    def __init__(self, command):
        self._command = command
        self._process = None
        self._lock = threading.Lock()

    def start(self):
        """Starts it where it does not run. It takes jobs right away, and does them when everything is realized."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._sent = 0
        self._told = Told()
        self._process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self._hearing = threading.Thread(target=self._told.hear, args=(self._process.stderr,), daemon=True)
        self._hearing.start()

    def run(self, job, on_progress):
        """Runs a job, {"workflow", "input_images"}, and answers what is said of it. Raises Died."""
        with self._lock:
            answer = self._ask(job, on_progress)
            while answer is None and self._process.returncode == BUSY:
                print("another worker makes the same target: waiting", file=sys.stderr, flush=True)
                time.sleep(BUSY_SECONDS)
                answer = self._ask(job, on_progress)
            # It was idle, and has ended before it had begun this one: nothing of it is done twice.
            if answer is None and self._sent > 1 and not self._told.has_begun:
                answer = self._ask(job, on_progress)
            if answer is None:
                raise Died("\n".join([f"pipeline ended with {self._process.returncode}", *self._told.last]))
            return answer

    def _ask(self, job, on_progress):
        self.start()
        self._sent += 1
        self._told.listen(f"line {self._sent}", on_progress)
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer.endswith("\n"):
            # What it has not read is lost with it.
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            self._process.wait()
            self._hearing.join()
        self._told.listen(None, None)
        return json.loads(answer) if answer.endswith("\n") else None

    def stop(self):
        """Ends it, and with it the server."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Told:
    """What the pipeline tells while it works: events, a line each. Some are said in the log; those of a job are its progress."""

    def __init__(self):
        self.last = deque(maxlen=20)
        self._lock = threading.Lock()
        self._wanted = (None, None)
        self._progress = None
        # Whether the run that was wanted last has begun.
        self.has_begun = False

    def listen(self, subject, on_progress):
        """From now on the progress of the run that is called so is wanted, and of no other."""
        with self._lock:
            self._wanted = (subject, on_progress)
            self._progress = None
            if subject is not None:
                self.has_begun = False

    def hear(self, stream):
        """Reads to the end of the stream."""
        for line in stream:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"type": "line", "text": line.rstrip("\n")}
            with self._lock:
                self._on_event(event)

    def _on_event(self, event):
        kind = event.get("type")
        if kind == "run.started":
            subject, on_progress = self._wanted
            if event["pipeline"] == "execute" and event["subject"] == subject:
                self.has_begun = True
                self._progress = Progress(event, on_progress)
        if self._progress is not None:
            self._progress.on_event(event)
        elif kind == "line" or (kind == "note" and event["level"] == "warning"):
            self._say(event["text"])
        elif kind == "step.finished" and event["outcome"] == "failed":
            self._say(f"{event['name']}: {json.dumps(event['failure'])}")
        elif kind == "run.finished":
            counts = ", ".join(f"{event[way]} {way}" for way in ("built", "cached", "failed") if event[way])
            self._say(f"{'done' if event['ok'] else 'failed'} in {event['ms'] / 1000:.1f} s: {counts}")
        if kind == "run.finished":
            self._progress = None

    def _say(self, text):
        self.last.append(text)
        print(text, file=sys.stderr, flush=True)


class Progress:
    """How far a run is: told when a node begins, and in between not more often than every `SECONDS`, for each is a request."""

    SECONDS = float(os.environ.get("PROGRESS_SECONDS", "1"))

    def __init__(self, started, tell):
        self._titles = {step["step"]: step["title"] for step in started["steps"]}
        self._tell = tell
        self._told = 0.0
        self._ended = 0

    def on_event(self, event):
        if event["type"] == "step.finished":
            self._ended += 1
        if event["type"] == "step.started":
            self._say(event, {})
        if event["type"] == "step.progress" and time.monotonic() - self._told >= self.SECONDS:
            self._say(event, {"done": event["done"], "total": event.get("total")})

    def _say(self, event, more):
        self._told = time.monotonic()
        try:
            self._tell({"step": self._titles[event["step"]], "steps_done": self._ended, "steps": len(self._titles), **more})
        except Exception as error:  # Whoever cannot be told of a job is told of its end.
            print(f"progress was not sent: {error}", file=sys.stderr, flush=True)


def workflow_of(given):
    """The workflow of a job's input: itself, or by the name of a file among ours. Numbers stay as they are written."""
    workflow = given.get("workflow")
    if isinstance(workflow, dict):
        return workflow
    if not isinstance(workflow, str):
        raise Refused("The input has no workflow: give one as ComfyUI exports it (API), or the name of one that is here")
    name = workflow.removesuffix(".json")
    path = WORKFLOWS / f"{name}.json"
    if not re.fullmatch(r"[\w-][\w. -]{0,99}", name) or not path.is_file():
        raise Refused(f"There is no workflow {workflow} here")
    return json.loads(path.read_text("utf-8"))


def images_of(given):
    """The pictures of a job's input, as names and URLs. A path is no source: what is on this machine is not the caller's."""
    images = given.get("images") or []
    if not isinstance(images, list) or not all(isinstance(image, dict) for image in images):
        raise Refused('images are a list: [{"name": "photo.png", "image": "<base64, or a URL>"}]')
    return {name_of(image): source_of(image) for image in images}


def name_of(image):
    name = image.get("name")
    if not isinstance(name, str) or not name:
        raise Refused("An image has no name: it is the one that the workflow has")
    return name


def source_of(image):
    source = image.get("image", image.get("url"))
    if not isinstance(source, str) or not source:
        raise Refused(f"Image {image['name']} is neither base64 nor a URL")
    if re.match(r"https?://|data:[\w/+.-]*;base64,", source):
        return source
    try:
        base64.b64decode(source, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"Image {image['name']} is neither base64 nor a URL of http, https or data") from None
    return f"data:application/octet-stream;base64,{source}"


class Bucket:
    """Results in a bucket, by the variables and the function that RunPod has for it. `near` is where files wait for it."""

    def __init__(self):
        self.near = tempfile.mkdtemp(prefix="outputs-")
        atexit.register(shutil.rmtree, self.near, ignore_errors=True)

    def deliver(self, job_id, outputs):
        from runpod.serverless.utils.rp_upload import upload_file_to_bucket

        delivered = []
        for output in outputs:
            path = Path(output.pop("path"))
            url = upload_file_to_bucket(
                str(path.relative_to(self.near)),
                str(path),
                bucket_name=os.environ.get("BUCKET_NAME"),
                prefix=job_id,
                extra_args={"ContentType": output["type"]},
            )
            path.unlink()
            # Without boto3 or keys it writes to this machine's disk, and says so to nobody.
            if not url.startswith("http"):
                raise Refused("The bucket cannot be reached: BUCKET_ENDPOINT_URL, BUCKET_ACCESS_KEY_ID, BUCKET_SECRET_ACCESS_KEY?")
            delivered.append({**output, "url": url})
        return delivered


def make_handler(pipeline, bucket=None):
    """What does a job: answers its outputs, or its error. It never raises, so that a job that fails is not the end of the worker."""

    def handler(job):
        given = job.get("input")
        try:
            if not isinstance(given, dict):
                raise Refused("A job's input is an object with a workflow")
            question = {"workflow": workflow_of(given), "input_images": images_of(given)}
            answer = pipeline.run(question, lambda progress: runpod.serverless.progress_update(job, progress))
            if "failure" in answer:
                return {"error": "\n".join(filter(None, [answer["message"], answer.get("hint")]))}
            outputs = answer["outputs"]
            return {
                "prompt_id": answer["prompt_id"],
                "outputs": outputs if bucket is None else bucket.deliver(job["id"], outputs),
            }
        except (Refused, Died) as error:
            return {"error": str(error)}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}

    return handler


def command_of(environment, bucket):
    """The command of the pipeline, as the variables say."""
    more = shlex.split(environment.get("HANDLER_ARGS", ""))
    flags = ["--keep-warm", "--json"]
    if bucket is not None:
        flags += ["--output", "files", "--out-dir", bucket.near]
    elif environment.get("GCS_BUCKET"):
        flags += ["--output", "gcs"]
    ours = PROJECT / "node_modules/.bin/pipeline"
    program = str(ours) if ours.exists() else "pipeline"
    return [program, "run-handler", environment["VERSION"], *flags, *more]


def main():
    if not os.environ.get("VERSION"):
        sys.exit("VERSION is not set: it is the id of a version, demo for versions/demo.json")
    bucket = Bucket() if os.environ.get("BUCKET_ENDPOINT_URL") else None
    pipeline = Pipeline(command_of(os.environ, bucket))
    # However the worker ends, the server ends with it.
    atexit.register(pipeline.stop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pipeline.start()
    runpod.serverless.start({"handler": make_handler(pipeline, bucket)})


if __name__ == "__main__":
    main()
