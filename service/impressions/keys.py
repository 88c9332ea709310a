"""Keys that replace the ids of requests and items in the impression log.

They link an outcome to its impression, but not the impressions of an item with each other: its keys in two requests are
unrelated. Whoever knows a request's id can test which known items were in it, so clients that want to keep request ids
secret make them at random, or leave them to the service.
"""

import hashlib
from collections.abc import Callable

_REQUEST_BYTES = 16
_ITEM_BYTES = 8


def request_key(request_id: str) -> str:
    """A request's key: BLAKE2b of its id, 32 hexadecimal digits."""
    return hashlib.blake2b(request_id.encode(), digest_size=_REQUEST_BYTES).hexdigest()


def item_keys(request_id: str) -> Callable[[str], str]:
    """Return a function from an item's id to its key: BLAKE2b, keyed by the request's id, 16 hexadecimal digits.

    A request id that is too long for a key of BLAKE2b is replaced by its BLAKE2b of 64 bytes, as HMAC does.
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
