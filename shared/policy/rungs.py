"""The ways from where a node is to a market: what each takes, risks and loses.

Seconds are medians of Azure's own share, by recordings of 2016-2021 (start of a deallocated VM
8-26 s; create on an attached OS disk 7-21 s; create from an image p50 73 s on Linux, 89 s on
Windows; update 0.7-0.8 s, delete 0.5 s of a deallocated VM; snapshot 0.4-0.8 s; disk from a
snapshot 0.4-1.0 s; extensions p50 16-73 s by kind). On a bare VM a start is no faster than a
delete and create; what else is lost decides.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from shared.contracts.vm import VmFacts
from shared.model.facts import BodyFacts, DecisionInputs, SizeFacts
from shared.model.market import Market, Move, Rung
from shared.model.run import DiskRef, Lifecycle, RunState
from shared.policy.attach import copied_for
from shared.policy.candidates import size_named
from shared.policy.wishes import wishes_of

START_S: Final = 22.0
UPDATE_S: Final = 0.75
DELETE_S: Final = 0.5
ATTACH_CREATE_S: Final = 16.0
IMAGE_CREATE_S: Final = {"Linux": 73.0, "Windows": 89.0}
COPY_S: Final = 1.3
"""Snapshot and new disk; disks are copied side by side."""
EXTENSION_S: Final = 45.0
"""Each, one after the other: the middle of the recorded range."""

RESIZE_RISK_S: Final = 2.0
"""Ours: another size may meet a driver or a licence that does not like it."""
DELETE_RISK_S: Final = 5.0
"""Ours: between delete and create the node has no body that could be started instead."""
COPY_RISK_S: Final = 10.0
"""Ours: two more calls a disk, and the first boot of a copy."""
IDENTITY_LOSS_S: Final = 10.0
"""Ours: how long one would wait to keep the vmId, which some licences are bound to."""
COPY_LOSS_S: Final = 60.0
"""Ours: slow first reads while a copy is filled, and new disk names."""

RUNNING: Final = frozenset({"running", "starting"})
TEMP_DISK: Final = "temporary disk"
IDENTITY: Final = "vmId and system-assigned identity"
EXTENSIONS: Final = "extensions, to be installed again"
DISK_NAMES: Final = "disk names; first reads are slow"
OS_CONTENT: Final = "OS disk: a fresh one from the image"
DATA_CONTENT: Final = "data disks: fresh ones"


@dataclass(frozen=True)
class Way:
    """One rung to one market."""

    rung: Rung
    expected_s: float
    risk_s: float = 0.0
    loss_s: float = 0.0
    loses: tuple[str, ...] = ()
    why_not_in_place: str = ""


@dataclass(frozen=True)
class Standing:
    """What a try would start from, after the tries before it."""

    body: BodyFacts | None
    may_resize: bool = True
    """False once this plan resizes as often as Azure's bucket for one VM bears."""


def way_to(market: Market, size: SizeFacts, inputs: DecisionInputs, standing: Standing) -> Way:
    """Return the best rung to a market, with what it takes."""
    obstacle = why_not_in_place(market, size, inputs, standing)
    if not obstacle and standing.body:
        if standing.body.size.casefold() == size.name.casefold():
            return Way(Rung.START, START_S, loses=(TEMP_DISK,))
        return Way(Rung.RESIZE, START_S + UPDATE_S, RESIZE_RISK_S, loses=(TEMP_DISK,))
    return replace(_anew(market, inputs, standing), why_not_in_place=obstacle)


def why_not_in_place(
    market: Market, size: SizeFacts, inputs: DecisionInputs, standing: Standing
) -> str:
    """Return why the VM cannot simply be started there; empty: it can."""
    body = standing.body
    if body is None:
        return "there is no VM to start"
    return _unstartable(body, inputs) or _elsewhere(body, market) or _unlike(size, inputs, standing)


def runs_already(vm: VmFacts | None, run: RunState) -> Move | None:
    """Return the move that takes the node's VM as it is, because it runs after all; else None."""
    if vm is None or run.vm is None or vm.power not in RUNNING or vm.vm_id != run.vm.vm_id:
        return None
    lifecycle = Lifecycle.SPOT if vm.spot else Lifecycle.OD
    return Move(market=Market(size=vm.size, zone=vm.zone, lifecycle=lifecycle), rung=Rung.START)


def _unstartable(body: BodyFacts, inputs: DecisionInputs) -> str:
    wishes = inputs.wishes
    obstacles = {
        "the VM is not deallocated": not body.deallocated,
        "the VM never came up": not body.was_up,
        "the OS disk is not persisted": not wishes.persists_os,
        "the OS disk is to be rebuilt at each launch": wishes.os_on_launch,
        "the data disks are not persisted": bool(inputs.data_disks) and not wishes.persists_data,
        "the data disks are to be rebuilt at each launch": bool(inputs.data_disks)
        and wishes.data_on_launch,
        "the configuration was edited since the launch": inputs.launched_digest
        != wishes.launch_digest,
    }
    return next((text for text, stands in obstacles.items() if stands), "")


def _elsewhere(body: BodyFacts, market: Market) -> str:
    if body.lifecycle is not market.lifecycle:
        return "Azure does not change a VM between Spot and on-demand"
    if body.zone != market.zone:
        return "a VM cannot change its zone"
    if body.reservation.casefold() != market.reservation.casefold():
        return "the VM is bound to other capacity: reserved, or not"
    return ""


def _unlike(size: SizeFacts, inputs: DecisionInputs, standing: Standing) -> str:
    """Return why the VM cannot be resized to a size; empty: it can, or has the size already."""
    body = standing.body
    if body is None or body.size.casefold() == size.name.casefold():
        return ""
    present = size_named(inputs.sizes, body.size)
    if present is None:
        return f"the catalogue no longer knows {body.size}"
    if not standing.may_resize:
        return "resized often enough for Azure's rate limit"
    if bool(present.temp_disk_mib) != bool(size.temp_disk_mib):
        return "only one of the two sizes has a temporary disk"
    controller = body.controller or present.controllers[0]
    if controller.casefold() not in {one.casefold() for one in size.controllers}:
        return f"{size.name} has no {controller} disks"
    return ""


def _anew(market: Market, inputs: DecisionInputs, standing: Standing) -> Way:
    """Return the way by a new VM: on the same disks, on copies, or for the first time."""
    wishes, body = inputs.wishes, standing.body
    os_disk = inputs.os_disk if wishes.persists_os else None
    data_disks = inputs.data_disks if wishes.persists_data else ()
    expected_s = ATTACH_CREATE_S if os_disk else IMAGE_CREATE_S.get(wishes.os, START_S)
    expected_s += wishes.extension_count * EXTENSION_S
    if inputs.body is None and os_disk is None and not data_disks:
        return Way(Rung.LAUNCH, expected_s)
    way = Way(
        Rung.REATTACH,
        expected_s + (DELETE_S if body else 0.0),
        DELETE_RISK_S if body else 0.0,
        IDENTITY_LOSS_S if inputs.body else 0.0,
        _lost(inputs),
    )
    if not copied_for(wishes, os_disk, data_disks, market.zone):
        return way
    return replace(
        way,
        rung=Rung.COPY,
        expected_s=way.expected_s + COPY_S,
        risk_s=way.risk_s + COPY_RISK_S,
        loss_s=way.loss_s + COPY_LOSS_S,
        loses=(*way.loses, DISK_NAMES),
    )


def _lost(inputs: DecisionInputs) -> tuple[str, ...]:
    wishes = inputs.wishes
    lost = [TEMP_DISK, IDENTITY] if inputs.body else []
    lost += [EXTENSIONS] if wishes.extension_count and inputs.body else []
    lost += [OS_CONTENT] if inputs.os_disk and not wishes.persists_os else []
    lost += [DATA_CONTENT] if inputs.data_disks and not wishes.persists_data else []
    return tuple(lost)


def disks_to_copy(
    document: dict[str, Any],
    os_disk: DiskRef | None,
    data_disks: tuple[DiskRef, ...],
    move: Move,
) -> tuple[DiskRef, ...]:
    """Return which of the node's persisted disks a move must copy first, OS disk first.

    Those that cannot be attached in the move's zone, and those to be rebuilt at each launch.
    """
    return copied_for(wishes_of(document), os_disk, data_disks, move.market.zone)
