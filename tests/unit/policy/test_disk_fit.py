"""Which kept disks are changed before the next VM, once an edit asks for others."""

from typing import Any

import pytest

from shared.contracts.base import Work
from shared.contracts.node import Claimed
from shared.model.ids import OperationId, node_key
from shared.model.run import DiskRef, RunState
from shared.policy.disk_fit import disks_to_fit, sku_after


def ref(lun: int | None = None, **more: Any) -> DiskRef:
    known = {"size_gib": 64, "sku": "Premium_LRS", "zone": "1"}
    return DiskRef(id=f"/disks/{lun}", name=f"disk-{lun}", lun=lun, **(known | more))


def node(
    os_disk: dict[str, Any], *data_disks: dict[str, Any], detached: tuple[int, ...] = ()
) -> Claimed:
    launch = {"osDisk": os_disk, "dataDisks": list(data_disks)}
    kept = {"shouldPersistOsDisk": True, "shouldPersistDataDisks": True}
    document = {"compute": {"launchSpecification": launch}, "persistence": kept}
    work = Work(key=node_key("act-0000beef", "ssn-0000cafe"), operation_id=OperationId("op-1"))
    run = RunState(detached_luns=detached)
    return Claimed(work=work, run=run, version=1, document=document)


def test_a_disk_that_an_edit_wants_larger_grows() -> None:
    """S98, S99."""
    wanted = node({"sizeGB": 128}, {"lun": 0, "sizeGB": 256}, {"lun": 1, "sizeGB": 64})

    found = disks_to_fit(wanted, ref(), (ref(0), ref(1)))

    assert [(disk.lun, disk.size_gib) for disk in found] == [(None, 128), (0, 256)]


def test_a_disk_never_shrinks() -> None:
    assert disks_to_fit(node({"sizeGB": 32}), ref(), ()) == ()


def test_a_disk_of_which_the_size_is_not_known_stays_as_it_is() -> None:
    assert disks_to_fit(node({"sizeGB": 128}), ref(size_gib=None), ()) == ()


def test_a_disk_becomes_of_the_type_that_an_edit_asks_for() -> None:
    (found,) = disks_to_fit(node({"type": "StandardSSD_LRS"}), ref(), ())

    assert (found.sku, found.size_gib) == ("StandardSSD_LRS", 64)


def test_a_disk_that_the_document_does_not_name_is_left_alone() -> None:
    assert disks_to_fit(node({}, {"lun": 3, "sizeGB": 512}), ref(), (ref(0),)) == ()


def test_a_disk_attached_in_the_place_of_a_detached_one_is_left_as_it_was_asked_for() -> None:
    """The document describes the disk that its owner took away."""
    wanted = node({}, {"lun": 0, "sizeGB": 128}, {"lun": 1, "sizeGB": 128}, detached=(0,))

    found = disks_to_fit(wanted, ref(), (ref(0, size_gib=8), ref(1)))

    assert [(disk.lun, disk.size_gib) for disk in found] == [(1, 128)]


@pytest.mark.parametrize(
    ("present", "asked", "after"),
    [
        ("Standard_LRS", "Premium_LRS", "Premium_LRS"),
        ("StandardSSD_ZRS", "Premium_ZRS", "Premium_ZRS"),
        ("Premium_LRS", "Premium_ZRS", "Premium_LRS"),
        ("Premium_LRS", "UltraSSD_LRS", "Premium_LRS"),
        ("PremiumV2_LRS", "Premium_LRS", "PremiumV2_LRS"),
        ("Premium_LRS", None, "Premium_LRS"),
        (None, "Premium_LRS", None),
    ],
)
def test_a_type_changes_within_one_redundancy_only(
    present: str | None, asked: str | None, after: str | None
) -> None:
    assert sku_after(present, asked) == after
