"""Looks at one resource stay within Azure's bucket for it."""

from datetime import UTC, datetime, timedelta

from activities.azure.looks import FORGET_AT, Looks

NOW = datetime(2026, 3, 1, tzinfo=UTC)


LATER = NOW + timedelta(hours=1)


def known(looks: Looks) -> Looks:
    """Let a process be old enough to know what it has used."""
    looks.begin(NOW)
    return looks


def test_looks_are_eager_for_a_part_of_the_burst_and_again_when_it_has_flowed_back() -> None:
    looks = known(Looks(burst=10, refill_per_s=0.5, eager_part=0.6))

    eager = [looks.spend("vm", LATER) for _ in range(6)]

    assert eager == [True, True, True, True, True, False]
    assert looks.spend("vm", LATER + timedelta(seconds=10))


def test_a_process_that_has_just_begun_is_patient_for_it_does_not_know_what_was_used() -> None:
    looks = Looks(burst=10, refill_per_s=0.5, eager_part=0.6)

    assert not looks.spend("vm", NOW)
    assert looks.spend("another", NOW + timedelta(seconds=12))


def test_each_resource_has_a_bucket_of_its_own() -> None:
    looks = known(Looks(burst=4, refill_per_s=0.5, eager_part=0.6))
    looks.spend("one", LATER)
    looks.spend("one", LATER)

    assert not looks.spend("one", LATER)
    assert looks.spend("other", LATER)


def test_resources_long_unseen_are_forgotten() -> None:
    looks = Looks(burst=10, refill_per_s=0.5, eager_part=0.6)
    for number in range(FORGET_AT):
        looks.spend(f"vm{number}", NOW)

    looks.spend("late", LATER)

    assert len(looks._used) == 1
