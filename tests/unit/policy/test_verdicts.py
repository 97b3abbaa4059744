"""What notices mean, taken together."""

import pytest

from shared.model.run import Notice, NoticeKind, RunState
from shared.policy.verdict import Cause, Evicted, Hold, Nothing, Restarted, would_overturn
from tests.unit.policy.noticed import RUN, VM_ID, K, heard, judged
from tests.unit.policy.situations import after


@pytest.mark.parametrize("kind", [K.EVICTED, K.EVICTION_COMING])
def test_an_eviction_is_an_eviction(kind: NoticeKind) -> None:
    answer = judged(heard(kind))

    assert isinstance(answer, Evicted)
    assert answer.cause is Cause.EVICTION


def test_a_coming_eviction_tells_its_deadline() -> None:
    answer = judged(heard(K.EVICTION_COMING, deadline=after(90)), heard(K.EVICTED, 95))

    assert isinstance(answer, Evicted)
    assert answer.deadline == after(90)


@pytest.mark.parametrize("kind", [K.GONE, K.DELETED_BY_USER])
def test_a_vm_that_is_gone_is_replaced(kind: NoticeKind) -> None:
    answer = judged(heard(kind))

    assert isinstance(answer, Evicted)
    assert answer.cause is Cause.GONE


def test_an_eviction_explains_a_deallocation() -> None:
    """I5: the annotation of a deallocation never turns a reported eviction into intent."""
    for notices in (
        (heard(K.DEALLOCATED, 60), heard(K.EVICTED, 61)),
        (heard(K.EVICTED, 60), heard(K.DEALLOCATED, 120)),
    ):
        answer = judged(*notices, at_s=121)

        assert isinstance(answer, Evicted)
        assert answer.cause is Cause.EVICTION


def test_an_eviction_long_after_a_stop_is_of_a_vm_that_ran_again() -> None:
    answer = judged(heard(K.STOPPED_BY_USER, 60), heard(K.EVICTED, 4_000), at_s=4_001)

    assert isinstance(answer, Evicted)


@pytest.mark.parametrize("kind", [K.EVICTED, K.DEALLOCATED, K.GONE, K.STOPPED_BY_USER])
def test_hours_late_notices_about_an_earlier_body_mean_nothing(kind: NoticeKind) -> None:
    answer = judged(heard(kind, -7_200, delay_s=3 * 3_600), at_s=3_601)

    assert isinstance(answer, Nothing)


def test_notices_about_another_vm_mean_nothing() -> None:
    assert isinstance(judged(heard(K.EVICTED, vm_resource_id=f"{VM_ID}-g2")), Nothing)


def test_resource_ids_are_compared_without_case() -> None:
    assert isinstance(judged(heard(K.EVICTED, vm_resource_id=VM_ID.upper())), Evicted)


def test_a_node_without_a_vm_cannot_lose_it() -> None:
    assert isinstance(judged(heard(K.EVICTED), run=RunState()), Nothing)


def test_a_running_vm_is_nothing_new() -> None:
    assert isinstance(judged(heard(K.RUNNING)), Nothing)


@pytest.mark.parametrize("kind", [K.RUNNING, K.STARTED_BY_USER])
def test_a_vm_that_runs_after_its_stop_was_restarted(kind: NoticeKind) -> None:
    assert judged(heard(K.STOPPED_BY_USER, 60), heard(kind, 300)) == Restarted(after(300))
    assert judged(heard(K.DEALLOCATED, 60), heard(kind, 300)) == Restarted(after(300))


def test_a_vm_seen_running_while_its_eviction_goes_on_is_evicted_all_the_same() -> None:
    answer = judged(heard(K.EVICTION_COMING, 60, deadline=after(90)), heard(K.RUNNING, 80))

    assert isinstance(answer, Evicted)


def test_a_vm_seen_running_long_after_its_eviction_was_restarted() -> None:
    assert isinstance(judged(heard(K.EVICTED, 60), heard(K.RUNNING, 600), at_s=601), Restarted)


def test_a_second_stop_after_a_restart_is_judged_by_itself() -> None:
    answer = judged(
        heard(K.STOPPED_BY_USER, 60), heard(K.RUNNING, 300), heard(K.DEALLOCATED, 900), at_s=901
    )

    assert answer == Hold(after(901 + 180))


@pytest.mark.parametrize(
    ("notice", "at_s", "looks"),
    [
        pytest.param(heard(K.EVICTED, 60), 61, False, id="a fresh eviction is believed"),
        pytest.param(heard(K.EVICTED, 60), 900, True, id="an old one is not"),
        pytest.param(
            heard(K.EVICTION_COMING, 60, deadline=after(600)), 700, False, id="it may be to come"
        ),
        pytest.param(heard(K.STOPPED_BY_USER, 60, actor="ann"), 61, False, id="a fresh stop"),
        pytest.param(heard(K.STOPPED_BY_USER, 60, actor="ann"), 9_000, True, id="an old stop"),
        pytest.param(heard(K.DEALLOCATED, 60), 61, True, id="a list may lag"),
        pytest.param(heard(K.GONE, 60), 61, True, id="a list may lack a VM"),
    ],
)
def test_what_a_running_vm_would_belie_is_looked_at_before_it_is_acted_on(
    notice: Notice, at_s: float, *, looks: bool
) -> None:
    assert would_overturn(RUN, [notice], after(at_s), None) is looks
    assert would_overturn(RunState(), [notice], after(at_s), None) is False


def test_the_evidence_names_each_thing_heard_once() -> None:
    eviction = heard(K.EVICTED, actor=None)
    answer = judged(
        eviction, eviction.model_copy(update={"key": "again"}), heard(K.DEALLOCATED, 66)
    )

    assert isinstance(answer, Evicted)
    assert answer.evidence == (
        "evicted, by event_grid, at 2026-03-04T12:01:00+00:00",
        "deallocated, by event_grid, at 2026-03-04T12:01:06+00:00",
    )
