"""Which VM is imported, told by its vmId and by the mark that its import has put on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.polling import follow
from activities.let_go import Tags, tag_calls
from activities.ports import Ports, headers, journalled
from activities.vm_read import surely
from shared.contracts.base import Refused, StillRunning, Work
from shared.contracts.source import Source
from shared.names import TAG_IMPORT, parts_of, same_id
from shared.policy.imported import SOURCE_GONE, SOURCE_REPLACED

Change = Callable[[Tags], Tags]
"""Makes the tags that a resource should have of those that it has."""

PRECONDITION_FAILED: Final = 412
LOOKS_MAX: Final = 12
"""Looks at a write that Azure called done and that no read shows: a minute of them, longer than any
read was seen to lag."""


@dataclass(frozen=True)
class Write:
    """What a write is recorded as."""

    work: Work
    ports: Ports
    action: str


async def meant(azure: Azure, source: Source, ports: Ports) -> Any:
    """Return the VM that is meant, or Refused: it is gone, or another one has its name."""
    vm = await surely(azure, source.vm_resource_id, ports.clock)
    if vm is None:
        return Refused(code=SOURCE_GONE, message=f"{source.vm_resource_id} is not there any more")
    properties: Any = vm.properties
    if not same_id(properties.vm_id or "", source.vm_id):
        text = f"{source.vm_resource_id} is another VM than the one that was to be imported"
        return Refused(code=SOURCE_REPLACED, message=text)
    return vm


async def marked(azure: Azure, source: Source, work: Work, ports: Ports) -> Any:
    """Return the VM that is meant, if this node's import has marked it; else Refused."""
    vm = await meant(azure, source, ports)
    if isinstance(vm, Refused) or mark_of(vm) == work.key.node_id:
        return vm
    text = f"{source.vm_resource_id} is not marked as being imported by this node"
    return Refused(code="NotMarked", message=text)


def mark_of(vm: Any) -> str:
    """Return the node that a VM is imported to; empty: it is not marked."""
    return str((vm.tags or {}).get(TAG_IMPORT, ""))


async def patch(azure: Azure, vm: Any, update: m.VirtualMachineUpdate, write: Write) -> bool:
    """Change the VM as it was read; True: look again, for it changed since, or it takes long."""
    work, ports = write.work, write.ports
    group, _, name = parts_of(vm.id)
    async with journalled(ports, work, write.action, vm.id):
        ended = await or_again(
            follow(
                lambda polling, token: azure.compute.virtual_machines.begin_update(
                    group,
                    name,
                    update,
                    etag=vm.etag,
                    match_condition=MatchConditions.IfNotModified,
                    polling=polling,
                    continuation_token=token,
                    headers=headers(work),
                ),
                ports.clock,
            )
        )
    return isinstance(ended, StillRunning)


async def retag(azure: Azure, resource_id: str, change: Change, write: Write) -> bool:
    """Change a resource's tags, and read them back; True: look again, for no read shows them yet.

    Idempotent: one that is gone, or that has the tags already, is not written.
    """
    group, kind, name = parts_of(resource_id)
    get, update = tag_calls(azure, write.work, write.ports)[kind]
    there: Any = await found(get(group, name))
    if there is None or _has_tags(there, change):
        return False
    action = f"{write.action}_{group}_{kind.rsplit('/', 1)[-1]}_{name}"
    async with journalled(write.ports, write.work, action, resource_id):
        ended = await update(group, name, change(dict(there.tags or {})))
    if isinstance(ended, StillRunning):
        return True
    there = await found(get(group, name))
    return there is not None and not _has_tags(there, change)


def _has_tags(resource: Any, change: Change) -> bool:
    tags: Tags = dict(resource.tags or {})
    return change(tags) == tags


async def or_again(writing: Awaitable[Any]) -> Any:
    """Await a write; StillRunning: what was to be written has changed since it was read."""
    try:
        return await writing
    except HttpResponseError as error:
        if error.status_code != PRECONDITION_FAILED:
            raise
        return StillRunning(token="")


def look_again(token: str, refusal: Refused) -> StillRunning | Refused:
    """Ask again for what no read shows yet; after `LOOKS_MAX` times it is refused."""
    looks = int(token or 0) + 1
    return refusal if looks > LOOKS_MAX else StillRunning(token=str(looks))
