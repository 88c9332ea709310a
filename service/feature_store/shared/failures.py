"""What a store that is elsewhere may fail with. Messages name the kind of failure and hold no data."""


class StoreUnavailableError(Exception):
    """The store did not answer in time, or not at all."""


class StoreGoneError(StoreUnavailableError):
    """Nobody is there, or nobody who lets us in: the next call would fail, too."""


class StoreRefusedError(StoreUnavailableError):
    """The store answers, but does not take what it is given: it is full, or may only be read."""


class OwnDelayError(StoreUnavailableError):
    """This process was busy elsewhere, and so did not read the store's answer in time."""
