from datetime import UTC, datetime, timedelta
from typing import Any

from shared.policy.schedule import chosen, due_by, next_moment, tasks_of

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 20, tzinfo=UTC)


def document(*tasks: tuple[str, str], enabled: bool = True) -> dict[str, Any]:
    return {
        "scheduling": {
            "tasks": [
                {"isEnabled": enabled, "type": what, "cronExpression": when} for what, when in tasks
            ]
        }
    }


OFFICE = document(("pause", "0 20 * * *"), ("resume", "0 8 * * 1-5"))


def types(since: datetime, now: datetime, stored: dict[str, Any]) -> list[str]:
    return [one.task.type for one in due_by(tasks_of(stored), since, now)]


def choice(since: datetime, now: datetime, stored: dict[str, Any]) -> str:
    one = chosen(due_by(tasks_of(stored), since, now), now)
    return one.task.type if one else ""


def test_the_next_moment_is_the_nearest_of_all_tasks() -> None:
    """R87: tasks are done at their cron times."""
    assert next_moment(tasks_of(OFFICE), EIGHT - timedelta(hours=1)) == EIGHT
    assert next_moment(tasks_of(OFFICE), EIGHT) == EVENING


def test_a_disabled_task_is_none_and_no_tasks_are_never_due() -> None:
    disabled = document(("pause", "0 20 * * *"), enabled=False)

    assert tasks_of(disabled) == tasks_of({}) == tasks_of({"scheduling": {}}) == ()
    assert next_moment((), EIGHT) is None


def test_a_task_is_due_from_its_moment_on() -> None:
    assert types(EVENING, EVENING, OFFICE) == ["pause"]
    assert types(EVENING, EVENING + timedelta(minutes=9), OFFICE) == ["pause"]


def test_after_an_outage_the_latest_task_says_how_the_node_should_be() -> None:
    """S27: a node paused at night and resumed in the morning runs in the morning."""
    morning = datetime(2026, 3, 3, 9, tzinfo=UTC)

    assert types(EVENING, morning, OFFICE) == ["pause", "resume"]
    assert choice(EVENING, morning, OFFICE) == "resume"


def test_a_recycle_gives_way_to_a_pause_and_is_not_made_good_hours_later() -> None:
    both = document(("pause", "0 20 * * *"), ("recycle", "30 20 * * *"))
    alone = document(("recycle", "30 20 * * *"))
    soon, late = EVENING + timedelta(minutes=45), EVENING + timedelta(hours=3)

    assert choice(EVENING, soon, both) == "pause"
    assert choice(EVENING, soon, alone) == "recycle"
    assert choice(EVENING, late, alone) == ""


def test_of_two_tasks_at_one_moment_the_documents_last_decides() -> None:
    assert choice(
        EVENING, EVENING, document(("pause", "0 20 * * *"), ("resume", "0 20 * * *"))
    ) == ("resume")
