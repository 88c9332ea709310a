"""The listening sockets of a service."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from service.settings import Settings
from service.user_error import UserError


class ListenError(UserError):
    """The address can't be listened on; the message says in one line why."""


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; the caller closes it.

    Raises:
        ListenError: the port is in use, or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ListenError(f"can't listen on {host}, port {port}: {error.strerror or error}") from None


@contextmanager
def listen_all(settings: Settings) -> Iterator[list[socket.socket]]:
    """Listen on the port and on the probe port, if any, until the block ends.

    Raises:
        ListenError: a port is in use, or the host is not an address of this machine.
    """
    ports = [settings.port] if settings.probe_port is None else [settings.port, settings.probe_port]
    with ExitStack() as opened:
        yield [opened.enter_context(listen(settings.host, port)) for port in ports]
