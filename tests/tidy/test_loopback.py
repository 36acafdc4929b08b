"""The guard in `tests/conftest.py` stands."""

import socket

import pytest

# 192.0.2.0/24 and 2001:db8::/32 are kept for documentation (RFC 5737, RFC 3849): nobody is there.
ELSEWHERE = [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")]


@pytest.mark.parametrize(("family", "address"), ELSEWHERE)
def test_no_test_reaches_another_machine(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as stream, pytest.raises(PermissionError, match="tried to reach"):
        stream.connect((address, 9))
    with socket.socket(family, socket.SOCK_DGRAM) as packets, pytest.raises(PermissionError, match="tried to reach"):
        packets.sendto(b"", (address, 9))


def test_no_name_of_another_machine_is_looked_up() -> None:
    with pytest.raises(socket.gaierror, match="tried to look up"):
        socket.getaddrinfo("beffroi.example", 443)


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
