"""`beffroi serve` on a port that is taken, and by itself."""

import socket

from beffroi.ground.kernel import native
from tests.unit.cli.conftest import Run


def test_help_needs_no_data(beffroi: Run) -> None:
    done = beffroi("serve", "--help")
    assert done.returncode == 0
    assert "Run a node" in done.stdout


def test_version(beffroi: Run) -> None:
    assert beffroi("--version").stdout.startswith("beffroi 0.")
    assert f"(kernels: {native.route()})" in beffroi("--version").stdout


def test_a_taken_port_is_an_error_and_ends(beffroi: Run) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        done = beffroi("serve", "--port", holder.getsockname()[1])
    assert done.returncode != 0
