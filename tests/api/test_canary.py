"""A marked password and a marked setting go all the way to Azure, and are at rest nowhere else."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities.extension import install_extensions
from activities.nic import ensure_nics
from activities.vm_launch import create_vm
from shared.contracts.base import Done
from shared.contracts.nic import EnsureNics, NicsReady
from shared.contracts.node import Claimed
from shared.contracts.vm import CreateVm, InstallExtensions, VmUp
from shared.model.ids import AccountId, NodeKey
from shared.model.market import Market
from shared.model.run import Lifecycle, LogEntry, Status
from store.accounts import Account
from store.memory import Database
from store.stores import Stores
from tests.api.harness import ACCOUNT, open_api
from tests.api.lives import Life, ports_of
from tests.simulator import SUBSCRIPTION, Azure, start
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import LS, node, put
from triggers.openapi_examples import DELETE

CANARY = "Canary-7-"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
MARKET = Market(size="Standard_D2s_v5", zone=None, lifecycle=Lifecycle.SPOT)


@pytest.fixture
async def azure() -> AsyncIterator[Azure]:
    async with start() as running:
        await running.arm("PUT", GROUP, {"location": "eastus"})
        space = {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}],
        }
        vnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
        await running.put(vnet, {"location": "eastus", "properties": space})
        yield running


@pytest.fixture
async def life(azure: Azure) -> AsyncIterator[Life]:
    kept, clock = Database(), HandClock(NOON)
    stores = Stores(kept.table, clock, kept.secrets)
    api = await open_api(stores, clock)
    account = Account(id=AccountId(ACCOUNT), name="first", subscription_id=SUBSCRIPTION)
    await stores.accounts.put(account)
    ports = ports_of(stores, azure.world.clock, azure.url)
    yield Life(api, kept, ports)
    clients = await ports.azure.of(SUBSCRIPTION)
    await clients.compute.close()
    await clients.network.close()


def document(number: int, **changes: Any) -> dict[str, Any]:
    extension = {
        "name": "script",
        "type": "CustomScript",
        "publisher": "Microsoft.Azure.Extensions",
        "apiVersion": "2.1",
        "minorVersionAutoUpgrade": True,
        "protectedSettings": {"commandToExecute": f"echo {CANARY}{number}"},
    }
    made = put(node(**changes), f"{LS}.extensions", [extension])
    return put(made, f"{LS}.login", {"userName": "mooring", "password": f"{CANARY}{number}"})


async def launch(life: Life, key: NodeKey) -> Claimed:
    """Do what create's runbook does in Azure."""
    claimed = await life.claim(key)
    work = claimed.work
    ready = life.tell(
        await ensure_nics(EnsureNics(work=work.at("nics", 1), generation=1), ports=life.ports),
        NicsReady,
    )
    request = CreateVm(
        work=work.at("create", 2), name="web-1", generation=1, market=MARKET, nics=ready.nics
    )
    up = life.tell(await create_vm(request, ports=life.ports), VmUp)
    wanted = InstallExtensions(work=work.at("extensions", 3), vm_resource_id=up.vm.id)
    life.tell(await install_extensions(wanted, ports=life.ports), Done)
    run = {"vm": up.vm, "os_disk": up.os_disk, "nics": up.nics, "generation": 1}
    said = LogEntry(at=NOON, message="created", data=up.model_dump(mode="json"))
    await life.settle(claimed, Status.ACTIVE, run=run, log=(said,))
    return claimed


async def test_no_marked_secret_is_found_outside_the_secret_store(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    """R51, S78."""
    caplog.set_level(logging.DEBUG)
    persist = {"persistence__shouldPersistOsDisk": False}

    key = await life.create(document(1, **persist))
    await launch(life, key)
    await life.put(key, document(2, **persist))
    refused = await life.put(key, put(document(3, **persist), f"{LS}.login.userName", "root"))
    assert refused.status == 400
    kept = [await life.ports.stores.secrets.get(name) for name in life.kept.secrets.names()]
    for path in ("", f"/{key.node_id}", f"/{key.node_id}/status", "/status"):
        assert (await life.call("GET", path)).status == 200
    log = f"/{key.node_id}/log?fromDate=2026-11-23&toDate=2026-11-24&include=data"
    assert (await life.call("GET", log)).items
    await life.call("DELETE", f"/{key.node_id}", DELETE)
    await life.settle(await life.claim(key, Status.DEALLOCATING), Status.DEALLOCATING, gone=True)

    assert sum(CANARY in one.get_secret_value() for one in kept if one) == 2  # the hunt can find
    rows = repr(life.kept.rows())
    assert "web-1" in rows
    for at_rest in (rows, "".join(life.told), caplog.text, repr(kept)):
        assert CANARY not in at_rest
    assert life.kept.secrets.names() == ()
