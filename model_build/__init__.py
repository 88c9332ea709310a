"""Edge Rank's model builder: compresses a BERT teacher into an artifact that the service loads.

Read from the top down: `cli` parses a command, `pipeline` names the stages, and each stage is a file:
`corpus`, `vocabulary`, `student`, `cross_distillation`, `quantization`, `export`, `evaluation`, `report`.
"""

from importlib.metadata import version

import service as service  # first of all: it opts out of the libraries' telemetry

__version__ = version("edge-rank")
