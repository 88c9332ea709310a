"""The builder's Ray workers beside one process: `make ray-check` (`make test` has a stand-in for Ray)."""
