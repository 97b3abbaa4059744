"""What tests of imports answer a runbook: an import that keeps the network, and succeeds."""

from datetime import timedelta
from typing import Any

from orchestrators.import_vm import ImportVm
from shared.contracts.base import Done, NoCapacity, Refused
from shared.contracts.disk import DisksCopied
from shared.contracts.market import Decided, Nowhere
from shared.contracts.node import Settled
from shared.contracts.source import NicPools, NicsFree, Source, SourceSecured
from shared.contracts.vm import Down, VmFacts, VmUp
from shared.model.market import Rung
from shared.model.run import Row, RunState, Status
from tests.orchestrators.conftest import (
    GROUP,
    KEY,
    OPERATION,
    START,
    Drive,
    claimed,
    disk,
    move,
    nic,
    vm,
)

SOURCE = Source(vm_resource_id=f"{GROUP}/Microsoft.Compute/virtualMachines/legacy", vm_id="v0")
PLACEHOLDER = f"{GROUP}/Microsoft.Network/networkInterfaces/mooring-00000001-import-nic"
POOLS = (NicPools(nic_id=nic("legacy-nic").id, configuration="c", balancer_pool_ids=("/pool",)),)
NO = Refused(code="ScopeLocked", message="a lock")
DOWN = Down(facts=VmFacts(exists=True, power="deallocated"))
FULL = NoCapacity(code="AllocationFailed", message="none left")
NOWHERE = Nowhere(reason="no market is open", until=START + timedelta(minutes=5))
FRESH = {"shouldPersistNetwork": False}


def secured(**changes: Any) -> SourceSecured:
    whole = SourceSecured(
        running=True,
        zone="1",
        os_disk=disk("legacy-os"),
        data_disks=(disk("legacy-data", 3),),
        nics=(nic("legacy-nic"),),
    )
    return whole.model_copy(update=changes)


def copied() -> DisksCopied:
    snapshots = tuple(f"{GROUP}/Microsoft.Compute/snapshots/{one}" for one in ("s0", "s3"))
    disks = (disk("os-g1"), disk("data3-g1", 3))
    made = tuple(one.id for one in disks)
    return DisksCopied(disks=disks, snapshot_ids=snapshots, made=(*made, *snapshots))


def up(**changes: Any) -> VmUp:
    whole = VmUp(
        vm=vm(vm_id="v1"),
        os_disk=disk("os-g1"),
        data_disks=(disk("data3-g1", 3),),
        nics=(nic("legacy-nic"),),
        version=1,
        digest="d",
    )
    return whole.model_copy(update=changes)


def importing(**changes: Any) -> ImportVm:
    whole = ImportVm(
        key=KEY, operation_id=OPERATION, source=SOURCE, was_running=True, retention_h=96
    )
    return whole.model_copy(update=changes)


def node(**persistence: Any) -> Any:
    return claimed(RunState(status=Status.IMPORTING), **persistence)


def answers(**changes: list[Row]) -> dict[str, list[Row]]:
    """Return the answers of an import that keeps the network and succeeds."""
    decided = Decided(moves=(move(Rung.LAUNCH),))
    whole: dict[str, list[Row]] = {
        "claim_operation": [node()],
        "decide": [decided, decided],
        "secure_source": [secured()],
        "hold_addresses": [Done()],
        "stop_source": [Done()],
        "copy_disks": [copied()],
        "free_nics": [NicsFree(placeholder_id=PLACEHOLDER)],
        "ensure_nics": [Done()],
        "create_vm": [up()],
        "settle_operation": [Settled(), Settled(), Settled()],
        "adopt_source": [Done()],
        "end_import": [Done()],
        "release_source": [Done()],
        "start_source": [Done()],
        "give_back_nics": [Done()],
        "let_go": [Done()],
        "delete_resources": [Done(), Done()],
    }
    return whole | changes


def fresh(**changes: list[Row]) -> dict[str, list[Row]]:
    """Return those of one whose node gets a network of its own."""
    node_ip = nic("nic0")
    made = up(nics=(node_ip,))
    return answers(claim_operation=[node(**FRESH)], create_vm=[made], **changes)


def names(ids: list[str]) -> list[str]:
    return [one.rsplit("/", 1)[-1] for one in ids]


def settled(run: Drive) -> dict[str, Any]:
    """Return the state that the operation left the node in."""
    last = [call for call in run.calls if call.name == "settle_operation"][-1]
    return dict(last.request["run"])
