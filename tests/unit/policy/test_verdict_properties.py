"""What holds for all notices, in whatever order they come."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.run import Notice, NoticeKind, RunState
from shared.policy.verdict import HOLD_S, Evicted, Nothing, UserStop, Verdict, verdict
from tests.unit.policy.noticed import RUN, STOPPED, K, heard
from tests.unit.policy.situations import NOON, after

UNHURRIED = settings(deadline=None)
"""Two cores are shared: how long an example takes says nothing."""
NOTICES = st.lists(
    st.builds(
        heard,
        st.sampled_from(list(NoticeKind)),
        st.integers(-1_000, 2_000).map(float),
        delay_s=st.sampled_from([0.0, 5.0, 7_200.0]),
        actor=st.sampled_from([None, "ann", "bob"]),
        source=st.sampled_from(["event_grid", "fleet_list"]),
        key=st.sampled_from(["n-1", "n-2", "n-3"]),
    ),
    max_size=6,
)
ADMINS = st.sampled_from([None, [], ["ann"]])
RUNS = st.sampled_from([RUN, STOPPED])


@UNHURRIED
@given(NOTICES, ADMINS, RUNS, st.data())
def test_order_and_repetition_change_nothing(
    notices: list[Notice], admins: list[str] | None, run: RunState, data: st.DataObject
) -> None:
    now = NOON + timedelta(seconds=data.draw(st.sampled_from([200, 2_500, 9_999])))
    again = st.lists(st.sampled_from(notices), max_size=3) if notices else st.just([])
    repeats = [
        one.model_copy(update={"key": "again", "heard_at": one.heard_at + timedelta(seconds=7)})
        for one in data.draw(again)
    ]
    shuffled = data.draw(st.permutations([*notices, *repeats]))

    assert verdict(run, shuffled, now, admins) == verdict(run, notices, now, admins)


HINTS = st.builds(
    heard,
    st.sampled_from([K.DEALLOCATED, K.STOPPED_BY_USER]),
    st.integers(60, 100).map(float),
    delay_s=st.floats(0, 60),
)
"""What says that the VM goes down, and not by whom."""
SOON = st.floats(0, HOLD_S - 1)
"""When, after the first hint was heard, the one that explains it is."""


def lives_through(notices: list[Notice], admins: list[str] | None) -> list[Verdict]:
    """Judge at each second what was heard by then."""
    return [
        verdict(RUN, [one for one in notices if one.heard_at <= after(s)], after(s), admins)
        for s in range(60, 700, 5)
    ]


@UNHURRIED
@given(st.lists(HINTS, min_size=1, max_size=3), SOON, st.sampled_from([None, ["ann"]]))
def test_a_stop_told_before_the_hold_ended_is_never_undone(
    hints: list[Notice], delay_s: float, admins: list[str] | None
) -> None:
    """I5."""
    first = min(one.heard_at for one in hints)
    told = heard(K.STOPPED_BY_USER, 101, actor="ann", heard_at=first + timedelta(seconds=delay_s))

    verdicts = lives_through([*hints, told], admins)

    assert not [one for one in verdicts if isinstance(one, Evicted)]
    assert verdicts[-1] == UserStop("ann", after(101))


@UNHURRIED
@given(st.lists(HINTS, min_size=1, max_size=3), SOON, st.integers(30, 130), ADMINS)
def test_an_eviction_reported_before_the_hold_ended_is_never_taken_for_intent(
    hints: list[Notice], delay_s: float, at_s: int, admins: list[str] | None
) -> None:
    """I5."""
    first = min(one.heard_at for one in hints)
    eviction = heard(K.EVICTED, at_s, heard_at=first + timedelta(seconds=delay_s))

    verdicts = lives_through([*hints, eviction], admins)

    assert not [one for one in verdicts if isinstance(one, UserStop)]
    assert isinstance(verdicts[-1], Evicted)


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
