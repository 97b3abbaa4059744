import asyncio

import pytest

from shared.model.ids import NodeKey, node_key
from store.stores import Stores
from store.vms import IndexedVm
from tests.store.worlds import SUBSCRIPTION, VM_ID


async def test_a_vm_is_found_in_whatever_case_azure_writes_it(stores: Stores, key: NodeKey) -> None:
    await stores.vms.put(SUBSCRIPTION.upper(), VM_ID, key, 4)

    for spelled in (VM_ID, VM_ID.lower(), VM_ID.upper()):
        assert await stores.vms.find(spelled) == (key, 4)


async def test_an_unknown_vm_is_none(stores: Stores) -> None:
    assert await stores.vms.find(VM_ID) is None
    assert await stores.vms.find("not an ARM id #?") is None


async def test_a_vm_must_be_of_the_subscription_it_is_put_under(
    stores: Stores, key: NodeKey
) -> None:
    with pytest.raises(ValueError, match="not in subscription"):
        await stores.vms.put("another", VM_ID, key, 1)


async def test_a_late_repeat_for_an_earlier_generation_changes_nothing(
    stores: Stores, key: NodeKey
) -> None:
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 2)

    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)
    await stores.vms.remove(VM_ID, 1)

    assert await stores.vms.find(VM_ID) == (key, 2)


async def test_a_vm_can_change_its_node(stores: Stores, key: NodeKey) -> None:
    other = node_key("act-0000beef", "ssn-00000009")
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 7)

    await stores.vms.put(SUBSCRIPTION, VM_ID, other, 1)

    assert await stores.vms.find(VM_ID) == (other, 1)


async def test_writers_that_race_leave_the_latest_generation(stores: Stores, key: NodeKey) -> None:
    await asyncio.gather(*(stores.vms.put(SUBSCRIPTION, VM_ID, key, n) for n in range(1, 9)))

    assert await stores.vms.find(VM_ID) == (key, 8)


async def test_a_removed_vm_is_gone_and_can_be_removed_again(stores: Stores, key: NodeKey) -> None:
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)

    await stores.vms.remove(VM_ID.upper())
    await stores.vms.remove(VM_ID)

    assert await stores.vms.find(VM_ID) is None


async def test_a_subscription_lists_its_own_vms(stores: Stores, key: NodeKey) -> None:
    foreign = VM_ID.replace(SUBSCRIPTION, "0a1b2c3d-0000-4000-8000-00000000caff")
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)
    await stores.vms.put("0a1b2c3d-0000-4000-8000-00000000caff", foreign, key, 1)

    assert await stores.vms.list(SUBSCRIPTION.upper()) == (IndexedVm(VM_ID, key, 1),)


async def test_vms_whose_ids_are_too_long_for_a_key_are_told_apart(
    stores: Stores, key: NodeKey
) -> None:
    long_ids = [f"{VM_ID}{'é' * 200}{end}" for end in "ab"]
    for generation, vm_id in enumerate(long_ids, start=1):
        await stores.vms.put(SUBSCRIPTION, vm_id, key, generation)

    assert [await stores.vms.find(vm_id) for vm_id in long_ids] == [(key, 1), (key, 2)]
    assert {vm.vm_resource_id for vm in await stores.vms.list(SUBSCRIPTION)} == set(long_ids)
