"""What may be imported, what is made of it, and what becomes of what it leaves."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.base import Changed, Done, Refused, Work
from shared.contracts.disk import DisksCopied, Swept
from shared.contracts.node import Claimed
from shared.contracts.source import SourceSecured
from shared.model.facts import SizeFacts
from shared.model.ids import OperationId, node_key
from shared.model.run import DiskRef, NicRef, RunState
from shared.model.source import SourceDisk, SourceNic, SourcePlace, SourceVm
from shared.policy.import_configuration import configuration, ground, like
from shared.policy.imported import (
    kept,
    left_by,
    made_by,
    on_copies,
    plan_of_retention,
    story_of_source,
    zone_for_copies,
)
from shared.policy.importing import kept_until, obstacles, was_running
from shared.policy.parting import both, rest_of, untouched, vms_among, with_vm
from tests.store.worlds import NOON

PLACE = SourcePlace(name="v", group="rg")
VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/legacy"
DISK = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/"
NIC = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n"
IP = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/n"
HOLDER = NIC + "-placeholder"


def source(**changes: Any) -> SourceVm:
    whole = SourceVm(
        id=VM,
        vm_id="v0",
        name="legacy",
        group="rg",
        region="eastus",
        zone="1",
        size="Standard_D2s_v5",
        os="Linux",
        power="running",
        os_disk=SourceDisk(name="os", id=DISK + "os"),
        nics=(nic(),),
    )
    return whole.model_copy(update=changes)


def nic(name: str = "n") -> SourceNic:
    return SourceNic(id=NIC, name=name, is_primary=True, network=PLACE, subnet="s")


def disk(lun: int | None = 3, **changes: Any) -> SourceDisk:
    return SourceDisk(name="d", id=DISK + "d", lun=lun, **changes)


# -- what may be imported -------------------------------------------------------------------------


def test_an_ordinary_vm_may_be_imported_running_or_not() -> None:
    for power in ("running", "deallocated", "stopped"):
        assert list(obstacles(source(power=power), convert=False)) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tags": {"mooring-node": "ssn-1"}}, "belongs to the stateful node ssn-1"),
        ({"generalized": True}, "generalized"),
        ({"member_of": "a scale set"}, "part of a scale set"),
        ({"provisioning": "Creating"}, "Azure is at it"),
        ({"power": "deallocating"}, "deallocating; try again"),
        ({"os_disk": disk(None, ephemeral=True)}, "its OS disk is ephemeral"),
        ({"data_disks": (disk(shared=True),)}, "LUN 3 is shared"),
        ({"data_disks": (disk(encryption="a customer-managed key"),)}, "customer-managed key"),
        ({"nics": ()}, "no network interface"),
        ({"nics": (nic("mooring-0000cafe-import-nic"),)}, "give it those back first"),
    ],
)
def test_each_vm_that_cannot_be_imported_is_told_why(changes: dict[str, Any], told: str) -> None:
    """S68: in words for its owner, before anything is touched."""
    (reason,) = obstacles(source(**changes), convert=True)

    assert told in reason


def test_all_that_stands_in_the_way_is_told_at_once() -> None:
    found = list(obstacles(source(generalized=True, nics=()), convert=True))

    assert len(found) == 2


def test_unmanaged_disks_are_an_obstacle_until_their_conversion_is_allowed() -> None:
    """S76."""
    vm = source(os_disk=disk(None, unmanaged=True))

    assert len(list(obstacles(vm, convert=False))) == 1
    assert list(obstacles(vm, convert=True)) == []


def test_a_vm_that_is_about_to_run_counts_as_running() -> None:
    powers = ("running", "starting", "stopped", "deallocated")

    assert [was_running(source(power=one)) for one in powers] == [True, True, False, False]


# -- what it is as a document ---------------------------------------------------------------------


def test_a_zone_is_named_only_where_the_vm_is_in_one() -> None:
    assert ground(source())["compute"]["zones"] == ["1"]
    assert "zones" not in ground(source(zone=None))["compute"]


def test_neither_azures_own_tags_nor_ours_become_the_nodes() -> None:
    tags = {"team": "core", "hidden-title": "x", "mooring-import": "ssn-1"}

    told = configuration(source(tags=tags))

    assert told["compute"]["launchSpecification"]["tags"] == [
        {"tagKey": "team", "tagValue": "core"}
    ]


def test_no_license_that_the_system_cannot_have_is_told() -> None:
    known = ground(source(license_type="RHEL_BYOS"))["compute"]["launchSpecification"]
    other = ground(source(license_type="Windows_Server"))["compute"]["launchSpecification"]

    assert known["licenseType"] == "RHEL_BYOS"
    assert "licenseType" not in other


def test_the_attributes_of_a_size_are_its_own_vcpus_memory_and_storage() -> None:
    """S74."""
    size = SizeFacts(name="Standard_X", family="f", vcpus=6, memory_gib=7.5, temp_disk_mib=1_536)

    assert like(size) == {
        "minCpu": 6,
        "maxCpu": 6,
        "minMemory": 7,
        "maxMemory": 8,
        "minStorage": 1,
        "maxStorage": 2,
    }


# -- what it leaves -------------------------------------------------------------------------------


def test_the_time_of_what_is_left_begins_when_the_nodes_vm_is_up() -> None:
    assert kept_until(NOON, 96, unproven=False) == NOON + timedelta(hours=96)
    assert kept_until(NOON, 0, unproven=False) == NOON


def test_what_an_unproven_vm_replaces_stays_an_hour_at_least() -> None:
    assert kept_until(NOON, 0, unproven=True) == NOON + timedelta(hours=1)
    assert kept_until(NOON, 5, unproven=True) == NOON + timedelta(hours=5)


def secured() -> SourceSecured:
    own = NicRef(id=NIC, name="n", is_primary=True, public_ip_id=IP)
    os_disk, data = DiskRef(id=DISK + "os", name="os"), DiskRef(id=DISK + "d", name="d", lun=3)
    return SourceSecured(running=True, os_disk=os_disk, data_disks=(data,), nics=(own,))


def test_without_a_placeholder_all_of_the_source_is_left() -> None:
    left, taken = left_by(secured(), VM, "")

    assert [one.id for one in kept(left, taken, NOON)] == [VM, NIC, IP, DISK + "os", DISK + "d"]


def test_with_a_placeholder_that_is_left_in_place_of_the_network() -> None:
    left, taken = left_by(secured(), VM, HOLDER)
    retained = kept(left, taken, NOON)

    assert {one.id for one in retained} == {VM, DISK + "os", DISK + "d", HOLDER}
    assert {one.why for one in retained} == {"imported"}
    assert set(left) > set(taken) == {NIC, IP}


def test_the_plan_of_retention_names_what_goes_and_when() -> None:
    left, taken = left_by(secured(), VM, HOLDER)

    told = plan_of_retention(kept(left, taken, NOON))

    assert "until 2026-11-23 12:00 UTC" in told
    assert "legacy" in told
    assert plan_of_retention(()) == "the imported VM leaves nothing behind"


def test_what_was_made_for_the_node_never_names_what_it_took() -> None:
    taken = secured().nics
    run = RunState(nics=taken, os_disk=DiskRef(id=DISK + "copy", name="copy"), snapshots=("/s",))

    assert made_by(run, (HOLDER,), taken) == (HOLDER, DISK + "copy", "/s")


def copies_in(compute: dict[str, Any], *, keeps: bool = False, **known: Any) -> str | None:
    document = {"compute": compute, "persistence": {"shouldPersistNetwork": keeps}}
    work = Work(key=node_key("act-0000beef", "ssn-0000cafe"), operation_id=OperationId("op-1"))
    node = Claimed(work=work, run=RunState(), version=1, document=document)
    return zone_for_copies(node, secured().model_copy(update=known))


@pytest.mark.parametrize(
    ("compute", "source_zone", "wanted"),
    [
        ({"zones": ["1", "2"], "preferredZone": "2"}, "1", "2"),
        ({"zones": ["1", "2"]}, "2", "2"),
        ({"zones": ["3"]}, "1", "3"),
        ({}, "1", None),
        ({"zones": ["2"]}, None, "2"),
    ],
)
def test_copies_are_made_where_the_node_may_run_best_where_the_vm_was(
    compute: dict[str, Any], source_zone: str, wanted: str | None
) -> None:
    assert copies_in(compute, zone=source_zone) == wanted


@pytest.mark.parametrize(("keeps", "wanted"), [(True, "1"), (False, "2")])
def test_copies_are_made_in_the_zone_of_an_address_that_comes_along(
    keeps: bool,  # noqa: FBT001
    wanted: str,
) -> None:
    """S71."""
    compute = {"zones": ["1", "2"], "preferredZone": "2"}
    zonal = NicRef(id=NIC, name="n", is_primary=True, public_ip_zone="1")

    assert copies_in(compute, keeps=keeps, nics=(zonal,)) == wanted


def test_a_node_on_copies_has_no_vm_and_knows_all_that_was_made() -> None:
    disks = (DiskRef(id="/os", name="os"), DiskRef(id="/d", name="d", lun=3))
    run = on_copies(RunState(), DisksCopied(disks=disks, snapshot_ids=("/s",), made=("/os", "/s")))

    assert run.vm is None
    assert run.os_disk == disks[0]
    assert run.data_disks == disks[1:]
    assert (run.snapshots, run.leftovers) == (("/s",), ("/os", "/s"))


def test_what_became_of_the_source_is_told_with_all_that_is_not_as_it_was() -> None:
    assert story_of_source(started=True, trouble=()) == "The virtual machine runs again."
    assert story_of_source(started=False, trouble=()) == "The virtual machine is as it was."
    told = story_of_source(started=True, trouble=("it is down", "it is marked"))
    assert told == "The virtual machine is not all as it was: it is down; it is marked."


# -- when its time is over ------------------------------------------------------------------------


def test_a_vm_is_told_from_what_it_holds() -> None:
    assert vms_among((DISK + "os", VM, NIC)) == (VM,)


@pytest.mark.parametrize(
    ("ended", "what"),
    [
        (Done(), "gone"),
        (Changed(code="StillRunning", message="it runs"), "left"),
        (Refused(code="NotOurs", message="no tag"), "left"),
        (Refused(code="ScopeLocked", message="a lock"), "refused"),
    ],
)
def test_what_becomes_of_a_vm_follows_from_azures_answer(
    ended: Done | Changed | Refused, what: str
) -> None:
    answer = with_vm(Swept(), VM, ended)

    found = {name: getattr(answer, name) for name in ("gone", "left", "refused")}
    assert found == {"gone": (), "left": (), "refused": ()} | {what: (VM,)}
    assert rest_of((VM, DISK + "os"), answer) == (DISK + "os",)


def test_the_first_reason_of_several_is_the_one_that_is_told() -> None:
    one = untouched(Swept(refused=(VM,), reason="a lock"), (DISK + "os",))

    assert one.refused == (VM, DISK + "os")
    whole = both(one, Swept(gone=(NIC,), reason="another"))
    assert (whole.reason, whole.gone, whole.refused) == ("a lock", (NIC,), one.refused)
