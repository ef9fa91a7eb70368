"""A small server that runs graphs of nodes and speaks ComfyUI's HTTP API."""

__version__ = "1.1.0"
