"""A soak of a million mixed requests: `python -m loadtests.soak`. mixture: the requests."""
