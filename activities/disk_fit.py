"""Grow and convert disks that no VM uses."""

from typing import Any

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found
from activities.azure.errors import Refusal, answering
from activities.azure.polling import follow
from activities.azure.words import word
from activities.ports import Ports, headers, is_ours, journalled
from shared.contracts.base import Changed, Refused, StillRunning
from shared.contracts.disk_fit import DisksFit, FitDisks
from shared.model.run import DiskRef
from shared.names import parts_of


@answering
async def fit_disks(
    request: FitDisks, *, ports: Ports
) -> DisksFit | Refused | Changed | StillRunning | Refusal:
    """Bring each disk to the size and type of its reference, side by side; read them back.

    Idempotent: a disk that is so already is not written to. Nothing on a disk is lost: it grows,
    and its type changes under it. Changed: a disk is gone, or a VM has it. One that has not the
    node's tag is refused, and stays as it is.
    """
    azure = await ports.azure_of(request.work)
    fitted: list[DiskRef] = []
    for one in await all_of(_fit(azure, request, disk, ports) for disk in request.disks):
        if not isinstance(one, DiskRef):
            return one
        fitted.append(one)
    return DisksFit(disks=tuple(fitted))


@answering
async def _fit(
    azure: Azure, request: FitDisks, wanted: DiskRef, ports: Ports
) -> DiskRef | Refused | Changed | StillRunning:
    group, _, name = parts_of(wanted.id)
    there = await found(azure.compute.disks.get(group, name))
    if there is None:
        return Changed(code="DiskGone", message=f"{wanted.id} is not there")
    if _is_fit(there, wanted):
        return wanted
    if not is_ours(there.tags, request.work):
        return Refused(code="NotOurs", message=f"{wanted.id} does not carry this node's tag")
    if there.managed_by:
        return Changed(code="DiskInUse", message=f"{wanted.id} is attached to {there.managed_by}")
    ended = await _change(azure, request, (there, wanted), ports)
    if isinstance(ended, StillRunning):
        return ended
    there = await found(azure.compute.disks.get(group, name))
    # A read that lags behind: the next look decides.
    return wanted if there is not None and _is_fit(there, wanted) else StillRunning(token="")


def _is_fit(there: Any, wanted: DiskRef) -> bool:
    size_gib = there.properties.disk_size_gb or 0
    sku = word(there.sku.name) if there.sku else ""
    large = wanted.size_gib is None or size_gib >= wanted.size_gib
    return large and (wanted.sku is None or sku == wanted.sku)


async def _change(azure: Azure, request: FitDisks, disk: tuple[Any, DiskRef], ports: Ports) -> Any:
    there, wanted = disk
    work = request.work
    group, _, name = parts_of(wanted.id)
    grows = (wanted.size_gib or 0) > (there.properties.disk_size_gb or 0)
    properties = m.DiskUpdateProperties(disk_size_gb=wanted.size_gib if grows else None)
    body = m.DiskUpdate(sku=m.DiskSku(name=wanted.sku), properties=properties)
    async with journalled(ports, work, f"fit_{name}", wanted.id):
        return await follow(
            lambda polling, token: azure.compute.disks.begin_update(
                group,
                name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )
