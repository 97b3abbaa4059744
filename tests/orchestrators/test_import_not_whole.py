"""Give back, where the source is not there any more, or its interfaces keep the node's tag."""

from orchestrators.import_vm import import_vm
from shared.contracts.base import Refused
from tests.orchestrators.conftest import MakeDrive
from tests.orchestrators.importing import NO, answers, importing, names, settled


def test_interfaces_that_keep_the_nodes_tag_are_named_so_that_a_delete_frees_them(
    drive: MakeDrive,
) -> None:
    run = drive(**answers(create_vm=[NO], give_back_nics=[NO], let_go=[NO]))

    run.run(import_vm(run, importing()))

    state = settled(run)
    assert names(state["lent"]) == ["legacy-nic"]
    assert (
        "its network interfaces carry the node's tag (ScopeLocked: a lock)"
        in (state["rollback_reason"])
    )


def test_a_source_that_is_not_there_any_more_is_told_once(drive: MakeDrive) -> None:
    gone = Refused(code="SourceGone", message="it is not there any more")
    run = drive(**answers(create_vm=[NO], give_back_nics=[gone], release_source=[gone]))

    run.run(import_vm(run, importing()))

    told = settled(run)["rollback_reason"]
    assert told.endswith(": it was deleted meanwhile (SourceGone: it is not there any more).")
