"""Lives that begin with an import: the VM that somebody has, and what its node is to be."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from local.arm.portrait import OS
from local.worlds.ground import GROUP, NETWORK
from tests.fuzz import doomed, waylaid
from tests.fuzz.doomed import Doom, Traits
from tests.fuzz.features import launch_of
from tests.fuzz.ground import BALANCER, SUBNETS, Layer, balancers

Json = dict[str, Any]

IMPORTED: Final = 0.14
"""Part of the lives that begin so."""
ALONE: Final = 0.4
"""Part of the imports that nothing disturbs."""
NAME: Final = "legacy"
VM: Final = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{NAME}"
ADDRESS: Final = f"{NETWORK}/publicIPAddresses/{NAME}-ip"
BLOBS: Final = "https://legacy.blob.core.windows.net/vhds"
LUNS: Final = (0, 3)
IMAGE: Final = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
}


@dataclass(frozen=True)
class Source:
    """A VM of somebody's own, and how it is imported."""

    running: bool
    unmanaged: bool
    """Its disks are blobs; such a VM is in no zone and has no public address here."""
    zone: str | None
    data_disks: int
    nics: int
    public: bool
    pooled: bool
    """It is in a backend pool of a load balancer."""
    goes_with_vm: bool
    """Its disks, NICs and address would be deleted with it."""
    retention_h: int
    drain_s: int
    full: str = ""
    """Lifecycle of which Azure has no room when the import begins (`*`: of none); empty: it has."""
    alone: bool = False
    """Nothing else happens until the import is over."""
    doom: Doom | None = None
    """What stands against the import, if anything does."""
    starts_converted: bool = False
    """Azure starts it once its disks are converted."""
    brief: bool = False
    """Little else happens in its node's life, and no call to Azure breaks by chance."""

    @property
    def settings(self) -> Json:
        """How the simulated Azure differs from the usual one."""
        converts = {"conversion_starts": True} if self.starts_converted else {}
        return converts | (waylaid.SETTINGS if self.brief else {})

    @property
    def luns(self) -> frozenset[str]:
        """The slots of its data disks."""
        return frozenset(str(lun) for lun in LUNS[: self.data_disks])

    def words(self) -> str:
        """Tell it."""
        has = [
            f"{self.data_disks} data disks",
            f"{self.nics} NICs",
            *(["a public address"] if self.public else ()),
            *(["unmanaged disks"] if self.unmanaged else ()),
            *(["a backend pool"] if self.pooled else ()),
            *(["deleteOption Delete"] if self.goes_with_vm else ()),
        ]
        if self.doom:
            has.append(f"a doom: {self.doom.name}")
        elif self.alone:
            has.append("nothing that disturbs its import")
        if self.full:
            has.append(f"no room for {self.full} VMs")
        power = "running" if self.running else "stopped"
        when = f"kept for {self.retention_h} h, {self.drain_s} s to drain"
        return f"imported from a {power} VM in zone {self.zone} with {', '.join(has)}; {when}"

    def call(self, node: Json) -> Json:
        """Return the body of the import."""
        head = {
            "originalVmName": NAME,
            "resourceGroupName": GROUP.rsplit("/", 1)[-1],
            "drainingTimeout": self.drain_s,
            "resourcesRetentionTime": self.retention_h,
            "convertUnmanagedDisks": self.unmanaged,
        }
        return {"statefulNodeImport": {**head, "node": node}}

    def layers(self) -> Iterator[Layer]:
        """Yield what there is to be made, each layer on those before it."""
        first = balancers({"loadBalancer"} if self.pooled else set())
        if self.public:
            address: Json = {"properties": {"publicIPAllocationMethod": "Static"}}
            first.append((ADDRESS, address | {"sku": {"name": "Standard"}}))
        if first:
            yield first
        yield [(_nic_id(index), self._nic(index)) for index in range(self.nics)]
        yield [(VM, self._vm())]

    def _nic(self, index: int) -> Json:
        configuration: Json = {"primary": True, "subnet": {"id": f"{SUBNETS}/default"}}
        if self.public and not index:
            option = {"deleteOption": self._option}
            configuration["publicIPAddress"] = {"id": ADDRESS, "properties": option}
        if self.pooled and not index:
            pool = {"id": f"{BALANCER}/backendAddressPools/web"}
            configuration["loadBalancerBackendAddressPools"] = [pool]
        named = {"name": "primary", "properties": configuration}
        return {"properties": {"ipConfigurations": [named]}}

    @property
    def _option(self) -> str:
        return "Delete" if self.goes_with_vm else "Detach"

    def _vm(self) -> Json:
        luns = LUNS[: self.data_disks]
        nics = [
            {
                "id": _nic_id(index),
                "properties": {"deleteOption": self._option, "primary": not index},
            }
            for index in range(self.nics)
        ]
        properties: Json = {
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {
                "imageReference": IMAGE,
                "osDisk": {"createOption": "FromImage", **self._disk(OS)},
                "dataDisks": [
                    {"lun": lun, "createOption": "Empty", "diskSizeGB": 32, **self._disk(str(lun))}
                    for lun in luns
                ],
            },
            "osProfile": {
                "computerName": NAME,
                "adminUsername": "azureuser",
                "adminPassword": "Correct-Horse-7",
            },
            "networkProfile": {"networkInterfaces": nics},
        }
        zones = {"zones": [self.zone]} if self.zone else {}
        return {"tags": {"team": "core"}, "properties": properties, **zones}

    def _disk(self, slot: str) -> Json:
        name = f"{NAME}-{slot}"
        if self.unmanaged:
            return {"name": name, "vhd": {"uri": f"{BLOBS}/{slot}.vhd"}}
        return {"name": name, "deleteOption": self._option}


def _nic_id(index: int) -> str:
    return f"{NETWORK}/networkInterfaces/{NAME}-nic{index}"


def draw(dice: random.Random, document: Json) -> Source | None:
    """Draw the VM that a life begins with, or None; then the document becomes what is asked for.

    What persists comes with the VM: the document says nothing of it.
    """
    chance = dice.random()
    if chance >= IMPORTED + waylaid.WAYLAID:
        return None
    unmanaged = dice.random() < 0.15
    zones = document["compute"].get("zones") or (None, "1")
    _leave_out(dice, document)
    source = Source(
        running=dice.random() < 0.7,
        unmanaged=unmanaged,
        zone=None if unmanaged else dice.choice(zones),
        data_disks=dice.choice((0, 1, 1, 2)),
        nics=dice.choice((1, 1, 2)),
        public=not unmanaged and dice.random() < 0.6,
        pooled=dice.random() < 0.35,
        goes_with_vm=dice.random() < 0.5,
        retention_h=dice.choice((0, 0, 1, 2)),
        drain_s=dice.choice((0, 30, 120)),
        full=dice.choice(("", "", "", "", "", "SPOT", "SPOT", "*")),
        alone=dice.random() < ALONE,
        starts_converted=dice.random() < 0.5,
    )
    if chance >= IMPORTED:
        network = bool(document["persistence"]["shouldPersistNetwork"])
        traits, waits = waylaid.draw(dice, network=network)
        return replace(source, alone=True, full="", brief=True, doom=waits, **traits)
    doom = doomed.draw(dice, _traits(source, document["persistence"]))
    # What is doomed is so for one reason: then it is known how it ends.
    return replace(source, alone=True, full="", doom=doom) if doom else source


def doom_else(dice: random.Random, source: Source, document: Json) -> Source:
    """Draw what stands against an import against which nothing stands so far."""
    doom = doomed.draw_else(dice, _traits(source, document["persistence"]))
    if source.doom or doom is None:
        return source
    return replace(source, alone=True, full="", doom=doom)


def _traits(source: Source, persistence: Json) -> Traits:
    data = persistence["shouldPersistDataDisks"] and source.data_disks
    return Traits(
        running=source.running,
        unmanaged=source.unmanaged,
        drains=source.running and source.pooled and source.drain_s > 0,
        network=persistence["shouldPersistNetwork"],
        copied=bool(persistence["shouldPersistOsDisk"] or data),
    )


def _leave_out(dice: random.Random, document: Json) -> None:
    launch, persistence = launch_of(document), document["persistence"]
    del launch["osDisk"]
    if persistence["shouldPersistOsDisk"]:
        del launch["image"], launch["login"]
    elif dice.random() < 0.5:
        del launch["image"]
    if persistence["shouldPersistNetwork"] or dice.random() < 0.5:
        del launch["network"]
    if persistence["shouldPersistDataDisks"]:
        launch.pop("dataDisks", None)
