"""What may be wrong with a head."""


class HeadError(Exception):
    """The folder is not a head that may be served; the message says in one line why."""
