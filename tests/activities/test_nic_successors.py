"""What a VM's NIC still holds of the pools when the next VM's NIC is made."""

from typing import Any

import pytest

from shared.contracts.vm import DELETE_VM
from shared.model.run import NicRef
from tests.activities.acts import DOCUMENT, evicted, scenery, vm_gone
from tests.activities.nic_scenes import PUBLIC, ask, ip_of
from tests.activities.scenes import played
from tests.activities.stage import Stage
from tests.unit.model.documents import put


async def with_pools(stage: Stage, *, persists: bool) -> NicRef:
    """Give the evicted node, whose VM goes, pools that its old NIC holds the addresses of."""
    (old,) = (await stage.record()).run.nics
    document = (await stage.record()).document
    pool = {**PUBLIC, "subnetName": "default", "privateIpAddresses": [old.private_ip]}
    put(document, "compute.launchSpecification.network.networkInterfaces", [pool])
    put(document, "persistence.shouldPersistNetwork", persists)
    await stage.ports.stores.nodes.put_document(await stage.record(), document)
    await stage.ask(DELETE_VM, await vm_gone(stage))
    return old


@pytest.mark.parametrize("persists", [False, True])
def test_an_unpersisted_nic_gives_its_pool_address_to_its_successor(
    persists: bool,  # noqa: FBT001
) -> None:
    """S88: the NIC of a VM that is gone goes first, so that its address is free again."""

    async def scene(stage: Stage) -> tuple[Any, Any, bool]:
        old = await with_pools(stage, persists=persists)
        answer = await ask(stage, generation=2)
        return old, answer, stage.find(old.id) is not None

    old, answer, still_there = played(scene, scenery(evicted))

    assert DOCUMENT["persistence__shouldPersistNetwork"] is True
    assert still_there is persists
    assert (ip_of(answer) == old.private_ip) is not persists


def test_a_nic_that_azure_reserves_keeps_its_address_and_another_one_is_taken() -> None:
    """An old NIC that cannot go yet costs its pool address, not three minutes."""

    async def scene(stage: Stage) -> tuple[Any, Any, float]:
        old = await with_pools(stage, persists=False)
        stage.fault(
            "refuse",
            "*/networkInterfaces/delete",
            status=400,
            code="NicReservedForAnotherVm",
            message="Nic(s) in request is reserved for another Virtual Machine for 180 seconds.",
        )
        began = stage.ports.clock.now()
        answer = await ask(stage, generation=2)
        return old, answer, (stage.ports.clock.now() - began).total_seconds()

    old, answer, seconds = played(scene, scenery(evicted))

    assert ip_of(answer) != old.private_ip
    assert seconds < 60
