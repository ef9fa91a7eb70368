"""What the command line accepts."""

from __future__ import annotations

import argparse


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line as a namespace. An unknown argument ends the process with code 2."""
    parser = argparse.ArgumentParser(prog="main.py", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add(
        "--listen",
        nargs="?",
        default="127.0.0.1",
        const="0.0.0.0",
        metavar="HOST",
        help="address to listen on; without HOST, every address of this machine",
    )
    add("--port", type=int, default=8188, help="0 takes a free port and prints it")
    add("--input-directory", metavar="DIR", help="instead of input/")
    add("--output-directory", metavar="DIR", help="instead of output/")
    add(
        "--extra-model-paths-config",
        metavar="FILE",
        action="append",
        default=[],
        help="names more places to look for models, as extra_model_paths.yaml does",
    )
    add("--quick-test-for-ci", action="store_true", help="load every node, then exit")
    add("--cpu", action="store_true", help="accepted: this server has nothing else")
    add("--disable-auto-launch", action="store_true", help="accepted: no browser is ever opened")
    return parser.parse_args(argv)
