"""What stands in the impression log for the ids of requests and items.

An outcome finds its impression by them, and nobody who has only the log finds an item's other impressions: the keys of
an item in two requests have nothing in common. Who knows a request's id can tell which of the items that they know were
in it, so a client whose request ids are to stay its own makes them at random, or leaves them to the service.
"""

import hashlib
from collections.abc import Callable

_REQUEST_BYTES = 16
_ITEM_BYTES = 8


def request_key(request_id: str) -> str:
    """A request's name in the log: 32 hexadecimal digits of the BLAKE2b of its id."""
    return hashlib.blake2b(request_id.encode(), digest_size=_REQUEST_BYTES).hexdigest()


def item_keys(request_id: str) -> Callable[[str], str]:
    """Gives items' names in the log: 16 hexadecimal digits of the BLAKE2b of an id, keyed by the id of its request.

    A request id longer than a key of BLAKE2b may be is replaced by its BLAKE2b of 64 bytes, as HMAC does.
    """
    key = request_id.encode()
    if len(key) > hashlib.blake2b.MAX_KEY_SIZE:
        key = hashlib.blake2b(key).digest()
    begun = hashlib.blake2b(key=key, digest_size=_ITEM_BYTES)

    def key_of(item_id: str) -> str:
        hashed = begun.copy()
        hashed.update(item_id.encode())
        return hashed.hexdigest()

    return key_of
