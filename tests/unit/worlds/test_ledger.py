from datetime import timedelta
from typing import Any

import pytest

from local.arm.portrait import DISK
from tests.unit.worlds.history import NOON, History, disk, id_of, intent, vm

LATER = NOON + timedelta(hours=1)


def test_a_write_after_its_intent_is_lawful() -> None:
    history = History().asked("POST", vm()).reckons(intent(NOON))

    assert history.broken == []


def test_a_part_of_a_resource_may_be_written_under_the_intent_for_it() -> None:
    extension = vm()
    history = History().asked("PUT", extension, resource=f"{vm().id}/extensions/e")

    assert history.reckons(intent(NOON)).broken == []


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (intent(LATER), "before its intent"),
        (intent(NOON, step="other/start_vm"), "without an intent"),
        (intent(NOON, step="start-01/start_vm"), "without an intent"),
        (intent(NOON, target=id_of(DISK, "os")), "without an intent"),
    ],
)
def test_a_write_without_an_intent_before_it_breaks_i6(row: dict[str, Any], word: str) -> None:
    history = History().asked("POST", vm()).reckons(row)

    assert history.broken == ["I6"]
    assert word in str(history.watch.breaches[0])


@pytest.mark.parametrize("status", [0, 409, 429])
def test_what_azure_never_took_was_sent_all_the_same(status: int) -> None:
    assert History().asked("POST", vm(), status=status).reckons().broken == ["I6"]


def test_a_write_that_names_no_step_breaks_i6() -> None:
    history = History().asked("POST", vm(), request_id="5b5c")

    assert "without saying for which step" in str(history.reckons().watch.breaches[0])


def test_writes_of_people_and_questions_are_not_journalled() -> None:
    history = History().asked("POST", vm(), caller="ada")
    history.asked("POST", vm(), operation="Microsoft.ResourceGraph/resources/action")

    assert history.reckons().broken == []


def test_a_repeat_that_meets_the_same_thing_is_lawful() -> None:
    history = History().asked("PUT", disk("os")).has(disk("os")).asked("PUT", disk("os"))

    assert history.broken == []


def test_a_step_that_makes_a_thing_twice_breaks_i6() -> None:
    history = History().asked("PUT", disk("os"))

    history.asked("PUT", disk("os", born="namesake"))

    assert history.broken == ["I6"]
    assert "took effect on two things of that name" in str(history.watch.breaches[0])


def test_a_step_that_deletes_two_namesakes_breaks_i6() -> None:
    history = History().has(disk("os")).asked("DELETE", disk("os")).loses(disk("os"))
    history.has(disk("os", born="namesake")).asked("DELETE", disk("os"))

    assert history.broken == ["I6"]


def test_a_deletion_that_its_repeat_overtook_finds_the_namesake_and_nobody_could_call_it_back() -> (
    None
):
    history = History().has(vm()).asked("DELETE", vm()).loses(vm())
    history.has(vm(born="namesake"))

    assert history.asked("DELETE", vm(), sent=NOON - timedelta(seconds=30)).broken == []


def test_a_deletion_that_set_out_after_its_repeat_took_effect_breaks_i6() -> None:
    history = History().has(vm()).asked("DELETE", vm()).loses(vm())
    history.has(vm(born="namesake"))

    assert history.asked("DELETE", vm(), sent=LATER).broken == ["I6"]


def test_deleting_what_is_gone_is_lawful() -> None:
    history = History().has(disk("os")).asked("DELETE", disk("os")).loses(disk("os"))

    assert history.asked("DELETE", disk("os"), status=204).broken == []


def test_a_repeat_with_another_body_breaks_i6() -> None:
    history = History().asked("PUT", disk("os")).has(disk("os"))

    assert history.asked("PUT", disk("os"), digest="other").broken == ["I6"]


def test_another_body_after_a_refusal_is_lawful() -> None:
    history = History().asked("PUT", disk("os"), status=409)

    assert history.asked("PUT", disk("os"), digest="other").broken == []
