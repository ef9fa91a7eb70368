"""What a worker uses of `runpod.serverless`. As there, an answer with an error is the end of a job and not of the worker."""

import json
import sys


def start(config):
    """Does a job a line, `{"id", "input"}`, until there are no more."""
    say({"started": True})
    for line in sys.stdin:
        job = json.loads(line)
        say({"id": job["id"], "result": config["handler"](job)})


def progress_update(job, progress):
    say({"id": job["id"], "progress": progress})


def say(document):
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
