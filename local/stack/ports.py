"""Ports of the loopback interface: free, busy, and by whom."""

import socket
from contextlib import ExitStack

from local.stack.trouble import Trouble

HOST = "127.0.0.1"
AZURITE_PORTS = {"blob": 10_000, "queue": 10_001, "table": 10_002}
"""Azurite's own defaults, taken where they are free."""


def refuse_if_busy(port: int, what: str, variable: str) -> None:
    """Raise Trouble if somebody listens on a port already."""
    if not is_free(port):
        raise Trouble(
            f"Port {port}, wanted for {what}, is busy: stop the program that uses it, or choose "
            f"another port with `make run {variable}={port + 1_000}`."
        )


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def storage_ports(*, usual: bool = True) -> dict[str, int]:
    """Return a port for each storage service: Azurite's usual one, or any free one.

    Not `usual` is for stacks beside the usual one: two that start at once must not want the same.
    """
    with ExitStack() as held:
        return {
            service: port if usual and is_free(port) else _any_free(held)
            for service, port in AZURITE_PORTS.items()
        }


def _any_free(held: ExitStack) -> int:
    probe = held.enter_context(socket.socket())
    probe.bind((HOST, 0))
    return int(probe.getsockname()[1])
