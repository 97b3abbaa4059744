"""Every lock in each of its three places: at creation it is open, in an edit and an import shut."""

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from shared.model.import_request import Ground, import_document, parse_import
from shared.model.parse import Present, parse_create, parse_update
from shared.model.problems import Rejected
from shared.model.rules.facts import Limits
from shared.model.secrets import split_secrets
from shared.model.wire import to_stored
from tests.unit.model.documents import LS, OTHER_KEY, PASSWORD, body, drop, node, put

OS_DISK, NETWORK = "shouldPersistOsDisk", "shouldPersistNetwork"
NIC = {"isPrimary": True, "subnetName": "other"}
OF_THE_OS_DISK = ("image", "login", "customData", "shutdownScript")


@dataclass(frozen=True)
class Lock:
    """A field that a switch locks, with another value for it."""

    ids: str
    path: str
    value: Any
    switch: str = OS_DISK

    @property
    def part(self) -> str:
        """The locked part that the field is in, as imports name it."""
        return ".".join(self.path.split(".")[:3])


LOCKS = (
    Lock("R17 R35", f"{LS}.image", {"custom": {"resourceGroupName": "a", "name": "b"}}),
    Lock("R17 R35", f"{LS}.image.marketplace.version", "1.2.3"),
    Lock("R16 R52", f"{LS}.login.userName", "ada"),
    Lock("R16 R52", f"{LS}.login.sshPublicKey", OTHER_KEY),
    Lock("R16 R52", f"{LS}.login.password", PASSWORD),
    Lock("R18 R94", f"{LS}.customData", "bmV3"),
    Lock("R18 R97", f"{LS}.shutdownScript", "bmV3"),
    Lock("R22 R85", f"{LS}.network.virtualNetworkName", "other", NETWORK),
    Lock("R22 R85", f"{LS}.network.resourceGroupName", "other", NETWORK),
    Lock("R22 R85", f"{LS}.network.networkInterfaces", [NIC], NETWORK),
)
EACH = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.ids} {lock.path}")


def held(lock: Lock, *, on: bool = True) -> dict[str, Any]:
    """Return a document with the lock's switch at a value, and scripts that can be locked."""
    document = put(node(), f"persistence.{lock.switch}", on)
    put(document, f"{LS}.customData", "b2xk")
    return put(document, f"{LS}.shutdownScript", "b2xk")


def refused(work: Any) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as answer:
        work()
    return [(one.field, str(one.code)) for one in answer.value.errors]


# -- create ---------------------------------------------------------------------------------------


@EACH
def test_at_creation_a_field_is_set_whatever_persists(lock: Lock) -> None:
    """R16, R17, R18, R22, R35, R52, R85, R94, R97."""
    document = put(held(lock), lock.path, lock.value)
    if lock.path.endswith("image"):
        assert len(document["compute"]["launchSpecification"]["image"]) == 1

    assert parse_create(body(document))


# -- edit -----------------------------------------------------------------------------------------


def present(lock: Lock, *, on: bool = True) -> Present:
    plain, _ = split_secrets(parse_create(body(held(lock, on=on))), "ssn-1")
    return Present(to_stored(plain))


@EACH
def test_an_edit_of_what_persists_is_refused_by_its_field(lock: Lock) -> None:
    """R16, R17, R18, R22, R35, R52, R85, R94, R97."""
    change = body(put({}, lock.path, lock.value))

    found = refused(lambda: parse_update(present(lock), change))

    assert [code for _, code in found] == ["LOCKED_FIELD"]
    assert found[0][0].startswith(f"statefulNode.{lock.path}")


@EACH
def test_an_edit_that_ends_persistence_may_change_it_at_once(lock: Lock) -> None:
    change = put(put({}, lock.path, lock.value), f"persistence.{lock.switch}", False)

    assert parse_update(present(lock), body(change))


@EACH
def test_an_edit_that_begins_persistence_may_not(lock: Lock) -> None:
    change = put(put({}, lock.path, lock.value), f"persistence.{lock.switch}", True)

    found = refused(lambda: parse_update(present(lock, on=False), body(change)))

    assert {code for _, code in found} == {"LOCKED_FIELD"}


@EACH
def test_a_value_sent_back_as_it_was_read_is_no_edit(lock: Lock) -> None:
    document = held(lock)
    before = present(lock)
    part = document
    for step in lock.part.split("."):
        part = part[step]

    assert to_stored(parse_update(before, body(put({}, lock.part, part)))) == before.stored


@pytest.mark.parametrize(
    ("path", "value"),
    [("region", "westus2"), ("resourceGroupName", "other"), ("compute.os", "Windows")],
)
def test_what_the_node_is_stays_for_its_life(path: str, value: str) -> None:
    """S43."""
    lock = LOCKS[0]

    found = refused(lambda: parse_update(present(lock), body(put({}, path, value))))

    assert (f"statefulNode.{path}", "IMMUTABLE_FIELD") in found


@pytest.mark.parametrize("switch", [OS_DISK, "shouldPersistDataDisks", NETWORK])
def test_persistence_cannot_be_edited_while_paused(switch: str) -> None:
    """R20, R24."""
    before = to_stored(parse_create(body(node())))
    now = before["persistence"][switch]
    paused = Present(before, persistence_editable=False)

    found = refused(lambda: parse_update(paused, body(put({}, f"persistence.{switch}", not now))))

    assert (f"statefulNode.persistence.{switch}", "LOCKED_FIELD") in found


@pytest.mark.parametrize(
    ("disks", "path"),
    [
        ("osDisk", f"{LS}.osDisk.sizeGB"),
        ("dataDisks", f"{LS}.dataDisks[0].sizeGB"),
    ],
)
def test_a_disk_that_persists_grows_and_never_shrinks(disks: str, path: str) -> None:
    """S98, S99."""

    def sized(size_gib: int) -> Any:
        disk = {"type": "Premium_LRS", "sizeGB": size_gib}
        return disk if disks == "osDisk" else [{**disk, "lun": 3}]

    before = Present(to_stored(parse_create(body(put(node(), f"{LS}.{disks}", sized(64))))))

    assert parse_update(before, body(put({}, f"{LS}.{disks}", sized(128))))
    smaller = body(put({}, f"{LS}.{disks}", sized(32)))
    assert refused(lambda: parse_update(before, smaller)) == [
        (f"statefulNode.{path}", "LOCKED_FIELD")
    ]
    off = {"shouldPersistOsDisk": False, "shouldPersistDataDisks": False}
    freed = put(copy.deepcopy(smaller), "statefulNode.persistence", off)
    assert parse_update(before, freed)


# -- import ---------------------------------------------------------------------------------------


def imported(lock: Lock, *, on: bool) -> Any:
    """Import a VM whose client sets the field."""
    whole = node(name="web-vm")
    for name in OF_THE_OS_DISK:
        if name in whole["compute"]["launchSpecification"]:
            drop(whole, f"{LS}.{name}")
    image = node()["compute"]["launchSpecification"]["image"]
    ground = Ground(whole, image, {"minCpu": 2})
    said = put({}, f"persistence.{lock.switch}", on)
    if lock.path.startswith(f"{LS}.login"):
        put(said, f"{LS}.login", {"userName": "eve", "sshPublicKey": OTHER_KEY})
    put(said, lock.path, lock.value)
    call = {"originalVmName": "web-vm", "resourceGroupName": "fleet", "node": said}
    request = parse_import({"statefulNodeImport": call})
    return import_document(request, ground, Limits())


@EACH
def test_an_import_says_nothing_of_what_comes_with_the_vm(lock: Lock) -> None:
    """R19, R23, R52, R85, R94."""
    found = refused(lambda: imported(lock, on=True))

    assert (f"statefulNodeImport.node.{lock.part}", "LOCKED_FIELD") in found


@pytest.mark.parametrize(
    "lock",
    # An image is said whole: an import's document has none to begin with.
    [lock for lock in LOCKS if not lock.path.endswith(".version")],
    ids=lambda lock: lock.path,
)
def test_an_import_whose_disks_or_network_do_not_persist_may_say_it(lock: Lock) -> None:
    assert imported(lock, on=False)
