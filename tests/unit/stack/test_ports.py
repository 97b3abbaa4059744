import socket

import pytest

from local.stack.ports import is_free, refuse_if_busy, storage_ports
from local.stack.trouble import Trouble


def test_a_busy_port_is_named_with_the_way_out() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        with pytest.raises(Trouble, match=rf"Port {port}.*busy.*make run PORT="):
            refuse_if_busy(port, "the API", "PORT")


@pytest.mark.parametrize("usual", [True, False])
def test_storage_gets_three_ports_that_are_free(usual: bool) -> None:  # noqa: FBT001
    found = storage_ports(usual=usual)

    assert set(found) == {"blob", "queue", "table"}
    assert len(set(found.values())) == 3
    assert all(is_free(port) for port in found.values())
