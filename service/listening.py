"""The socket that a serving process listens on."""

import socket


class ListenError(Exception):
    """The address can't be listened on; the message says in one line why."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; the caller closes it.

    Raises:
        ListenError: the port is taken, or the host is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ListenError(f"can't listen on {host}, port {port}: {error.strerror or error}") from None
