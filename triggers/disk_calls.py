"""What each call about a node's disks does."""

from collections.abc import Mapping
from typing import Final

from triggers.body import read_json
from triggers.call import Call, Handler
from triggers.envelope import Found
from triggers.route import KIND

DISK_KIND: Final = "spotinst:azure:disk"


async def _attach(call: Call) -> Found:
    disk = await call.services.disks.attach(call.key, read_json(call.request), call.starter)
    return Found([disk], DISK_KIND)


async def _detach(call: Call) -> Found:
    await call.services.disks.detach(call.key, read_json(call.request), call.starter)
    return Found()


async def _swap(call: Call) -> Found:
    await call.services.disks.swap(call.key, read_json(call.request), call.starter)
    return Found()


async def _resources(call: Call) -> Found:
    return Found([await call.services.resources.of(call.key)], f"{KIND}:resources")


HANDLERS: Final[Mapping[str, Handler]] = {
    "azureStatefulNodeAttachDataDisk": _attach,
    "azureStatefulNodeDetachDataDisk": _detach,
    "azureStatefulNodeSwapOSDisk": _swap,
    "azureStatefulNodeGetResources": _resources,
}
