"""What a node goes on from when the zone that its disks are in does not answer.

A disk that is down is copied as it is, and nothing is lost. A zone that is down gives out nothing:
then the newest snapshot that was taken while the VM ran is all there is. What was written since is
on the old disk alone, so that one is kept for its owner.
"""

from datetime import timedelta
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.errors import arm_error
from activities.azure.words import word
from activities.ports import Ports, first_intended, is_ours
from shared.contracts.base import Work
from shared.failures import Kind
from shared.model.run import DiskRef
from shared.model.seen import DiskSnapshot
from shared.names import parts_of
from shared.policy.snapshots import present

PATIENCE: Final = timedelta(minutes=15)
"""How long a fresh copy is asked for in vain before an older one is taken: up to six hours of data
are given up by it, and Azure's own stumbles are shorter. Ours."""
WHOLE: Final = 100.0


def says_unwell(error: AzureError) -> bool:
    """Tell whether Azure answered, and said that it is not well: no refusal, no broken line."""
    if not isinstance(error, HttpResponseError):
        return False
    return arm_error(error).rule.kind is Kind.TRANSIENT


async def older_copy(
    azure: Azure, work: Work, disk: DiskRef, action: str, ports: Ports
) -> tuple[DiskSnapshot, Any] | None:
    """Return the newest snapshot of a disk that a disk can be made from, and its resource.

    None: there is none, or `action`, which asks for a fresh one, has not failed for long enough.
    """
    since = await first_intended(ports, work, action)
    if ports.clock.now() - since < PATIENCE:
        return None
    record = await ports.stores.nodes.get(work.key)
    taken = present(record.run) if record else ()
    of_disk = [one for one in taken if one.disk_id == disk.id]
    for one in sorted(of_disk, key=lambda one: one.taken_at, reverse=True):
        group, _, name = parts_of(one.id)
        there: Any = await found(azure.compute.snapshots.get(group, name))
        if there is not None and is_ours(there.tags, work) and is_complete(there):
            return one, there
    return None


def is_complete(snapshot: Any) -> bool:
    """Tell whether a disk can be made from a snapshot; never from one that failed."""
    percent = snapshot.properties.completion_percent
    state = word(snapshot.properties.provisioning_state)
    return (percent is None or percent >= WHOLE) and state in ("Succeeded", "")
