"""What is heard of a VM while an operation works on it."""

from datetime import datetime
from typing import Final

from activities.ports import Ports
from shared.contracts.base import Work
from shared.model.run import NoticeKind
from shared.names import same_id

EVICTED: Final = frozenset({NoticeKind.EVICTED, NoticeKind.EVICTION_COMING})


async def stopped_since(since: datetime, vm_resource_id: str, work: Work, ports: Ports) -> bool:
    """Tell whether somebody was heard to stop a VM since it was started, and no eviction besides.

    `since`: when this operation first set out to start it. Whether that stop is to be respected,
    the verdict on all notices says, once the operation is over; until then the VM is left as it is.
    Only reads our own rows.
    """
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return False
    heard = await ports.stores.notices.since(work.key, record.run.notices_read)
    kinds = {
        one.kind
        for one in heard
        if same_id(one.vm_resource_id, vm_resource_id) and one.occurred_at > since
    }
    return NoticeKind.STOPPED_BY_USER in kinds and not kinds & EVICTED
