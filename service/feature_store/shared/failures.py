"""Failures of the shared tier. Messages name the kind of failure and contain no data."""


class StoreUnavailableError(Exception):
    """The tier did not answer in time, or not at all."""


class StoreGoneError(StoreUnavailableError):
    """The tier can't be reached, or refuses to authenticate: the next call would fail, too."""


class StoreRefusedError(StoreUnavailableError):
    """The tier answers, but refuses writes: it is full, or read-only."""


class OwnDelayError(StoreUnavailableError):
    """This process was too busy to read the tier's answer in time."""
