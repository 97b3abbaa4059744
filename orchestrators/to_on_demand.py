"""To on-demand: a Spot VM goes on as an on-demand one, on its own disks and interfaces.

A part of delete: the VM is about to be its user's alone. Azure does not change a VM between the
two, so it is made again under its name.
"""

from typing import Final

from orchestrators.release import end_vm
from shared.contracts.base import Changed, Done, Refused
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.vm import (
    CREATE_VM,
    DELETE_VM,
    INSTALL_EXTENSIONS,
    CreateVm,
    DeleteVm,
    InstallExtensions,
    VmUp,
)
from shared.durable import Context, Durable, pause
from shared.model.market import Market
from shared.model.run import Lifecycle, LogEntry, Row, RunState, Vm
from shared.policy.data_disks import other_luns
from shared.policy.deletion import on_demand_markets
from shared.policy.footing import MARKETS_MAX, has_extensions, next_generation
from shared.policy.landing import entry

ROUNDS_MAX: Final = 12
"""Times that all is tried where neither lifecycle has room; then a person must look."""
ROUND_EVERY_S: Final = 300.0
"""Between two: an hour in all, and within what Azure grants of creates to one VM name."""


class Moved(Row):
    """The VM is on demand."""

    run: RunState
    log: tuple[LogEntry, ...] = ()


class Stayed(Row):
    """It could not be moved; `run` says what there is now."""

    run: RunState
    reason: str
    rolled_back: bool = False
    """True: a Spot VM runs again as before."""


class Shut(Row):
    """A market that does not take the VM."""

    reason: str
    for_good: bool = False
    """True: Azure refuses it, and asking again does not mend that."""


def to_on_demand(context: Context, node: Claimed, vm: Vm) -> Durable[Moved | Stayed]:
    """Make a Spot VM again as an on-demand one; if nothing fits, as the Spot VM that it was."""
    if vm.lifecycle is Lifecycle.OD:
        return Moved(run=node.run)

    # 1. Deallocate the Spot VM and delete it: its disks, interfaces and addresses stay.
    gone = yield from end_vm(context, node, vm)
    if not isinstance(gone, Done):
        return Stayed(run=node.run, reason=f"{gone.code}: {gone.message}")

    shut = Shut(reason="no on-demand size is named")
    for number in range(ROUNDS_MAX):
        answer = yield from _round(context, node, vm, number, shut)
        if not isinstance(answer, Shut):
            return answer
        shut = answer
        yield from pause(context, ROUND_EVERY_S)
    return Stayed(run=_without(node), reason=f"{shut.reason}; nor is there room as before")


def _round(
    context: Context, node: Claimed, vm: Vm, number: int, before: Shut
) -> Durable[Moved | Stayed | Shut]:
    """Try all once; what Azure has refused for good in a round before is not tried again."""
    # 2. Create it on demand: in its zone, in its own size or one that the document names.
    shut = before
    if not before.for_good:
        up = yield from _on_demand(context, node, vm, number)
        if isinstance(up, VmUp):
            story = entry(context.current_utc_datetime, _story(up))
            return Moved(run=_with(node, up), log=(story,))
        shut = up or before
    if not number or shut.reason != before.reason:  # it may take an hour yet
        yield from _tell(context, node, f"not on demand: {shut.reason}", number)

    # 3. Create it as it was: better a Spot VM than none. Without room for either, wait.
    was = Market(size=vm.size, zone=vm.zone, lifecycle=vm.lifecycle)
    back = yield from _create(context, node, vm, was, f"back-to-spot-{number}")
    if isinstance(back, VmUp):
        return Stayed(run=_with(node, back), reason=shut.reason, rolled_back=True)
    if back.for_good:
        return Stayed(run=_without(node), reason=f"{shut.reason}; as before: {back.reason}")
    return shut


def _tell(context: Context, node: Claimed, told: str, number: int) -> Durable[None]:
    """Write a line to the log now; the node is held still."""
    note = SettleOperation(
        work=node.work.at(f"told-{number}", 50),
        run=node.run,
        log=(entry(context.current_utc_datetime, told, "WARN"),),
        keep=True,
    )
    yield from SETTLE(context, note)


def _without(node: Claimed) -> RunState:
    return node.run.model_copy(update={"vm": None, "private_ip": None, "public_ip": None})


def _on_demand(context: Context, node: Claimed, vm: Vm, number: int) -> Durable[VmUp | Shut | None]:
    """Create the VM in the first on-demand market that has room; return why in none.

    What Azure refuses for good it would refuse in any size. None: there is no market.
    """
    shut: Shut | None = None
    for place, market in enumerate(on_demand_markets(node.document, vm)[:MARKETS_MAX]):
        answer = yield from _create(context, node, vm, market, f"on-demand-{number}-{place}")
        if isinstance(answer, VmUp):
            return answer
        shut = answer.model_copy(update={"reason": f"{market.size}: {answer.reason}"})
        if shut.for_good:
            break
    return shut


def _create(
    context: Context, node: Claimed, vm: Vm, market: Market, step: str
) -> Durable[VmUp | Shut]:
    """Create the VM in one market, on what the one before it had; return why not."""
    request = CreateVm(
        work=node.work.at(step, 50),
        name=vm.name,
        generation=next_generation(node.run),
        market=market,
        os_disk=node.run.os_disk,
        data_disks=node.run.data_disks,
        nics=node.run.nics,
        without_luns=other_luns(node),
    )
    up = yield from CREATE_VM(context, request)
    if isinstance(up, VmUp):
        return (yield from _with_extensions(context, node, up, step))
    if not isinstance(up, Changed) and up.left_behind:
        # A VM that failed late holds the disks and the NICs until it is deleted.
        work = node.work.at(f"{step}-undo", 50)
        undo = DeleteVm(work=work, vm_resource_id=up.left_behind, even_if_running=True)
        yield from DELETE_VM(context, undo)
    return Shut(reason=f"{up.code}: {up.message}", for_good=isinstance(up, Refused))


def _with_extensions(context: Context, node: Claimed, up: VmUp, step: str) -> Durable[VmUp]:
    if up.taken or not has_extensions(node.document):
        return up
    work = node.work.at(f"{step}-extensions", 70)
    wanted = InstallExtensions(work=work, vm_resource_id=up.vm.id)
    installed = yield from INSTALL_EXTENSIONS(context, wanted)
    if isinstance(installed, Refused | Changed):
        return up.model_copy(update={"warning": f"{installed.code}: {installed.message}"})
    return up


def _with(node: Claimed, up: VmUp) -> RunState:
    """Return the run state with the VM that there is now."""
    return node.run.model_copy(
        update={
            "generation": next_generation(node.run),
            "vm": up.vm,
            "os_disk": up.os_disk,
            "data_disks": up.data_disks,
            "nics": up.nics,
            "launched_version": up.version,
            "launched_digest": up.digest,
        }
    )


def _story(up: VmUp) -> str:
    told = f"{up.vm.name} goes on as {up.vm.lifecycle} {up.vm.size}"
    return f"{told}; {up.warning}" if up.warning else told
