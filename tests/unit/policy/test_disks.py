"""Which disk can be a node's OS disk, where a data disk can go, and what a launch leaves out."""

from typing import Any

import pytest

from shared.contracts.base import Work
from shared.contracts.disks_change import OsDiskFit
from shared.contracts.node import Claimed
from shared.model.disk_facts import DiskFacts
from shared.model.ids import OperationId, node_key
from shared.model.run import DiskRef, Lifecycle, Retained, RunState, Vm
from shared.policy.data_disks import (
    empty_luns,
    free_lun,
    luns_taken,
    other_luns,
    with_disk,
    without_disk,
)
from shared.policy.os_disk import booting_from, misfits, zones_for
from tests.unit.policy.test_deletion import NOW

DOCUMENT = {
    "compute": {"launchSpecification": {"dataDisks": [{"lun": 0}, {"lun": 2}]}},
    "persistence": {"shouldPersistDataDisks": True},
}
FIT = OsDiskFit(region="eastus", os="Linux", zones=("1",), like_id="/disks/os")


def ref(
    name: str, lun: int | None = None, zone: str | None = "1", sku: str = "Premium_LRS"
) -> DiskRef:
    return DiskRef(id=f"/disks/{name}", name=name, lun=lun, zone=zone, sku=sku)


def disk(name: str = "new", **more: Any) -> DiskFacts:
    facts = {"region": "East US", "zone": "1", "sku": "Premium_LRS", "os_type": "Linux"}
    known = {"generation": "V2", "architecture": "x64", "security_type": "Standard"}
    return DiskFacts(id=f"/disks/{name}", name=name, size_gib=64, **(facts | known | more))


def claimed(run: RunState, **persistence: bool) -> Claimed:
    work = Work(key=node_key("a", "n"), operation_id=OperationId("op"))
    document = DOCUMENT | {"persistence": persistence}
    return Claimed(work=work, run=run, version=1, document=document)


def test_a_disk_like_the_present_one_fits() -> None:
    """S30."""
    assert [*misfits(disk(), disk("os"), FIT, "ssn-1")] == []


@pytest.mark.parametrize("zone", ["1", "2", None])
def test_a_zone_redundant_disk_fits_every_zone(zone: str | None) -> None:
    """S30, S103."""
    fit = FIT.model_copy(update={"zones": (zone,)})

    assert [*misfits(disk(sku="Premium_ZRS", zone=None), disk("os"), fit, "ssn-1")] == []


def test_every_reason_is_told() -> None:
    """S30."""
    odd = disk(region="westus", zone="3", os_type="Windows", is_free=False, generation="V1")

    assert len([*misfits(odd, disk("os"), FIT, "ssn-1")]) == 5


def test_without_a_present_disk_the_document_says_what_security_is_wanted() -> None:
    fit = FIT.model_copy(update={"security_type": "TrustedLaunch"})

    assert [*misfits(disk(security_type="TrustedLaunch"), None, fit, "ssn-1")] == []
    assert len([*misfits(disk(), None, fit, "ssn-1")]) == 1


def test_a_node_may_take_back_a_disk_that_was_its_own() -> None:
    assert [*misfits(disk(node_id="ssn-1"), disk("os"), FIT, "ssn-1")] == []


def test_a_vm_fixes_the_zone_and_without_one_the_disks_that_move_on_do() -> None:
    vm = Vm(id="v", name="v", size="s", zone="2", lifecycle=Lifecycle.SPOT)

    assert zones_for(RunState(vm=vm), ("1", "2"), ()) == ("2",)
    assert zones_for(RunState(), ("1", "2"), (ref("data", 0, "1"),)) == ("1",)
    assert zones_for(RunState(), ("1", "2"), (ref("data", 0, None, "Premium_ZRS"),)) == ("1", "2")
    assert zones_for(RunState(), (), ()) == (None,)


def test_a_disk_kept_for_deletion_that_is_booted_from_is_kept_for_that() -> None:
    """I2."""
    run = RunState(os_disk=ref("os"), retained=(Retained(id="/disks/NEW", until=NOW),))

    after = booting_from(run, ref("new"))

    assert (after.os_disk and after.os_disk.name, after.retained) == ("new", ())


def test_luns_in_use_and_luns_that_the_document_orders_are_taken() -> None:
    run = RunState(data_disks=(ref("data", 5),))

    assert luns_taken(run, DOCUMENT) == {0, 2, 5}
    assert luns_taken(run.model_copy(update={"detached_luns": (2,)}), DOCUMENT) == {0, 5}
    assert free_lun(frozenset({0, 1, 3})) == 2
    assert free_lun(frozenset(range(64))) is None


def test_a_detached_disk_of_the_document_is_not_made_anew_whatever_comes_in_its_place() -> None:
    """S8: what the VM had is what the next one gets."""
    run = RunState(data_disks=(ref("data0", 0), ref("data2", 2)))

    detached = without_disk(run, ref("data2", 2), DOCUMENT)
    refilled = with_disk(detached, ref("other", 2))

    assert empty_luns(claimed(detached, shouldPersistDataDisks=True)) == (2,)
    assert empty_luns(claimed(detached)) == ()
    assert refilled.detached_luns == (2,)  # what came is not what the document describes
    assert [one.name for one in refilled.data_disks] == ["data0", "other"]


def test_a_disk_that_the_document_does_not_order_leaves_no_gap() -> None:
    run = RunState(data_disks=(ref("extra", 7),))

    assert without_disk(run, ref("extra", 7), DOCUMENT).detached_luns == ()


def test_a_vm_that_leaves_gets_no_disks_that_it_had_not() -> None:
    assert other_luns(claimed(RunState(data_disks=(ref("data0", 0),)))) == (2,)
