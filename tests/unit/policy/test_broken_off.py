"""What an operation that broke off may have left for the node to take in."""

import pytest

from local.clock import START
from shared.model.run import Intent
from shared.policy.broken_off import made_by

TARGET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/one"


def intent(action: str, **detail: str) -> Intent:
    operation = "ssn-00000001-import_vm-00000001"
    return Intent(
        operation_id=operation,
        step="step",
        action=action,
        target=TARGET,
        detail=detail,
        intended_at=START,
    )


@pytest.mark.parametrize("action", ["create_vm", "snapshot_os", "copy_os", "swap_in_restored"])
def test_what_was_made_or_taken_for_the_node_is_looked_for(action: str) -> None:
    assert made_by([intent(action), intent(action)]) == (TARGET,)


@pytest.mark.parametrize("action", ["adopt_legacy", "delete_one", "start_vm", "stop_source"])
def test_what_was_only_marked_started_or_deleted_is_not_taken_for_the_nodes(action: str) -> None:
    """A source that an import has marked for its time is no VM of the node's."""
    assert made_by([intent(action)]) == ()


def test_the_disks_that_come_with_a_vm_are_looked_for_too() -> None:
    assert made_by([intent("create_vm", disks="/a /b")]) == (TARGET, "/a", "/b")
