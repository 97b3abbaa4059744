"""Acts on a VM that is imported: somebody's own, in front of which a load balancer stands."""

from typing import Any

from shared.contracts.source import (
    ADOPT_SOURCE,
    CONVERT_SOURCE,
    FREE_NICS,
    GIVE_BACK_NICS,
    HOLD_ADDRESSES,
    JOIN_POOLS,
    LEAVE_POOLS,
    RELEASE_SOURCE,
    SECURE_SOURCE,
    START_SOURCE,
    STOP_SOURCE,
    AdoptSource,
    ConvertSource,
    FreeNics,
    GiveBackNics,
    HoldAddresses,
    JoinPools,
    LeavePools,
    NicPools,
    ReleaseSource,
    SecureSource,
    Source,
    SourceSecured,
    StartSource,
    StopSource,
)
from shared.model.run import NicRef
from tests.activities.acts import NOW, SETUP, VMS, Act
from tests.activities.balancers import SUBNETS, WEB, balancer
from tests.activities.stage import COMPUTE, NETWORK, Stage

SOURCE_ID = f"{COMPUTE}/virtualMachines/legacy"
NIC_ID = f"{NETWORK}/networkInterfaces/legacy-nic"
SECOND_ID = f"{NETWORK}/networkInterfaces/legacy-nic2"
ADDRESS_ID = f"{NETWORK}/publicIPAddresses/legacy-ip"
BALANCER_ID = f"{NETWORK}/loadBalancers/legacy-front"
OS_ID = f"{COMPUTE}/disks/legacy-os"
DATA_ID = f"{COMPUTE}/disks/legacy-data"
POOL_ID = f"{BALANCER_ID}/backendAddressPools/web"
NICS = "Microsoft.Network/networkInterfaces"
ADDRESSES = "Microsoft.Network/publicIPAddresses"
DISKS = "Microsoft.Compute/disks"
BUILT_S = 300.0
assert WEB.endswith("/backendAddressPools/web")


# -- the VM ---------------------------------------------------------------------------------------


async def furnish(stage: Stage, **vm: Any) -> None:
    """Make a VM as its user: all that belongs to it would go with it, its addresses are dynamic."""
    await stage.node()
    await stage.arm("PUT", BALANCER_ID, balancer("Basic"))
    address = {"location": "eastus", "sku": {"name": "Basic"}, "properties": {}}
    await stage.arm("PUT", ADDRESS_ID, address)
    await stage.ports.clock.sleep(BUILT_S)
    await stage.arm("PUT", NIC_ID, nic(ADDRESS_ID, POOL_ID))
    await stage.arm("PUT", SECOND_ID, nic())
    await stage.ports.clock.sleep(BUILT_S)
    await stage.arm("PUT", SOURCE_ID, body(**vm))
    await stage.ports.clock.sleep(BUILT_S)


def nic(address: str = "", pool: str = "") -> dict[str, Any]:
    """Return the body of a NIC."""
    held: dict[str, Any] = {"subnet": {"id": f"{SUBNETS}/default"}, "primary": True}
    if address:
        held["publicIPAddress"] = {"id": address, "properties": {"deleteOption": "Delete"}}
    if pool:
        held["loadBalancerBackendAddressPools"] = [{"id": pool}]
    named = {"name": "first", "properties": held}
    return {"location": "eastus", "properties": {"ipConfigurations": [named]}}


def body(*, managed: bool = True) -> dict[str, Any]:
    """Return the body of a VM with two NICs and two disks."""
    blobs = "https://legacy.blob.core.windows.net/vhds"
    os_disk: dict[str, Any] = {"createOption": "FromImage", "name": "legacy-os"}
    data: dict[str, Any] = {
        "lun": 3,
        "name": "legacy-data",
        "createOption": "Empty",
        "diskSizeGB": 16,
        "caching": "ReadOnly",
    }
    if managed:
        os_disk["deleteOption"] = data["deleteOption"] = "Delete"
    else:
        os_disk["vhd"] = {"uri": f"{blobs}/os.vhd"}
        data["vhd"] = {"uri": f"{blobs}/data.vhd"}
    image = {
        "publisher": "Canonical",
        "offer": "0001-com-ubuntu-server-jammy",
        "sku": "22_04-lts-gen2",
        "version": "latest",
    }
    nics = [
        {"id": NIC_ID, "properties": {"primary": True, "deleteOption": "Delete"}},
        {"id": SECOND_ID, "properties": {"primary": False}},
    ]
    properties = {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {"imageReference": image, "osDisk": os_disk, "dataDisks": [data]},
        "osProfile": {
            "computerName": "legacy",
            "adminUsername": "azureuser",
            "adminPassword": "Correct-Horse-7",
        },
        "networkProfile": {"networkInterfaces": nics},
    }
    return {"location": "eastus", "tags": {"team": "core"}, "properties": properties}


def source(stage: Stage) -> Source:
    """Return which VM is meant."""
    vm_id = stage.find(SOURCE_ID).properties["vmId"]
    return Source(vm_resource_id=SOURCE_ID, vm_id=vm_id)


def refs() -> tuple[NicRef, ...]:
    """Return the VM's NICs as an import knows them."""
    first = NicRef(id=NIC_ID, name="legacy-nic", is_primary=True, public_ip_id=ADDRESS_ID)
    return first, NicRef(id=SECOND_ID, name="legacy-nic2", is_primary=False)


# -- situations -----------------------------------------------------------------------------------


async def found(stage: Stage) -> None:
    """The VM runs, and nobody has touched it."""
    await furnish(stage)


async def secured(stage: Stage) -> None:
    """It is marked, and no delete of it takes anything along."""
    await furnish(stage)
    answer = await stage.ask(SECURE_SOURCE, await secure(stage, SETUP))
    assert isinstance(answer, SourceSecured)


async def out_of_pools(stage: Stage) -> None:
    """As secured, and it is in no backend pool."""
    await secured(stage)
    assert (await stage.ask(LEAVE_POOLS, await leave(stage, SETUP))).kind == "done"


async def stopped(stage: Stage) -> None:
    """As secured, and deallocated."""
    await secured(stage)
    assert (await stage.ask(STOP_SOURCE, await stop(stage, SETUP))).kind == "done"


async def on_blobs(stage: Stage) -> None:
    """Marked and deallocated, with unmanaged disks."""
    await furnish(stage, managed=False)
    await stage.ask(SECURE_SOURCE, await secure(stage, SETUP))
    assert (await stage.ask(STOP_SOURCE, await stop(stage, SETUP))).kind == "done"


async def bare(stage: Stage) -> None:
    """As stopped, with a placeholder for its NICs."""
    await stopped(stage)
    assert (await stage.ask(FREE_NICS, await free(stage, SETUP))).kind == "nics_free"


# -- requests -------------------------------------------------------------------------------------


async def secure(stage: Stage, operation: str = NOW) -> SecureSource:
    return SecureSource(work=stage.work("secure", operation), source=source(stage))


async def hold(stage: Stage, operation: str = NOW) -> HoldAddresses:
    work = stage.work("hold", operation)
    return HoldAddresses(work=work, source=source(stage), nics=refs(), keep=True)


def pools() -> tuple[NicPools, ...]:
    return (NicPools(nic_id=NIC_ID, configuration="first", balancer_pool_ids=(POOL_ID,)),)


async def leave(stage: Stage, operation: str = NOW) -> LeavePools:
    return LeavePools(work=stage.work("leave", operation), source=source(stage), pools=pools())


async def join(stage: Stage, operation: str = NOW) -> JoinPools:
    return JoinPools(work=stage.work("join", operation), source=source(stage), pools=pools())


async def stop(stage: Stage, operation: str = NOW) -> StopSource:
    return StopSource(work=stage.work("stop", operation), source=source(stage))


async def convert(stage: Stage, operation: str = NOW) -> ConvertSource:
    return ConvertSource(work=stage.work("convert", operation), source=source(stage))


async def free(stage: Stage, operation: str = NOW) -> FreeNics:
    return FreeNics(work=stage.work("free", operation), source=source(stage), nics=refs())


async def give_back(stage: Stage, operation: str = NOW) -> GiveBackNics:
    return GiveBackNics(work=stage.work("back", operation), source=source(stage), nics=refs())


async def start(stage: Stage, operation: str = NOW) -> StartSource:
    return StartSource(work=stage.work("start", operation), source=source(stage))


async def release(stage: Stage, operation: str = NOW) -> ReleaseSource:
    return ReleaseSource(work=stage.work("release", operation), source=source(stage))


async def adopt_compute(stage: Stage, operation: str = NOW) -> AdoptSource:
    ids = (SOURCE_ID, OS_ID, DATA_ID)
    work = stage.work("adopt", operation)
    return AdoptSource(work=work, source=source(stage), resource_ids=ids)


async def adopt_network(stage: Stage, operation: str = NOW) -> AdoptSource:
    work = stage.work("adopt", operation)
    return AdoptSource(work=work, source=source(stage), resource_ids=(NIC_ID, ADDRESS_ID))


SOURCE_ACTS = (
    Act("secure a source", SECURE_SOURCE, found, secure, (f"{VMS}/write",)),
    Act("hold addresses", HOLD_ADDRESSES, secured, hold, (f"{NICS}/write", f"{ADDRESSES}/write")),
    Act("leave pools", LEAVE_POOLS, secured, leave, (f"{NICS}/write",)),
    Act("join pools", JOIN_POOLS, out_of_pools, join, (f"{NICS}/write",)),
    Act("stop a source", STOP_SOURCE, secured, stop, (f"{VMS}/deallocate/action",)),
    Act(
        "convert a source",
        CONVERT_SOURCE,
        on_blobs,
        convert,
        (f"{VMS}/convertToManagedDisks/action",),
    ),
    Act("free NICs", FREE_NICS, stopped, free, (f"{NICS}/write", f"{VMS}/write")),
    Act("give NICs back", GIVE_BACK_NICS, bare, give_back, (f"{VMS}/write",)),
    Act("start a source", START_SOURCE, stopped, start, (f"{VMS}/start/action",)),
    Act("release a source", RELEASE_SOURCE, stopped, release, (f"{VMS}/write",)),
    Act(
        "adopt VM and disks",
        ADOPT_SOURCE,
        stopped,
        adopt_compute,
        (f"{VMS}/write", f"{DISKS}/write"),
    ),
    Act(
        "adopt the network",
        ADOPT_SOURCE,
        stopped,
        adopt_network,
        (f"{NICS}/write", f"{ADDRESSES}/write"),
        at_once=True,
    ),
)
