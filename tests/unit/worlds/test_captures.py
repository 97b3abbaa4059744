"""I2, by whether the disks of a paused node that are rebuilt were captured."""

from dataclasses import replace
from typing import Any

import pytest

from local.arm.chronicle import SERVICE, Asked
from local.worlds.logbook import Entry
from shared.model.ids import AccountId, NodeId, NodeKey
from shared.model.run import DiskRef, RunState, Status
from store.node_rows import NodeRecord
from tests.fuzz.captures import Captures
from tests.unit.worlds.history import NODE, NOON, disk, snapshot, vm

BOTH = {
    "shouldPersistOsDisk": True,
    "osDiskPersistenceMode": "onLaunch",
    "shouldPersistDataDisks": True,
    "dataDisksPersistenceMode": "onLaunch",
}
DISKS = (disk("os"), disk("data"))
SNAPSHOTS = (snapshot("of-os", "os"), snapshot("of-data", "data"))


class Story:
    """A node is paused."""

    def __init__(self, *snapshots: str, status: Status = Status.PAUSED, **says: Any) -> None:
        there = {one.id: one for one in (*DISKS, *SNAPSHOTS)}
        ids = [one.id for one in SNAPSHOTS if one.id.rsplit("/", 1)[-1] in snapshots]
        run = RunState(
            status=status,
            os_disk=DiskRef(id=DISKS[0].id.upper(), name="os"),
            data_disks=(DiskRef(id=DISKS[1].id, name="data", lun=0),),
            snapshots=tuple(ids),
        )
        key = NodeKey(account_id=AccountId("act-1"), node_id=NodeId(NODE))
        record = NodeRecord(key, {"persistence": BOTH | says}, 1, run, None)
        self.there, self.log = there, list[str]()
        self.captures = Captures(lambda _: record, there, lambda: self.log)

    def ends(self, kind: str = "pause") -> list[str]:
        operation = f"{NODE}-{kind}-0a1b2c3d"
        asked = Asked(
            at=NOON,
            caller=SERVICE,
            method="DELETE",
            operation=f"{vm().type}/delete",
            resource=vm().id,
            request_id=f"mooring/{operation}/delete-vm-0",
            status=202,
            digest="d",
            was=vm().born,
            became=vm().born,
        )
        self.captures.hear(asked)
        return self.is_over(operation)

    def is_over(self, operation: str = f"{NODE}-pause-0a1b2c3d") -> list[str]:
        return list(self.captures.read(Entry(1.0, "end", f"settle_operation {operation}/9 {{}}")))


def test_a_pause_that_captured_all_that_is_rebuilt_breaks_nothing() -> None:
    assert Story("of-os", "of-data").ends() == []


@pytest.mark.parametrize(
    ("snapshots", "missing"), [((), "os, data"), (("of-os",), "data"), (("of-data",), "os")]
)
def test_disks_that_nobody_captured_are_told(snapshots: tuple[str, ...], missing: str) -> None:
    told = f"node {NODE} was paused, and nobody has captured {missing}"

    assert Story(*snapshots).ends() == [told]


def test_a_snapshot_that_is_not_complete_is_no_capture() -> None:
    story = Story("of-os", "of-data")
    story.there[SNAPSHOTS[0].id] = replace(SNAPSHOTS[0], provisioning="Creating")

    assert len(story.ends()) == 1


def test_disks_that_are_reattached_or_gone_need_none() -> None:
    gone = Story("of-os")
    del gone.there[DISKS[1].id]

    assert Story("of-os", dataDisksPersistenceMode="reattach").ends() == []
    assert Story("of-data", osDiskPersistenceMode="reattach").ends() == []
    assert gone.ends() == []


def test_a_log_that_says_why_there_is_none_excuses_it() -> None:
    story = Story()
    story.log.append("no snapshot taken: Conflict: another one is being made")

    assert story.ends() == []


def test_only_a_pause_that_ended_a_vm_is_judged_once_it_is_over() -> None:
    assert Story().is_over() == []
    assert Story().ends("recycle") == []
    assert Story(status=Status.PAUSING).ends() == []
