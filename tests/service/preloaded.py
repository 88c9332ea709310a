"""What a service imports until it is ready, in the order of `edge-rank serve`."""

# ruff: noqa: E402
from service.process.threads import limit_blas

limit_blas()

import httptools
import uvloop

import service.cli.main
import service.encoder.onnx
import service.server.run
import service.server.serving

__all__ = ["httptools", "service", "uvloop"]
