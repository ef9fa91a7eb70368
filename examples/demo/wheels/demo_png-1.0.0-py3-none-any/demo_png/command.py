"""The command `demo-png`."""

from __future__ import annotations

import argparse
import json
import sys

from . import read


def main() -> int:
    """Runs the command. Answers its exit code."""
    parser = argparse.ArgumentParser(prog="demo-png", description="Looks into PNG files.")
    parser.add_argument("file", nargs="+")
    parser.add_argument("--prompt", action="store_true", help="print the prompt that made it")
    arguments = parser.parse_args()
    try:
        for file in arguments.file:
            print(describe(file, arguments.prompt))
    except (OSError, ValueError) as error:
        print(f"demo-png: {error}", file=sys.stderr)
        return 1
    return 0


def describe(file: str, prompt: bool) -> str:
    """One line about a file, or the prompt that it carries."""
    about = read(file)
    if not prompt:
        return f"{file}: {about.width} x {about.height}"
    if "prompt" not in about.texts:
        raise ValueError(f"{file} carries no prompt")
    return json.dumps(json.loads(about.texts["prompt"]), indent=2)
