"""What is said of a source that is given back, or made the node's: wrongs and sound twins."""

from dataclasses import replace
from datetime import timedelta

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import DISK, NIC, VM, Portrait
from local.clock import START
from local.worlds.invariants.picture import Picture
from tests.fuzz.returning import Returning

DOWN = Portrait(id="legacy", type=VM, born="v1", power="deallocated", provisioning="Succeeded")
UP = replace(DOWN, power="running", allocated=True)
COPY = Portrait(id="copy", type=DISK, born="d1", tags={"mooring-node": "ssn-1"})
POOLED = Portrait(id="nic", type=NIC, born="n1", pools=("web",))
OUT = replace(POOLED, pools=())
MARKED = replace(DOWN, tags={"mooring-import": "ssn-1"})
MINUTE = timedelta(minutes=1)


def returning(*, has_vm: bool = True) -> Returning:
    return Returning("v1", Picture(), lambda: has_vm)


def change(before: Portrait, after: Portrait, minute: int = 0) -> Change:
    return Change(START + minute * MINUTE, before.id, before, after)


def start(minute: float, status: int) -> Asked:
    at = START + minute * MINUTE
    operation = "Microsoft.Compute/virtualMachines/start/action"
    return Asked(at, SERVICE, "POST", operation, "legacy", "", status, "", "v1", "v1")


def test_a_source_is_made_the_nodes_only_once_the_node_is_shown_with_a_vm() -> None:
    early, late = returning(has_vm=False), returning()
    for one in (early, late):
        one.hear(change(DOWN, replace(DOWN, tags={"mooring-node": "ssn-1"})))

    assert len(early.wrong) == 1
    assert late.wrong == []


def test_while_a_source_waits_for_room_no_copy_is_paid_for() -> None:
    """A repeat of the same try is none."""
    one = returning()
    one.picture.portraits["copy"] = COPY
    one.hear(start(0, 409))
    one.hear(start(0.5, 409))
    sound = list(one.slow)
    one.hear(start(1, 202))
    without = returning()
    without.hear(start(0, 409))
    without.hear(start(1, 202))

    assert sound == without.slow == []
    assert len(one.slow) == 1


def test_an_import_is_called_failed_soon_after_its_source_is_free() -> None:
    soon, late, never = returning(), returning(), returning()
    for one in (soon, late):
        one.hear(change(replace(DOWN, tags={"mooring-import": "ssn-1"}), DOWN))
    soon.told(START + 14 * MINUTE)
    late.told(START + 16 * MINUTE)
    never.told(START + 60 * MINUTE)

    assert soon.slow == never.slow == []
    assert len(late.slow) == 1


def test_an_import_is_called_failed_once_its_source_is_free_of_the_mark_if_that_may_go() -> None:
    free, early, refused = returning(), returning(), returning()
    for one in (free, early, refused):
        one.hear(change(DOWN, MARKED))
    free.hear(change(MARKED, DOWN, 1))
    free.told(START + 2 * MINUTE)
    early.told(START + 2 * MINUTE)
    refused.told(START + 2 * MINUTE, frees=False)

    assert free.slow == refused.slow == []
    assert len(early.slow) == 1


def test_a_source_that_runs_again_is_soon_in_its_pools() -> None:
    """One that never left them is in them; one that nobody put back is not."""
    soon, late, never, stayed = (returning() for _ in range(4))
    for one in (soon, late, never, stayed):
        one.pools = {"n1": ("web",)}
    for one in (soon, late, never):
        one.hear(change(POOLED, OUT))
    for one in (soon, late, never, stayed):
        one.hear(change(DOWN, UP, 5))
    soon.hear(change(OUT, POOLED, 6))
    late.hear(change(OUT, POOLED, 9))
    for one in (soon, late, never, stayed):
        one.joined(2 * MINUTE)

    assert soon.slow == stayed.slow == []
    assert len(late.slow) == len(never.slow) == 1


def test_a_source_runs_again_in_its_time() -> None:
    soon, late, never = returning(), returning(), returning()
    soon.hear(change(DOWN, UP, 5))
    late.hear(change(DOWN, UP, 20))
    for one in (soon, late, never):
        one.ran(START, 10 * MINUTE)

    assert soon.slow == []
    assert len(late.slow) == len(never.slow) == 1


def test_a_source_that_goes_is_not_said_to_be_down() -> None:
    """Neither where the product started it, nor where it was refused that, as anybody sees."""
    by_product, by_person, too_late, failed = (returning() for _ in range(4))
    by_product.hear(start(0, 202))
    by_person.hear(replace(start(0, 202), caller="a-person"))
    by_person.hear(start(1, 403))
    too_late.hear(start(0, 403))
    too_late.hear(replace(start(1, 202), caller="a-person"))
    failed.hear(start(0, 202))
    failed.hear(change(replace(DOWN, power="starting"), DOWN, 1))
    for one in (by_product, by_person, too_late, failed):
        one.said("The virtual machine is not all as it was: it does not run, start it by hand.")
    right = returning()
    right.hear(start(0, 202))
    right.said("The virtual machine runs again.")

    assert len(by_product.wrong) == len(by_person.wrong) == 1
    assert too_late.wrong == failed.wrong == right.wrong == []


def test_it_is_known_when_a_source_was_set_going_down() -> None:
    stopped, tagged = returning(), returning()
    stopped.hear(change(UP, replace(UP, power="deallocating"), 3))
    tagged.hear(change(UP, replace(UP, tags={"mooring-import": "ssn-1"}), 3))

    assert stopped.down_at == START + 3 * MINUTE
    assert tagged.down_at is None


def test_another_vm_of_the_same_name_is_none_of_its_business() -> None:
    one = returning(has_vm=False)
    other = replace(DOWN, born="v2")
    one.hear(change(other, replace(other, tags={"mooring-node": "ssn-1"})))

    assert one.wrong == []
