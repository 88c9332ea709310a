"""Overload by impatient closed-loop clients: `python -m loadtests.overload`. crowd: the clients."""
