"""Connections to the service that a URL names."""

from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from service.user_error import UserError

_TIMEOUT_S = 10.0


class AddressError(UserError):
    """The URL is not one of a service."""


def connection_to(url: str) -> tuple[HTTPConnection, SplitResult]:
    """Return an unopened connection to the service at a URL, and the URL's parts.

    Raises:
        AddressError: the URL is not valid.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressError(f"{url} is not an http:// or https:// address") from None
    if parts.scheme not in ("http", "https") or host is None:
        raise AddressError(f"{url} is not an http:// or https:// address")
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return connect(host, port, timeout=_TIMEOUT_S), parts
