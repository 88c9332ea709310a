"""Edge Rank's model builder: compresses a BERT teacher into an artifact that the service loads.

Read from the top down: `cli` parses a command, `run.pipeline` names the stages, and each is a file of `run.stages`.
"""

from importlib.metadata import version

import service as service  # first of all: it opts out of the libraries' telemetry

__version__ = version("edge-rank")
