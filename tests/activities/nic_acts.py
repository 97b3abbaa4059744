"""Acts on a node's NICs: their addresses, their speed, the backend pools that they are in."""

from shared.contracts.backend import (
    DEREGISTER_BACKENDS,
    REGISTER_BACKENDS,
    DeregisterBackends,
    RegisterBackends,
)
from shared.contracts.nic import ENSURE_NICS, EnsureNics
from tests.activities import balancers
from tests.activities.acts import NOW, SETUP, Act, given_up, launched
from tests.activities.nic_scenes import named, put_address
from tests.activities.stage import Stage
from tests.unit.model.documents import put

NICS = "Microsoft.Network/networkInterfaces"


# -- situations -----------------------------------------------------------------------------------


async def balanced(stage: Stage) -> None:
    """The VM runs; its load balancer and its gateway are there, and do not know of it."""
    await launched(stage)
    await balancers.build(stage)


async def pooled(stage: Stage) -> None:
    """As balanced, and they know of it."""
    await balanced(stage)
    assert (await stage.ask(REGISTER_BACKENDS, await join(stage, SETUP))).kind == "done"


async def succeeded(stage: Stage) -> None:
    """The VM is gone; the NIC does not persist, and holds what its successor's pools name."""
    await given_up(stage)
    record = await stage.record()
    (old,) = record.run.nics
    await put_address(stage, "lent")
    pooled_nic = {
        "isPrimary": True,
        "subnetName": "default",
        "assignPublicIp": True,
        "publicIpSku": "Standard",
        "publicIps": named("lent"),
        "privateIpAddresses": [old.private_ip],
    }
    put(record.document, "compute.launchSpecification.network.networkInterfaces", [pooled_nic])
    put(record.document, "persistence.shouldPersistNetwork", value=False)
    await stage.ports.stores.nodes.put_document(record, record.document)


# -- requests -------------------------------------------------------------------------------------


async def join(stage: Stage, operation: str = NOW) -> RegisterBackends:
    run = (await stage.record()).run
    return RegisterBackends(work=stage.work("register", operation), nics=run.nics)


async def leave(stage: Stage, operation: str = NOW) -> DeregisterBackends:
    run = (await stage.record()).run
    return DeregisterBackends(work=stage.work("deregister", operation), nics=run.nics)


async def faster(stage: Stage, operation: str = NOW) -> EnsureNics:
    run = (await stage.record()).run
    work = stage.work("nics", operation)
    return EnsureNics(work=work, generation=2, zone="1", accelerated=True, existing=run.nics)


async def next_nics(stage: Stage, operation: str = NOW) -> EnsureNics:
    return EnsureNics(work=stage.work("nics", operation), generation=2, zone="1")


NIC_ACTS = (
    Act("fit a NIC", ENSURE_NICS, given_up, faster, (f"{NICS}/write",)),
    Act("hand addresses on", ENSURE_NICS, succeeded, next_nics, (f"{NICS}/write",)),
    Act("join pools", REGISTER_BACKENDS, balanced, join, (f"{NICS}/write",)),
    Act("leave pools", DEREGISTER_BACKENDS, pooled, leave, (f"{NICS}/write",)),
)
