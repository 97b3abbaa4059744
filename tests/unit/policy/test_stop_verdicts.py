"""Whose stop it was, and what it means: told, held, refused."""

import pytest

from shared.model.run import Notice, NoticeKind
from shared.policy.verdict import (
    IDENTITY,
    STOP_TAKES_S,
    Cause,
    Evicted,
    Hold,
    Nothing,
    Restarted,
    UserStop,
    may_stop,
)
from tests.unit.policy.noticed import STOPPED, K, heard, judged
from tests.unit.policy.situations import after


def test_a_stop_from_azure_by_somebody_is_respected() -> None:
    """S14, and S16: no list of admins means everybody."""
    answer = judged(heard(K.STOPPED_BY_USER, actor="ann@contoso.com"), heard(K.DEALLOCATED, 90))

    assert answer == UserStop("ann@contoso.com", after(60))


@pytest.mark.parametrize(
    ("admins", "respected"),
    [
        (None, True),
        (["contoso.com"], True),
        (["CONTOSO"], True),
        (["bob", "ann"], True),
        (["bob"], False),
        ([], False),
        ([""], False),
    ],
)
def test_a_stop_counts_only_if_an_admins_name_is_part_of_the_actors(
    admins: list[str] | None, *, respected: bool
) -> None:
    """S16."""
    actor = "ann@contoso.com"
    answer = judged(heard(K.STOPPED_BY_USER, actor=actor), admins=admins)

    assert may_stop(actor, admins) is respected
    assert isinstance(answer, UserStop) is respected
    assert respected or (isinstance(answer, Evicted) and answer.cause is Cause.STOP_NOT_ALLOWED)


def test_any_of_the_actors_names_may_be_the_one_that_is_listed() -> None:
    """S16."""
    names = "ann@contoso.com\nAnn Lovelace\n7d1f0000-0000-4000-8000-00000000cafe"
    stop = heard(K.STOPPED_BY_USER, actor="ann@contoso.com", detail={IDENTITY: names})

    for admins in (["Lovelace"], ["7d1f0000"], ["contoso"]):
        assert judged(stop, admins=admins) == UserStop("ann@contoso.com", after(60))
    assert isinstance(judged(stop, admins=["Byron"]), Evicted)


@pytest.mark.parametrize("admins", [None, ["ann"], []])
def test_a_stop_that_names_nobody_is_held_for_the_event_that_does(
    admins: list[str] | None,
) -> None:
    """S15, I5."""
    stop = heard(K.STOPPED_BY_USER, 60)

    assert judged(stop, at_s=62, admins=admins) == Hold(after(241))
    assert judged(stop, at_s=240.9, admins=admins) == Hold(after(241))


def test_after_the_hold_a_stop_that_names_nobody_counts_where_everybody_may() -> None:
    """S16."""
    stop = heard(K.STOPPED_BY_USER, 60)

    assert judged(stop, heard(K.DEALLOCATED, 90), at_s=241) == UserStop(None, after(60))


@pytest.mark.parametrize("admins", [["ann"], []])
def test_after_the_hold_a_stop_that_names_nobody_is_nobodys_on_the_list(
    admins: list[str],
) -> None:
    """S15, S16."""
    answer = judged(heard(K.STOPPED_BY_USER, 60), at_s=241, admins=admins)

    assert isinstance(answer, Evicted)
    assert answer.cause is Cause.STOP_NOT_ALLOWED


def test_the_event_that_names_somebody_ends_the_hold() -> None:
    """S16: the annotation of a stop comes first, the caller's name when the stop is over."""
    annotation, named = heard(K.STOPPED_BY_USER, 60), heard(K.STOPPED_BY_USER, 105, actor="ann")

    assert judged(annotation, named, at_s=106, admins=["ann"]) == UserStop("ann", after(105))
    refused = judged(annotation, named, at_s=106, admins=["bob"])
    assert isinstance(refused, Evicted)
    assert refused.cause is Cause.STOP_NOT_ALLOWED


@pytest.mark.parametrize("admins", [None, ["ann"], []])
@pytest.mark.parametrize("eviction", [heard(K.EVICTED, 59), heard(K.EVICTION_COMING, 30)])
def test_an_eviction_explains_a_stop_that_names_nobody(
    admins: list[str] | None, eviction: Notice
) -> None:
    """I5: Azure may annotate the deallocation that an eviction ends in."""
    stop = heard(K.STOPPED_BY_USER, 60)

    for notices in ((stop, eviction), (eviction, stop)):
        answer = judged(*notices, at_s=500, admins=admins)

        assert isinstance(answer, Evicted)
        assert answer.cause is Cause.EVICTION


@pytest.mark.parametrize("kind", [K.GONE, K.DELETED_BY_USER])
def test_a_deletion_explains_the_stop_that_it_begins_with(kind: NoticeKind) -> None:
    answer = judged(heard(K.STOPPED_BY_USER, 60), heard(kind, 100), at_s=101)

    assert isinstance(answer, Evicted)
    assert answer.cause is Cause.GONE


def test_a_vm_deleted_long_after_its_stop_was_stopped_all_the_same() -> None:
    """I5."""
    stop, gone = heard(K.STOPPED_BY_USER, 60), heard(K.GONE, 4_000)

    assert judged(stop, gone, at_s=4_001) == UserStop(None, after(60))


@pytest.mark.parametrize(
    "news",
    [
        heard(K.STOPPED_BY_USER, 300),
        heard(K.STOPPED_BY_USER, 300, actor="bob"),
        heard(K.DEALLOCATED, 300),
        heard(K.GONE, 300),
        heard(K.RUNNING, 90),
    ],
)
def test_a_stopped_node_stays_stopped_whoever_stops_it_again(news: Notice) -> None:
    """I5: a list of admins set later, or a second stop, does not undo the first."""
    first = heard(K.STOPPED_BY_USER, 60)

    for at_s in (301, 9_000):
        answer = judged(first, news, at_s=at_s, admins=["ann"], run=STOPPED)

        assert isinstance(answer, Nothing)


def test_a_stopped_node_whose_stop_was_an_eviction_is_brought_back() -> None:
    """I5: the annotation came first, the notice of the eviction hours later."""
    late = heard(K.EVICTED, 62, delay_s=7_200)

    answer = judged(heard(K.STOPPED_BY_USER, 60), late, at_s=7_300, run=STOPPED)

    assert isinstance(answer, Evicted)
    assert answer.cause is Cause.EVICTION


def test_a_stopped_node_that_ran_again_is_judged_anew() -> None:
    """S13."""
    first, up = heard(K.STOPPED_BY_USER, 60, actor="ann"), heard(K.STARTED_BY_USER, 400)
    again = heard(K.STOPPED_BY_USER, 500, actor="bob")

    assert judged(first, up, at_s=401, run=STOPPED) == Restarted(after(400))
    assert judged(up, at_s=401, run=STOPPED) == Restarted(after(400))
    answer = judged(first, up, again, at_s=501, run=STOPPED, admins=["ann"])
    assert isinstance(answer, Evicted)


def test_a_vm_still_seen_running_while_it_stops_was_not_restarted() -> None:
    """I5: a list may lag, and the first words of a stop come before its end."""
    stop, lag = heard(K.STOPPED_BY_USER, 60, actor="ann"), heard(K.RUNNING, 100)

    assert judged(stop, lag, at_s=101) == UserStop("ann", after(60))
    assert judged(stop, heard(K.STARTED_BY_USER, 100), at_s=101) == Restarted(after(100))
    assert judged(stop, heard(K.RUNNING, 60 + STOP_TAKES_S + 1), at_s=300) == Restarted(after(241))


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
