"""Several processes that are one service: a supervisor, its workers, and what these share."""
