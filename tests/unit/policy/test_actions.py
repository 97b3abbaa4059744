import pytest

from shared.model.run import Status
from shared.policy.actions import ALLOWED, Action, allowed, refuse

COLUMNS = (
    Action.EDIT,
    Action.EDIT_PERSISTENCE,
    Action.PAUSE,
    Action.RESUME,
    Action.RECYCLE,
    Action.STOP,
    Action.START,
    Action.SWAP_OS_DISK,
    Action.ATTACH_DETACH,
    Action.DELETE,
)
TABLE = {
    "PENDING": "nnnnnnnnny",
    "IMPORTING": "nnnnnnnnnn",
    "ACTIVE": "yyynyynnyy",
    "PAUSE": "nnnnnnnnnn",
    "PAUSING": "nnnnnnnnnn",
    "PAUSED": "ynnynnnyyy",
    "RESUME": "nnnnnnnnnn",
    "RESUMING": "nnnnnnnnnn",
    "RECYCLE": "nnnnnnnnnn",
    "RECYCLING": "nnnnnnnnnn",
    "STOPPING": "nnnnnnnnnn",
    "STOPPED": "nnnnynyynn",
    "STARTING": "nnnnnnnnnn",
    "ERROR": "nnnyynnnny",
    "DEALLOCATE": "nnnnnnnnnn",
    "DEALLOCATING": "nnnnnnnnnn",
    "DEALLOCATED": "nnnnnnnnnn",
}


@pytest.mark.parametrize(
    ("status", "action", "answer"),
    [
        (status, action, answer)
        for status, row in TABLE.items()
        for action, answer in zip(COLUMNS, row, strict=True)
    ],
)
def test_each_cell_of_the_table(status: str, action: Action, answer: str) -> None:
    """R20, R24, S17, S18, S29, S40: the action x status table."""
    assert (action in allowed(Status(status))) == (answer == "y")


def test_every_status_has_a_row() -> None:
    assert set(ALLOWED) == set(Status) == {Status(name) for name in TABLE}


def test_a_refusal_says_what_is_allowed_now() -> None:
    message = refuse(Action.START, Status.PAUSED)

    assert "start" in message
    assert "PAUSED" in message
    assert "resume" in message
    assert "delete" in message


def test_a_node_that_waits_for_capacity_can_be_edited_paused_and_deleted() -> None:
    assert allowed(Status.RESUMING) == frozenset()
    assert allowed(Status.RESUMING, waiting=True) == {Action.EDIT, Action.PAUSE, Action.DELETE}
    assert Action.EDIT_PERSISTENCE not in allowed(Status.RESUMING, waiting=True)


def test_of_a_node_whose_import_failed_nothing_can_be_asked_but_its_deletion() -> None:
    """It has neither disks nor an image: no resume could bring it up."""
    assert allowed(Status.ERROR, import_failed=True) == {Action.DELETE}
    assert refuse(Action.RESUME, Status.ERROR, import_failed=True) == (
        "cannot resume while the node is ERROR, its import having failed; allowed now: delete"
    )
