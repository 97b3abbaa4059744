"""The last steps of an import: what the VM leaves becomes the node's, and our own rows."""

from typing import Any

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found
from activities.azure.errors import Refusal, answering
from activities.let_go import tag_calls
from activities.ports import Ports, journalled
from activities.source_mark import marked
from shared.contracts.base import Done, Refused, StillRunning
from shared.contracts.source import AdoptSource, EndImport
from shared.names import TAG_NODE, parts_of, same_id


@answering
async def adopt_source(request: AdoptSource, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Tag the VM and what it leaves as the node's; only then may any of it ever be deleted.

    Only what is the VM's own is tagged: what carries another node's tag, or is not there, is passed
    by. Idempotent: what is tagged is not written. The VM is the last: its tag says that all are.
    """
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    if isinstance(vm, Refused):
        return vm
    rest = [one for one in request.resource_ids if not same_id(one, source.vm_resource_id)]
    for ids in (rest, [source.vm_resource_id]):
        ended = await all_of(_adopt(azure, one, request, ports) for one in ids)
        if any(ended):
            return StillRunning(token="")
    return Done()


async def _adopt(azure: Azure, resource_id: str, request: AdoptSource, ports: Ports) -> bool:
    """Tag one resource; return whether it must be looked at again."""
    work = request.work
    group, kind, name = parts_of(resource_id)
    get, update = tag_calls(azure, work, ports)[kind]
    there: Any = await found(get(group, name))
    if there is None or (there.tags or {}).get(TAG_NODE):
        return False
    tags = {**(there.tags or {}), TAG_NODE: work.key.node_id}
    action = f"adopt_{group}_{kind.rsplit('/', 1)[-1]}_{name}"
    async with journalled(ports, work, action, resource_id):
        return isinstance(await update(group, name, tags), StillRunning)


async def end_import(request: EndImport, *, ports: Ports) -> Done:
    """Write how the import ended. Our own rows alone; safe to repeat."""
    await ports.stores.imports.end(request.work.key, request.state)
    return Done()
