"""Ready: what a VM that has come up still needs before it is the node's.

A part of launch; the numbers continue its own.
"""

from orchestrators.listen import Listening, listen
from shared.contracts.backend import REGISTER_BACKENDS, RegisterBackends
from shared.contracts.base import Changed, Done, Refused
from shared.contracts.insights import ASSOCIATE_RULE, AssociateRule
from shared.contracts.node import Claimed
from shared.contracts.signal import Signal
from shared.contracts.vm import INSTALL_EXTENSIONS, InstallExtensions, VmUp
from shared.durable import Context, Durable, pause
from shared.model.run import NicRef
from shared.policy.backends import pooled
from shared.policy.footing import CHANGES_MAX, LOOK_AGAIN_S, has_extensions, wants_insights
from shared.policy.release import has_backends


def ready(context: Context, node: Claimed, up: VmUp, tries: int) -> Durable[VmUp]:
    """Make a new VM ready; what does not go as asked is told, and the VM is had all the same."""
    # 1. Install the extensions: a new body has none, nor is it observed.
    if has_extensions(node.document):
        work = node.work.at(f"extensions-{tries}", 85)
        wanted = InstallExtensions(work=work, vm_resource_id=up.vm.id)
        installed = yield from INSTALL_EXTENSIONS(context, wanted)
        if isinstance(installed, Changed):
            # It has run, and somebody took it: its disks are the node's from now on.
            return up.model_copy(update={"taken": True})
        if isinstance(installed, Refused):
            up = up.model_copy(update={"warning": f"{installed.code}: {installed.message}"})
    if wants_insights(node.document):
        up = yield from observed(context, node, up, tries)

    # 2. Wait until it says that it is ready, if it was asked to.
    since = up.vm.launched_at or context.current_utc_datetime
    ask = Listening(
        signal=Signal.READY,
        since=since,
        vm_resource_id=up.vm.id,
        step=f"vm-ready-{tries}",
        percent=90,
    )
    said = yield from listen(context, node, ask)
    if said == "down":
        return up.model_copy(update={"taken": True})
    if said == "silent":
        return up.model_copy(update={"unready": True})

    # 3. Put it into its backend pools.
    return (yield from joined(context, node, up, tries))


def observed(context: Context, node: Claimed, up: VmUp, tries: int) -> Durable[VmUp]:
    """Associate a new VM with the data collection rule; a refusal is a warning."""
    work = node.work.at(f"insights-{tries}", 87)
    answer = yield from ASSOCIATE_RULE(context, AssociateRule(work=work, vm_resource_id=up.vm.id))
    if isinstance(answer, Done):
        return up
    told = f"not associated with its data collection rule: {answer.code}: {answer.message}"
    return up.model_copy(update={"warning": "; ".join(filter(None, (up.warning, told)))})


def joined(context: Context, node: Claimed, up: VmUp, tries: int) -> Durable[VmUp]:
    """Register a VM's NICs; one that Azure refuses is a warning, for the VM runs."""
    if not has_backends(node.document, up.nics):
        return up
    answer = yield from join(context, node, up.nics, f"register-{tries}")
    if isinstance(answer, Done):
        return up.model_copy(update={"nics": pooled(node, up.nics)})
    told = f"not in its backend pools: {answer.code}: {answer.message}"
    return up.model_copy(update={"warning": "; ".join(filter(None, (up.warning, told)))})


def join(
    context: Context, node: Claimed, nics: tuple[NicRef, ...], step: str
) -> Durable[Done | Refused | Changed]:
    """Put NICs into the backend pools, again where facts had changed; CHANGES_MAX at most."""
    request = RegisterBackends(work=node.work.at(step, 95), nics=nics)
    answer = yield from REGISTER_BACKENDS(context, request)
    for _ in range(CHANGES_MAX - 1):
        if not isinstance(answer, Changed):
            break
        yield from pause(context, LOOK_AGAIN_S)
        answer = yield from REGISTER_BACKENDS(context, request)
    return answer
