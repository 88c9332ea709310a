import pytest

from service.server.sockets import ListenError, listen


def test_a_taken_port_is_reported() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ListenError, match=f"can't listen on 127.0.0.1, port {port}: "):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "::ffff:zz"])
def test_a_host_of_another_machine_is_reported(host: str) -> None:
    with pytest.raises(ListenError, match="can't listen on"):
        listen(host, 0)
