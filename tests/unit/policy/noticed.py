"""Notices about one VM, and the verdict on them."""

from typing import Any

from shared.model.run import Lifecycle, Notice, NoticeKind, RunState, Status, Vm
from shared.policy.verdict import Verdict, verdict
from tests.unit.policy.situations import NOON, after

VM_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"
RUN = RunState(
    status=Status.ACTIVE,
    vm=Vm(id=VM_ID, name="web", size="Standard_D2s_v5", lifecycle=Lifecycle.SPOT, launched_at=NOON),
)
STOPPED = RUN.model_copy(update={"status": Status.STOPPED, "updated_at": after(100)})
K = NoticeKind


def heard(kind: NoticeKind, at_s: float = 60.0, *, delay_s: float = 1.0, **more: Any) -> Notice:
    facts: dict[str, Any] = {
        "kind": kind,
        "source": "event_grid",
        "vm_resource_id": VM_ID,
        "occurred_at": after(at_s),
        "heard_at": after(at_s + delay_s),
        "key": f"{at_s}-{kind}",
    }
    return Notice(**(facts | more))


def judged(
    *notices: Notice, at_s: float = 70.0, admins: list[str] | None = None, run: RunState = RUN
) -> Verdict:
    return verdict(run, notices, after(at_s), admins)
