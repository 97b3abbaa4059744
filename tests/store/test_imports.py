"""Imports' rows: who holds a VM, and how far it is."""

import asyncio

import pytest

from shared.contracts.source import ImportState
from shared.model.ids import NodeKey, node_key
from store.errors import Conflict
from store.imports import Import, Imports, import_id
from store.stores import Stores
from tests.store.interleaved import Interleaved
from tests.store.worlds import NOON, VM_ID


def one(node: str = "ssn-00000001", account: str = "act-0000beef", vm_id: str = "v0") -> Import:
    return Import(
        account_id=account, node_id=node, vm_resource_id=VM_ID, vm_id=vm_id, began_at=NOON
    )


def test_an_import_has_its_nodes_digits() -> None:
    """Both ids name it."""
    assert import_id("ssn-0000cafe") == import_id("sin-0000cafe") == "sin-0000cafe"
    assert one().id == "sin-00000001"


async def test_a_vm_is_held_by_the_first_import_in_whatever_case_it_is_written(
    stores: Stores,
) -> None:
    other = one("ssn-00000002").model_copy(update={"vm_resource_id": VM_ID.upper()})

    assert await stores.imports.claim(one(), None)
    assert not await stores.imports.claim(other, None)
    holder = await stores.imports.holder(VM_ID.lower())
    assert holder
    assert holder.of == one()


async def test_of_imports_that_begin_at_once_one_holds_the_vm(stores: Stores) -> None:
    begun = [one(f"ssn-0000000{number}") for number in range(5)]

    held = await asyncio.gather(*(stores.imports.claim(each, None) for each in begun))

    assert held.count(True) == 1


async def test_the_accounts_do_not_matter_to_who_holds_a_vm(stores: Stores) -> None:
    assert await stores.imports.claim(one(), None)

    assert not await stores.imports.claim(one("ssn-00000002", "act-0000cafe"), None)


async def test_a_claim_that_is_repeated_is_had(stores: Stores) -> None:
    """Its first answer may have been lost."""
    assert await stores.imports.claim(one(), None)
    assert await stores.imports.claim(one(), None)


async def test_a_claim_is_taken_over_only_as_it_was_read(stores: Stores) -> None:
    await stores.imports.claim(one(), None)
    seen = await stores.imports.holder(VM_ID)

    assert await stores.imports.claim(one("ssn-00000002"), seen)
    assert not await stores.imports.claim(one("ssn-00000003"), seen)
    holder = await stores.imports.holder(VM_ID)
    assert holder
    assert holder.of.node_id == "ssn-00000002"


async def test_only_its_holder_lets_a_vm_go(stores: Stores) -> None:
    await stores.imports.claim(one(), None)

    await stores.imports.release(one("ssn-00000002"))
    assert await stores.imports.holder(VM_ID)
    await stores.imports.release(one())
    await stores.imports.release(one())
    assert await stores.imports.holder(VM_ID) is None


async def test_a_vm_that_another_import_takes_meanwhile_stays_its(stores: Stores) -> None:
    await stores.imports.claim(one(), None)
    seen = await stores.imports.holder(VM_ID)
    table = Interleaved(
        stores.imports._table, lambda: stores.imports.claim(one("ssn-00000002"), seen)
    )

    await Imports(table).release(one())

    holder = await stores.imports.holder(VM_ID)
    assert holder
    assert holder.of.node_id == "ssn-00000002"


async def test_a_record_is_found_by_either_id_and_in_its_account_alone(stores: Stores) -> None:
    await stores.imports.begin(one())

    for asked in ("sin-00000001", "ssn-00000001"):
        assert await stores.imports.get("act-0000beef", asked) == one()
    assert await stores.imports.get("act-0000cafe", "sin-00000001") is None


async def test_an_id_that_is_taken_is_a_conflict_and_a_repeat_is_none(stores: Stores) -> None:
    await stores.imports.begin(one())
    await stores.imports.begin(one())

    with pytest.raises(Conflict):
        await stores.imports.begin(one(vm_id="another"))


async def test_a_vm_whose_import_failed_is_free_and_one_whose_import_is_over_is_not(
    stores: Stores, key: NodeKey
) -> None:
    """Its source is kept until its time is over."""
    for state, free in ((ImportState.COMPLETED, False), (ImportState.FAILED, True)):
        await stores.imports.claim(one(), None)
        await stores.imports.begin(one())
        await stores.imports.end(key, state)
        await stores.imports.end(key, state)
        kept = await stores.imports.get(key.account_id, key.node_id)
        assert kept
        assert kept.state is state
        assert (await stores.imports.holder(VM_ID) is None) is free
        await stores.imports.forget(key)


async def test_a_node_that_is_gone_leaves_no_row(stores: Stores, key: NodeKey) -> None:
    await stores.imports.claim(one(), None)
    await stores.imports.begin(one())

    await stores.imports.forget(key)
    await stores.imports.forget(key)

    assert await stores.imports.holder(VM_ID) is None
    assert await stores.imports.get(key.account_id, key.node_id) is None


async def test_a_node_that_was_not_imported_ends_and_is_forgotten_without_a_trace(
    stores: Stores,
) -> None:
    other = node_key("act-0000beef", "ssn-000000ff")

    await stores.imports.end(other, ImportState.FAILED)
    await stores.imports.forget(other)

    assert await stores.imports.get(other.account_id, other.node_id) is None
