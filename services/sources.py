"""The VMs that somebody wants to import, as Azure tells them now."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from azure.core.exceptions import AzureError, HttpResponseError

from activities.azure.clients import AzureClients
from activities.catalogue import Catalogue
from activities.source_read import read_source
from services.refusals import AzureSilent
from shared.clock import Clock
from shared.model.facts import SizeFacts
from shared.model.ids import node_key
from shared.model.problems import Code, FieldError, Rejected
from shared.model.source import SourceVm
from shared.names import TAG_IMPORT, resource_id, same_id
from shared.policy.candidates import size_named
from store.stores import Stores

T = TypeVar("T")

KIND: Final = "Microsoft.Compute/virtualMachines"
NOT_IMPORTABLE: Final = "VM_NOT_IMPORTABLE"
LOOK_UP_S: Final = 20.0
"""A client waits for the answer; a VM is read with its disks, NICs and extensions."""
REFUSED: Final = frozenset({400, 401, 403})

ReadSource = Callable[[str, str], Awaitable[SourceVm | None]]
"""Reads a VM by its ARM id, for an account. Raises AzureError."""
ReadSizes = Callable[[str, str], Awaitable[tuple[SizeFacts, ...]]]
"""Returns the sizes of a region, for an account. Raises AzureError."""


@dataclass(frozen=True)
class Sources:
    """Looks VMs up."""

    stores: Stores
    read: ReadSource
    sizes: ReadSizes

    @classmethod
    def over(cls, stores: Stores, azure: AzureClients, clock: Clock) -> "Sources":
        """Make them over the SDK's clients."""
        catalogue = Catalogue(clock)

        async def read(account_id: str, vm_id: str) -> SourceVm | None:
            return await read_source(await azure.of(vm_id.split("/")[2], account_id), vm_id, clock)

        async def sizes(account_id: str, region: str) -> tuple[SizeFacts, ...]:
            account = await stores.accounts.get(account_id)
            subscription = account.subscription_id if account else ""
            clients = await azure.of(subscription, account_id)
            return await catalogue.sizes(clients, subscription, region)

        return cls(stores, read, sizes)

    async def find(self, account_id: str, group: str, name: str, place: str) -> SourceVm:
        """Return a VM of the account's. Raises `Rejected` at `place`, `AzureSilent`."""
        account = await self.stores.accounts.get(account_id)
        vm_id = resource_id(account.subscription_id if account else "", group, KIND, name)
        source = await _told(self.read(account_id, vm_id), place)
        if source is None:
            message = "names no virtual machine in that resource group"
            raise Rejected([FieldError(Code.VALUE, message, place)])
        return source

    async def size(self, account_id: str, source: SourceVm, place: str) -> SizeFacts | None:
        """Return what the catalogue says of the VM's size. Raises as `find`."""
        return size_named(await _told(self.sizes(account_id, source.region), place), source.size)

    async def refuse_known(self, account_id: str, source: SourceVm, place: str) -> None:
        """Refuse a VM that is a node's, or that somebody else's import has marked."""
        found = await self.stores.vms.find(source.id)
        record = await self.stores.nodes.get(found[0]) if found else None
        if record and record.run.vm and same_id(record.run.vm.id, source.id):
            refuse([f"it is the VM of the stateful node {record.key.node_id}"], place)
        mark = source.tags.get(TAG_IMPORT)
        if mark and await self.stores.nodes.get(node_key(account_id, mark)) is None:
            text = f"its tag {TAG_IMPORT} says that {mark} imports it; if that is over, remove it"
            refuse([text], place)


def refuse(reasons: Iterable[str], place: str) -> None:
    """Raise `Rejected` if there is any reason why a VM cannot be imported."""
    found = [FieldError(NOT_IMPORTABLE, f"cannot be imported: {one}", place) for one in reasons]
    if found:
        raise Rejected(found)


async def _told(asking: Awaitable[T], place: str) -> T:
    """Await Azure's answer. Raises `Rejected` for a refusal, `AzureSilent` for none at all."""
    try:
        async with asyncio.timeout(LOOK_UP_S):
            return await asking
    except (AzureError, TimeoutError) as error:
        if isinstance(error, HttpResponseError) and error.status_code in REFUSED:
            message = "names a virtual machine that Azure does not let us read"
            raise Rejected([FieldError(Code.VALUE, message, place)]) from error
        raise AzureSilent("the virtual machine could not be read") from error
