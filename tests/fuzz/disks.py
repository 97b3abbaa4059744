"""The owner's deeds on his node's disks: attach a new one, detach one, swap the OS disk."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from local.arm.faults import ConnectionLostError
from local.arm.portrait import DISK
from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, Answer
from local.worlds.invariants import Farewell
from shared.model.run import DiskRef, RunState
from tests.fuzz.figures import Counting
from tests.fuzz.owner import Owner
from tests.fuzz.pace import Pace
from tests.fuzz.records import nodes

Json = dict[str, Any]

COMPUTE: Final = f"{GROUP}/providers/Microsoft.Compute"
GROUP_NAME: Final = GROUP.rsplit("/", 1)[-1]
OK: Final = 200
RESTS: Final = frozenset({"PAUSED", "STOPPED"})
FREE: Final = frozenset({"ACTIVE", "PAUSED"})
RESTS_WITHIN_S: Final = 900.0
COPIED_S: Final = 30.0
WORDS: Final = {"detach_disk": "disks detached", "swap_os_disk": "OS disks swapped"}
TAKEN: Final = "taken"
"""Of an attach: its name is that of a disk that there is already."""
ELSEWHERE: Final = "and must be in"
"""What the API says of a disk that is where the node's VM cannot be."""
OURS: Final = frozenset({TAKEN, "waits_s"})
"""What of a step is not the API's business."""


class Disks:
    """What the owner of one node does with its disks."""

    def __init__(self, pace: Pace, owner: Owner, counting: Counting) -> None:
        self._pace, self._world, self._watch = pace, pace.world, pace.watch
        self._owner = owner
        self._count = counting.figures.counts
        self.keeps_until: datetime | None = None
        """When the last time is over of what was given up so far."""
        self._latest: Farewell | None = None
        """Of the disk that he gave up last."""
        self._named = 0
        self._earlier: list[str] = []
        """Ids of the OS disks that were swapped out."""

    async def attach(self, asked: Json) -> None:
        """Attach a new disk where the VM is, or will be; by a name that is taken: in vain."""
        await self._free(asked["waits_s"])
        run = self._run()
        if run is None:
            return
        body = {key: value for key, value in asked.items() if key not in OURS and value is not None}
        taken = self._some_disk() if asked.get(TAKEN) else ""
        name = taken or self._name("x")
        body |= {"dataDiskName": name, "dataDiskResourceGroupName": GROUP_NAME}
        if zone := _zone(run):
            body["zone"] = zone
        if not taken:
            self._watch.attaches(self._owner.node_id, _id(name).lower(), asked["sizeGB"])
        answer = await self._call("attach", body)
        self._count["disks attached"] += answer.status == OK
        if taken and answer.status == OK:
            self._pace.blame("I14", f"a disk was to be attached as {name}, which there is already")

    async def detach(self, which: int, asked: Json) -> None:
        """Detach one of the data disks that the node says it has."""
        await self._free(asked["waits_s"])
        run = self._run()
        if run is None or not run.data_disks:
            return
        disk = run.data_disks[which % len(run.data_disks)]
        now = self._world.clock.now()
        until = now + timedelta(hours=asked["ttlInHours"]) if asked["shouldDeallocate"] else None
        farewell = Farewell(now, disk.id.lower(), until)
        self._watch.farewell(self._owner.node_id, farewell)
        named = {"dataDiskName": disk.name, "dataDiskResourceGroupName": GROUP_NAME}
        chosen = {key: value for key, value in asked.items() if key not in OURS}
        await self._call("detach", named | chosen)
        self._heed("detach_disk", farewell)

    async def swap(self, source: str, asked: Json) -> None:
        """Rest the node, and swap its OS disk for a copy of it, or for the one before it."""
        if not await self._rests(asked):
            return
        run = self._run()
        old = run.os_disk if run else None
        new = await self._other(old, source) if old else ""
        if run is None or old is None or not new:
            return
        now = self._world.clock.now()
        hours = timedelta(hours=asked["retentionTime"])
        until = now + hours if asked["shouldTerminate"] else None
        farewell = Farewell(now, old.id.lower(), until, new.lower())
        self._watch.farewell(self._owner.node_id, farewell)
        name = new.rsplit("/", 1)[-1]
        named = {"osDiskName": name, "osDiskResourceGroupName": GROUP_NAME}
        answer = await self._call("swap", named | asked)
        if source == "copy" and ELSEWHERE in str(answer.body):
            self._pace.blame("L", f"a copy made beside the OS disk is refused: {answer.body}")
        if self._heed("swap_os_disk", farewell):
            self._earlier.append(old.id)

    def lose(self) -> None:
        """Take it that an operation is lost which is about the disk that he gave up last."""
        if self._latest:
            self._watch.doubts(self._owner.node_id, self._latest.disk)

    async def _free(self, within_s: float) -> None:
        """Wait a while for a node that may be asked for something; then he asks all the same."""

        def is_free() -> bool:
            view = self._pace.view(self._owner.node_id)
            return view is None or (view.status in FREE and not view.operation)

        if within_s:
            await self._pace.until(is_free, within_s)

    async def _rests(self, asked: Json) -> bool:
        """Have the node put to rest, if it is up; tell whether it rests."""
        node_id = self._owner.node_id
        view = self._pace.view(node_id)
        if view and view.status == "ACTIVE":
            await self._owner.ask("pause" if asked["retentionTime"] else "stop")

        def rests() -> bool:
            view = self._pace.view(node_id)
            return view is None or (view.status in RESTS and not view.operation)

        view = self._pace.view(node_id)
        is_near = view is not None and view.status in {*RESTS, "PAUSE", "PAUSING", "STOPPING"}
        return is_near and await self._pace.until(rests, RESTS_WITHIN_S) and self._world.alive

    async def _other(self, old: DiskRef, source: str) -> str:
        """Return the id of a disk to boot from; empty: there is none."""
        there = self._watch.picture.portraits
        earlier = [one for one in self._earlier if one.lower() in there and one != old.id]
        if source == "earlier" and earlier:
            return earlier[-1]
        name = self._name("os")
        copy = {"creationData": {"createOption": "Copy"}}
        disk: Json = {"location": "eastus", "sku": {"name": old.sku or "Premium_LRS"}}
        if old.zone:
            disk["zones"] = [old.zone]
        with suppress(ValueError, ConnectionLostError):
            snapshot = f"{COMPUTE}/snapshots/{name}-source"
            copy["creationData"]["sourceResourceId"] = old.id
            await self._world.azure.ask("PUT", snapshot, {"location": "eastus", "properties": copy})
            await self._world.sleep(COPIED_S)
            copy["creationData"]["sourceResourceId"] = snapshot
            await self._world.azure.ask("PUT", _id(name), disk | {"properties": copy})
            await self._world.sleep(COPIED_S)
            await self._world.azure.ask("DELETE", snapshot)
            return _id(name)
        return ""

    def _heed(self, kind: str, farewell: Farewell) -> bool:
        """Tell whether the node took what was asked; if it did not, nothing was asked of a disk.

        Its row tells: an answer may be lost, or be an error though the node has it.
        """
        record = next(iter(nodes(self._world.tables.rows()).values()), None)
        operation = record.operation if record else None
        took = bool(operation and operation.kind == kind and operation.locked_at >= farewell.at)
        if not took:
            self._watch.takes_back(self._owner.node_id, farewell.disk)
        else:
            self._latest, until = farewell, farewell.until
            self.keeps_until = max(filter(None, (self.keeps_until, until)), default=None)
        self._count[WORDS[kind]] += took
        return took

    async def _call(self, deed: str, body: Json) -> Answer:
        path = "osDisk/swap" if deed == "swap" else f"dataDisk/{deed}"
        return await self._owner.call("PUT", f"{NODES}/{self._owner.node_id}/{path}", body)

    def _run(self) -> RunState | None:
        record = next(iter(nodes(self._world.tables.rows()).values()), None)
        return record.run if record else None

    def _name(self, stem: str) -> str:
        self._named += 1
        return f"{stem}{self._named}-{self._owner.node_id[-8:]}"

    def _some_disk(self) -> str:
        there = self._watch.picture.portraits.values()
        ids = (one.id for one in there if one.type == DISK)
        return min((one.rsplit("/", 1)[-1] for one in ids), default="")


def _id(name: str) -> str:
    return f"{COMPUTE}/disks/{name}"


def _zone(run: RunState) -> str | None:
    """Return the zone of the node's VM; without one, that of its disks."""
    if run.vm:
        return run.vm.zone
    kept = [disk for disk in (run.os_disk, *run.data_disks) if disk]
    return kept[0].zone if kept else None
