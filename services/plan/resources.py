"""Azure's resources as they would be: as they are, and what was written in the rehearsal on top.

Knows of each kind what Azure adds to what it is sent, as far as our activities read it back: that a
VM runs once it is made, that its disks are made with it, which disk and NIC which VM holds.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from services.plan.arm_paths import ArmPath, arm_path
from services.plan.forecast_clock import ForecastClock
from services.plan.timings import DISK, NIC, SNAPSHOT, VM

Json = dict[str, Any]
NEW_VM_ID: Final = "00000000-0000-0000-0000-000000000000"
"""Azure gives each VM an id of its own: which, nobody knows before."""
POWERS: Final = {
    "start": "running",
    "restart": "running",
    "deallocate": "deallocated",
    "poweroff": "stopped",
}
DEFAULT_DISK: Final = "Premium_LRS"
"""What the OS disk of a VM is made of where nobody says. Source: Azure docs, VM REST API."""
IMAGE_GIB: Final = 30


@dataclass
class Resources:
    """Bodies by lower-case id; None: there is no such resource."""

    clock: ForecastClock
    found: dict[str, Json | None] = field(default_factory=dict)
    """As Azure told them."""
    written: dict[str, Json | None] = field(default_factory=dict)
    """As they would be after what was written."""
    moved: dict[str, datetime] = field(default_factory=dict)
    """When a disk last changed hands in the rehearsal."""

    def knows(self, key: str) -> bool:
        """Tell whether a resource was read or written before."""
        return key in self.written or key in self.found

    def get(self, key: str) -> Json | None:
        """Return a resource as it would be."""
        body = self.written.get(key) if key in self.written else self.found.get(key)
        if body is None:
            return None
        return self._held(key, copy.deepcopy(body))

    def put(self, path: ArmPath, sent: Json) -> Json:
        """Create or replace a resource; what Azure keeps of itself stays."""
        before = self.get(path.key)
        body = _merged(before or {}, sent)
        name = path.resource_id.rpartition("/")[2]
        body |= {"id": path.resource_id, "name": name, "type": path.kind}
        body.setdefault("properties", {})["provisioningState"] = "Succeeded"
        if before is None:
            body["properties"]["timeCreated"] = self._now()
        self._finish(path, body, is_new=before is None)
        return self._write(path.key, body)

    def patch(self, path: ArmPath, sent: Json) -> Json:
        """Change what is sent of a resource."""
        body = _merged(self.get(path.key) or {}, sent)
        return self._write(path.key, body)

    def delete(self, path: ArmPath) -> None:
        """Take a resource away, with its children."""
        self._let_go(path.key)
        for key in [*self.written, *self.found]:
            if key == path.key or key.startswith(f"{path.key}/"):
                self.written[key] = None

    def act(self, path: ArmPath, sent: Json) -> None:
        """Do an action on a resource: on a VM its power, or its data disks."""
        body, action = self.get(path.key), path.more.lower()
        if body is None or path.target != VM:
            return
        if action in POWERS:
            self._let_go(path.key)
            _set_power(body, POWERS[action])
        elif action == "attachdetachdatadisks":
            _exchange_disks(body, sent)
        self._write(path.key, body)

    def power(self, key: str) -> str:
        """Return a VM's power state; empty where there is no VM."""
        body = self.get(key)
        return _power(body) if body else ""

    def children(self, collection: ArmPath) -> list[Json]:
        """Return the resources of a list that were written here, and are there."""
        prefix = f"{collection.key}/{collection.more.lower()}/"
        keys = [
            one for one in self.written if one.startswith(prefix) and "/" not in one[len(prefix) :]
        ]
        return [body for key in keys if (body := self.get(key)) is not None]

    def _write(self, key: str, body: Json) -> Json:
        held_before = set(_parts_of(self.written.get(key) or self.found.get(key) or {}))
        self.written[key] = body
        now = self.clock.now()
        for disk in held_before ^ set(_parts_of(body)):
            self.moved[disk] = now
        return self.get(key) or body

    def _let_go(self, vm_key: str) -> None:
        """Note that a VM's disks change hands now."""
        for disk in _parts_of(self.get(vm_key) or {}):
            self.moved[disk] = self.clock.now()

    def _held(self, key: str, body: Json) -> Json:
        """Return a disk or NIC with the VM that would hold it."""
        properties = body.get("properties") or {}
        kind = str(body.get("type", "")).lower()
        if kind not in (DISK, NIC):
            return body
        holder = next((one for one, vm in self._vms() if key in _parts_of(vm)), None)
        if kind == NIC:
            was = (properties.get("virtualMachine") or {}).get("id")
            properties["virtualMachine"] = {"id": holder} if holder else self._still(was)
            if not properties["virtualMachine"]:
                del properties["virtualMachine"]
            return body
        was = body.get("managedBy")
        body["managedBy"] = holder or (was if self._still(was) else None)
        properties["diskState"] = self._disk_state(body["managedBy"], properties)
        if key in self.moved:
            properties["LastOwnershipUpdateTime"] = _text(self.moved[key])
        return body

    def _disk_state(self, holder: str | None, properties: Mapping[str, Any]) -> str:
        if holder is None:
            return "Unattached"
        known = self.knows(holder.lower()) and holder.lower() in self.written
        if not known:
            return str(properties.get("diskState") or "Attached")
        return "Reserved" if self.power(holder.lower()) == "deallocated" else "Attached"

    def _still(self, vm_id: object) -> Json | None:
        """Return a holder that was told, unless it was written to since: then its body tells."""
        return {"id": vm_id} if vm_id and str(vm_id).lower() not in self.written else None

    def _vms(self) -> Iterator[tuple[str, Json]]:
        for key, body in self.written.items():
            path = arm_path(key)
            if body is not None and path is not None and path.kind == VM:
                yield str(body["id"]), body

    def _finish(self, path: ArmPath, body: Json, *, is_new: bool) -> None:
        """Add what Azure adds."""
        properties = body["properties"]
        if path.kind == VM:
            properties.setdefault("vmId", NEW_VM_ID)
            if is_new:
                _set_power(body, "running")
            self._make_disks(path, body)
        elif path.kind in (DISK, SNAPSHOT):
            source = (properties.get("creationData") or {}).get("sourceResourceId")
            told = self.get(str(source).lower()) if source else None
            size = ((told or {}).get("properties") or {}).get("diskSizeGB", IMAGE_GIB)
            properties.setdefault("diskSizeGB", size)
            if path.kind == SNAPSHOT:
                properties["completionPercent"] = 100.0

    def _make_disks(self, path: ArmPath, vm: Json) -> None:
        """Make the disks that a VM brings along, and name those that nobody named."""
        storage = vm["properties"].setdefault("storageProfile", {})
        group = path.resource_id.split("/providers/")[0]
        name = path.resource_id.rpartition("/")[2]
        told = [(storage.get("osDisk"), f"{name}_OsDisk")]
        told += [(one, f"{name}_disk{one.get('lun')}") for one in storage.get("dataDisks") or ()]
        for disk, default in told:
            if disk is None:
                continue
            managed = disk.setdefault("managedDisk", {})
            if disk.get("createOption") == "Attach":
                self._describe(disk)
                continue
            disk.setdefault("name", default)
            managed.setdefault("id", f"{group}/providers/Microsoft.Compute/disks/{disk['name']}")
            managed.setdefault("storageAccountType", DEFAULT_DISK)
            disk.setdefault("diskSizeGB", IMAGE_GIB)
            made = {
                "id": managed["id"],
                "name": disk["name"],
                "type": DISK,
                "location": vm.get("location"),
                "zones": vm.get("zones"),
                "tags": vm.get("tags"),
                "sku": {"name": managed["storageAccountType"]},
                "properties": {
                    "diskSizeGB": disk["diskSizeGB"],
                    "provisioningState": "Succeeded",
                    "timeCreated": self._now(),
                },
            }
            self.written.setdefault(managed["id"].lower(), made)

    def _describe(self, disk: Json) -> None:
        """Say of an attached disk what Azure says of it."""
        there = self.get(str(disk["managedDisk"].get("id", "")).lower()) or {}
        sku = (there.get("sku") or {}).get("name")
        if sku:
            disk["managedDisk"].setdefault("storageAccountType", sku)
        disk.setdefault("name", there.get("name"))
        disk.setdefault("diskSizeGB", (there.get("properties") or {}).get("diskSizeGB"))

    def _now(self) -> str:
        return _text(self.clock.now())


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _merged(before: Json, sent: Json) -> Json:
    """Return what is there with what is sent in it; lists are replaced whole."""
    merged = dict(before)
    for name, value in sent.items():
        known = merged.get(name)
        both = isinstance(value, dict) and isinstance(known, dict)
        merged[name] = _merged(known, value) if both else copy.deepcopy(value)  # type: ignore[arg-type]
    return merged


def _parts_of(vm: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lower-case ids of the disks and NICs that a VM holds."""
    properties = vm.get("properties") or {}
    storage = properties.get("storageProfile") or {}
    for disk in (storage.get("osDisk"), *(storage.get("dataDisks") or ())):
        if disk_id := ((disk or {}).get("managedDisk") or {}).get("id"):
            yield str(disk_id).lower()
    for nic in (properties.get("networkProfile") or {}).get("networkInterfaces") or ():
        if nic.get("id"):
            yield str(nic["id"]).lower()


def _set_power(vm: Json, power: str) -> None:
    agent = {"code": "ProvisioningState/succeeded", "displayStatus": "Ready"}
    vm["properties"]["instanceView"] = {
        "statuses": [
            {"code": "ProvisioningState/succeeded", "level": "Info"},
            {"code": f"PowerState/{power}", "level": "Info"},
        ],
        "vmAgent": {"vmAgentVersion": "2.7", "statuses": [agent]},
    }


def _power(vm: Mapping[str, Any]) -> str:
    view = (vm.get("properties") or {}).get("instanceView") or {}
    codes = [str(one.get("code")) for one in view.get("statuses") or ()]
    powers = [code.partition("/")[2] for code in codes if code.startswith("PowerState/")]
    return powers[-1] if powers else ""


def _exchange_disks(vm: Json, sent: Json) -> None:
    """Attach and detach data disks as the action says."""
    storage = vm["properties"].setdefault("storageProfile", {})
    gone = {str(one.get("diskId")).lower() for one in sent.get("dataDisksToDetach") or ()}
    kept = [
        one
        for one in storage.get("dataDisks") or ()
        if str((one.get("managedDisk") or {}).get("id")).lower() not in gone
    ]
    for one in sent.get("dataDisksToAttach") or ():
        disk_id = str(one.get("diskId"))
        more = {name: value for name, value in one.items() if name != "diskId"}
        name = disk_id.rpartition("/")[2]
        kept.append(
            {**more, "name": name, "createOption": "Attach", "managedDisk": {"id": disk_id}}
        )
    storage["dataDisks"] = kept
