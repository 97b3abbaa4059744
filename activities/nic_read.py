"""Read a NIC, and write it as it was read or not at all."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from azure.core.exceptions import HttpResponseError

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.words import word
from activities.vm_read import SECOND_LOOK_S
from shared.clock import Clock
from shared.contracts.base import Changed, StillRunning
from shared.names import parts_of

GOING: Final = frozenset({"Updating", "Creating", "Deleting"})
LOOKS_MAX: Final = 30
LOOK_S: Final = 2.0
"""Between two looks at a NIC that somebody changes: an update takes 1 to 3 s."""
RACES_MAX: Final = 4
"""Tries to change a NIC that somebody else changes at the same time."""
PRECONDITION_FAILED: Final = 412

T = TypeVar("T")


async def read_nic(azure: Azure, nic_id: str, clock: Clock, *, surely: bool = True) -> Any:
    """Return a NIC, failed or not, once nobody works on it; None: there is none.

    With `surely`, that there is none is believed at the second look. StillRunning(""): somebody
    works on it for longer than an activity should wait.
    """
    group, _, name = parts_of(nic_id)
    missed = not surely
    for _ in range(LOOKS_MAX):
        nic: Any = await found(azure.network.network_interfaces.get(group, name))
        if nic is None and missed:
            return None
        if nic is not None and word(nic.properties.provisioning_state) not in GOING:
            return nic
        missed = nic is None or not surely
        await clock.sleep(SECOND_LOOK_S if nic is None else LOOK_S)
    return StillRunning(token="")


def primary_configuration(nic: Any) -> Any:
    """Return the primary IP configuration of a NIC; Azure allows no NIC without one."""
    configurations = nic.properties.ip_configurations
    return next((one for one in configurations if one.properties.primary), configurations[0])


async def unraced(work: Callable[[], Awaitable[T]], nic_id: str, clock: Clock) -> T | Changed:
    """Read and write a NIC: all of it again where it is not as it was read; RACES_MAX times."""
    for _ in range(RACES_MAX):
        try:
            return await work()
        except HttpResponseError as error:
            if error.status_code != PRECONDITION_FAILED:
                raise
        await clock.sleep(LOOK_S)
    name = parts_of(nic_id)[2]
    return Changed(code="NicContended", message=f"{name} is changed by somebody else all the time")
