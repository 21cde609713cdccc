"""The guard of tests/conftest.py against a test that leaves this machine."""

import socket

import pytest


def test_a_connection_to_another_machine_is_refused_and_remembered(refused: list[str]) -> None:
    with socket.socket() as client, pytest.raises(ConnectionRefusedError, match="stay on this machine"):
        client.connect(("192.0.2.1", 80))
    with pytest.raises(ConnectionRefusedError):
        socket.getaddrinfo("example.org", 443)
    assert refused == ["socket.connect 192.0.2.1", "socket.getaddrinfo example.org"]
    refused.clear()


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
