"""Stands in for RunPod's package, which is of no use without its service: jobs come on stdin, and all that is told goes to stdout."""

from . import serverless as serverless
