"""The last steps of an import: what the VM leaves becomes the node's, and our own rows."""

from activities.azure.ensure import all_of
from activities.azure.errors import Refusal, answering
from activities.ports import Ports
from activities.source_mark import Change, Write, marked, retag
from shared.contracts.base import Done, Refused, StillRunning, Work
from shared.contracts.source import AdoptSource, EndImport
from shared.names import TAG_NODE, same_id
from shared.policy.imported import SOURCE_GONE


@answering
async def adopt_source(request: AdoptSource, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Tag the VM and what it leaves as the node's; only then may any of it ever be deleted.

    Only what is the VM's own is tagged: what carries another node's tag, or is not there, is passed
    by. Idempotent: what is tagged is not written. The VM is the last: its tag says that all are.
    What a VM leaves that somebody has deleted meanwhile is as much the node's as if it were there.
    """
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    is_gone = isinstance(vm, Refused) and vm.code == SOURCE_GONE
    if isinstance(vm, Refused) and not is_gone:
        return vm
    write = Write(work, ports, "adopt")
    rest = [one for one in request.resource_ids if not same_id(one, source.vm_resource_id)]
    for ids in (rest, [] if is_gone else [source.vm_resource_id]):
        if any(await all_of(retag(azure, one, _adopted(work), write) for one in ids)):
            return StillRunning(token="")
    return Done()


def _adopted(work: Work) -> Change:
    return lambda tags: tags if tags.get(TAG_NODE) else {**tags, TAG_NODE: work.key.node_id}


async def end_import(request: EndImport, *, ports: Ports) -> Done:
    """Write how the import ended. Our own rows alone; safe to repeat."""
    await ports.stores.imports.end(request.work.key, request.state)
    return Done()
