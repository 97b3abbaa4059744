"""What notices mean, taken together."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.run import Lifecycle, Notice, NoticeKind, RunState, Vm
from shared.policy.verdict import (
    Cause,
    Evicted,
    Hold,
    Nothing,
    Restarted,
    UserStop,
    Verdict,
    may_stop,
    verdict,
)
from tests.unit.policy.situations import NOON, after

VM_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"
RUN = RunState(
    vm=Vm(id=VM_ID, name="web", size="Standard_D2s_v5", lifecycle=Lifecycle.SPOT, launched_at=NOON)
)
K = NoticeKind


def heard(kind: NoticeKind, at_s: float = 60.0, *, delay_s: float = 1.0, **more: Any) -> Notice:
    facts: dict[str, Any] = {
        "kind": kind,
        "source": "event_grid",
        "vm_resource_id": VM_ID,
        "occurred_at": after(at_s),
        "heard_at": after(at_s + delay_s),
        "key": f"{at_s}-{kind}",
    }
    return Notice(**(facts | more))


def judged(
    *notices: Notice, at_s: float = 70.0, admins: list[str] | None = None, run: RunState = RUN
) -> Verdict:
    return verdict(run, notices, after(at_s), admins)


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


def test_a_stop_from_azure_by_somebody_is_respected() -> None:
    """S14, and S16: no list of admins means everybody."""
    answer = judged(heard(K.STOPPED_BY_USER, actor="ann@contoso.com"), heard(K.DEALLOCATED, 90))

    assert answer == UserStop("ann@contoso.com", after(60))


@pytest.mark.parametrize(
    ("admins", "actor", "respected"),
    [
        (None, "ann@contoso.com", True),
        (None, None, True),
        (["contoso.com"], "ann@contoso.com", True),
        (["CONTOSO"], "ann@contoso.com", True),
        (["bob", "ann"], "ann@contoso.com", True),
        (["bob"], "ann@contoso.com", False),
        ([], "ann@contoso.com", False),
        (["bob"], None, False),
        ([""], "ann@contoso.com", False),
    ],
)
def test_a_stop_counts_only_if_an_admins_name_is_part_of_the_actors(
    admins: list[str] | None, actor: str | None, *, respected: bool
) -> None:
    """S16."""
    answer = judged(heard(K.STOPPED_BY_USER, actor=actor), admins=admins)

    assert may_stop(actor, admins) is respected
    assert isinstance(answer, UserStop) is respected
    assert respected or (isinstance(answer, Evicted) and answer.cause is Cause.STOP_NOT_ALLOWED)


def test_a_stop_by_nobody_known_is_held_three_minutes_then_an_interruption() -> None:
    """S15."""
    stop = heard(K.DEALLOCATED, 60)

    assert judged(stop, at_s=61) == Hold(after(241))
    assert judged(stop, at_s=240.9) == Hold(after(241))
    late = judged(stop, at_s=241)
    assert isinstance(late, Evicted)
    assert late.cause is Cause.UNKNOWN


def test_a_late_notice_of_a_stop_is_held_from_when_it_was_heard() -> None:
    """S15: otherwise there would be no time left to hear whose stop it was."""
    stop = heard(K.DEALLOCATED, 60, delay_s=600)

    assert judged(stop, at_s=661) == Hold(after(660 + 180))


def test_whose_stop_it_was_may_be_heard_during_the_hold() -> None:
    """I5: a stop whose intent was reported before the hold ended is not undone."""
    stop = heard(K.DEALLOCATED, 60)
    who = heard(K.STOPPED_BY_USER, 58, delay_s=150, actor="ann")

    assert judged(stop, who, at_s=210) == UserStop("ann", after(58))


def test_a_stop_meant_by_a_person_is_respected_though_an_eviction_comes_along() -> None:
    """I5."""
    stop = heard(K.STOPPED_BY_USER, 60, actor="ann")

    for eviction in (heard(K.EVICTED, 50), heard(K.EVICTED, 100)):
        assert isinstance(judged(stop, eviction, at_s=110), UserStop)


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


UNHURRIED = settings(deadline=None)
"""Two cores are shared: how long an example takes says nothing."""
NOTICES = st.lists(
    st.builds(
        heard,
        st.sampled_from(list(NoticeKind)),
        st.integers(-1_000, 2_000).map(float),
        delay_s=st.sampled_from([0.0, 5.0, 7_200.0]),
        actor=st.sampled_from([None, "ann", "bob"]),
    ),
    max_size=6,
)
ADMINS = st.sampled_from([None, [], ["ann"]])


@UNHURRIED
@given(NOTICES, ADMINS, st.data())
def test_order_and_repetition_change_nothing(
    notices: list[Notice], admins: list[str] | None, data: st.DataObject
) -> None:
    now = NOON + timedelta(seconds=2_500)
    shuffled = data.draw(st.permutations(notices)) + data.draw(
        st.lists(st.sampled_from(notices), max_size=3) if notices else st.just([])
    )

    assert verdict(RUN, shuffled, now, admins) == verdict(RUN, notices, now, admins)


@UNHURRIED
@given(NOTICES, ADMINS)
def test_only_what_happened_since_the_launch_takes_a_vm_down(
    notices: list[Notice], admins: list[str] | None
) -> None:
    launched: datetime = after(2_001)
    vm = RUN.vm
    assert vm is not None
    run = RUN.model_copy(update={"vm": vm.model_copy(update={"launched_at": launched})})

    assert isinstance(verdict(run, notices, after(9_999), admins), Nothing)


@UNHURRIED
@given(NOTICES)
def test_nobody_may_stop_means_nobodys_stop_is_respected(notices: list[Notice]) -> None:
    """S16."""
    assert not isinstance(verdict(RUN, notices, after(9_999), []), UserStop)
