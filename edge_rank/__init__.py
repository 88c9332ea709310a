"""Edge Rank's public Python API: nothing but its version yet. `service` and `model_build` may change without notice."""

from importlib.metadata import version

__version__ = version("edge-rank")
