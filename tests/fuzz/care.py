"""What a drawn document asks of its own accord: a schedule, health checks; how often it is copied.

Each in a part of the lives only: hours must pass before a schedule has said all it has to say.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

Json = dict[str, Any]

SCHEDULED: Final = 0.08
WATCHED: Final = 0.15
COPIED_OFTEN: Final = 0.15
HOURLY: Final = {"MOORING_SNAPSHOT_HOURS": "1"}
EVEN, ODD = "*/2", "1-23/2"
HOUR: Final = timedelta(hours=1)
UNDONE_BY: Final = {"up": ("pause",), "down": ("resume", "recycle")}


@dataclass(frozen=True)
class Task:
    """Something that the node does by itself each two hours."""

    type: str
    minute: int
    odd: bool
    """In odd hours; else in even ones."""

    def body(self) -> Json:
        """Return it as the document has it."""
        cron = f"{self.minute} {ODD if self.odd else EVEN} * * *"
        return {"isEnabled": True, "type": self.type, "cronExpression": cron}

    def next_after(self, now: datetime) -> datetime:
        """Return its next moment."""
        moment = now.replace(minute=self.minute, second=0, microsecond=0)
        while moment <= now or moment.hour % 2 != int(self.odd):
            moment += HOUR
        return moment

    def last_by(self, now: datetime) -> datetime:
        """Return its latest moment, which may have been before there was a node."""
        return self.next_after(now) - 2 * HOUR


@dataclass(frozen=True)
class Schedule:
    """What a node does by itself."""

    tasks: tuple[Task, ...] = ()

    def undoes(self, kind: str, now: datetime) -> datetime | None:
        """Return when the schedule next has it otherwise than up or down; None: never."""
        against = (one for one in self.tasks if one.type in UNDONE_BY.get(kind, ()))
        return min((one.next_after(now) for one in against), default=None)

    def latest(self, now: datetime) -> str:
        """Return what the schedule said last; empty if there is none."""
        said = max(self.tasks, key=lambda one: one.last_by(now), default=None)
        return said.type if said else ""

    def next_of(self, kind: str, now: datetime) -> datetime | None:
        """Return when it says this next; None: never."""
        moments = (one.next_after(now) for one in self.tasks if one.type == kind)
        return min(moments, default=None)


@dataclass(frozen=True)
class Care:
    """What was drawn."""

    schedule: Schedule = field(default_factory=Schedule)
    health: Json | None = None
    copied_often: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """The product's settings that differ."""
        return HOURLY if self.copied_often else {}

    def words(self) -> list[str]:
        """Tell it."""
        tasks = [f"{one.type} at {one.body()['cronExpression']}" for one in self.schedule.tasks]
        lines = [f"scheduled: {', '.join(tasks)}"] if tasks else []
        lines += [f"health {self.health}"] if self.health else []
        return [*lines, *(["copied each hour"] if self.copied_often else [])]

    def into(self, document: Json) -> Json:
        """Return a document with it."""
        more: Json = {}
        if self.schedule.tasks:
            more["scheduling"] = {"tasks": [one.body() for one in self.schedule.tasks]}
        if self.health:
            more["health"] = self.health
        return document | more


def draw(dice: random.Random) -> Care:
    """Draw it."""
    return Care(
        schedule=_schedule(dice) if dice.random() < SCHEDULED else Schedule(),
        health=_health(dice) if dice.random() < WATCHED else None,
        copied_often=dice.random() < COPIED_OFTEN,
    )


def _schedule(dice: random.Random) -> Schedule:
    """Pause in even hours and resume in odd ones, at least half an hour later; or recycle."""
    pause = Task("pause", dice.randint(20, 50), odd=False)
    resume = Task("resume", dice.randint(20, 50), odd=True)
    recycle = Task("recycle", dice.randint(5, 55), odd=True)
    return Schedule(dice.choice(((pause, resume), (pause, resume), (recycle,))))


def _health(dice: random.Random) -> Json:
    checks = dice.choice((["vmState"], ["vmAgent"], ["vmAgent", "vmState"]))
    return {
        "healthCheckTypes": checks,
        "gracePeriod": 120,
        "autoHealing": dice.random() < 0.7,
        "unhealthyDuration": dice.choice((120, 300)),
    }
