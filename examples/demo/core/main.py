"""Loads every node, then serves the API and runs what is queued."""

from __future__ import annotations

import sys

from comfy_demo import __version__, custom_nodes, folder_paths, nodes
from comfy_demo.arguments import parse_arguments
from comfy_demo.execution import Executor
from comfy_demo.prompt_queue import PromptQueue
from comfy_demo.server import Server


def main(argv: list[str] | None = None) -> int:
    """Runs the server until it is interrupted. Answers the exit code."""
    arguments = parse_arguments(argv)
    try:
        folder_paths.configure(arguments)
    except (OSError, ValueError) as error:
        print(f"Cannot read the model paths: {error}", file=sys.stderr)
        return 2

    print(f"comfy-demo {__version__}, Python {sys.version.split()[0]}")
    imports = custom_nodes.load_all(folder_paths.get_custom_nodes_directory(), nodes.register)
    custom_nodes.print_import_times(imports)
    print(f"{len(nodes.NODE_CLASS_MAPPINGS)} node classes", flush=True)
    if arguments.quick_test_for_ci:
        return 0
    return serve(arguments.listen, arguments.port)


def serve(host: str, port: int) -> int:
    """Serves until Ctrl-C. Answers 1 when the port cannot be had."""
    queue = PromptQueue()
    try:
        server = Server((host, port), queue)
    except OSError as error:
        print(f"Cannot listen on {host}:{port}: {error.strerror}", file=sys.stderr)
        return 1
    Executor(queue, server.clients.send).start()
    print(f"Ready: {server.url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nStopped")
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
