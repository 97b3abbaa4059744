"""I14: the product deletes nothing that is no node's."""

from dataclasses import replace

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import ADDRESS, Portrait
from local.clock import START
from local.worlds.invariants.foreign import what_is_not_a_nodes_stays
from local.worlds.invariants.picture import Picture

LENT = Portrait(id="/subscriptions/s/lent-a", type=ADDRESS, born="1")
OURS = replace(LENT, tags={"mooring-node": "ssn-1"})
DELETED = Asked(
    at=START,
    caller=SERVICE,
    method="DELETE",
    operation="microsoft.network/publicipaddresses/delete",
    resource=LENT.id,
    request_id="mooring/op/step",
    status=202,
    digest="",
    was="1",
    became="1",
)


def told(there: Portrait, asked: Asked) -> list[str]:
    picture = Picture()
    picture.apply(Change(START, there.id, None, there))
    return [one.sentence for one in what_is_not_a_nodes_stays(picture, asked)]


def test_an_address_of_its_owners_is_not_deleted() -> None:
    assert told(LENT, DELETED) == ["lent-a, which is no node's, is deleted"]


def test_what_says_that_it_is_a_nodes_may_go() -> None:
    assert not told(OURS, DELETED)


def test_a_delete_that_azure_refuses_harms_nobody() -> None:
    assert not told(LENT, replace(DELETED, status=409))


def test_its_owner_may_delete_what_is_his() -> None:
    assert not told(LENT, replace(DELETED, caller="ann"))


def test_an_earlier_namesake_is_another() -> None:
    assert not told(LENT, replace(DELETED, was="0"))
