"""Play a life in a world of its own on virtual time, judged after everything that happens."""

import random
import re
from datetime import datetime
from typing import Any, Final

from local.worlds.faults import Call, Fault
from local.worlds.inprocess import NODES, InProcess
from local.worlds.invariants import Breach, Watch
from local.worlds.logbook import Entry
from local.worlds.loop import in_virtual_time
from local.worlds.options import Options
from tests.fuzz import ground, steps
from tests.fuzz.ambush import AZURE, FLAKY, TABLES, Ambush, Lag
from tests.fuzz.byhand import ByHand
from tests.fuzz.calm import Calm
from tests.fuzz.ending import End
from tests.fuzz.equipment import Equipment
from tests.fuzz.figures import Counting
from tests.fuzz.guest import Guest
from tests.fuzz.importing import Importing
from tests.fuzz.judges import Judges
from tests.fuzz.life import Life
from tests.fuzz.outcome import Outcome, bug_in, faults_of, told_of_no_pool
from tests.fuzz.owner import Owner
from tests.fuzz.pace import Pace
from tests.fuzz.records import hides_a_cause, log_lines, told
from tests.fuzz.serving import ERRORS, Serving
from tests.fuzz.stage import Stage
from tests.fuzz.stocktaking import Stocktaking
from tests.fuzz.untold import Untold

Json = dict[str, Any]

OWNERLESS_S: Final = 900.0
"""Waited at the end, so that what nobody owns shows: more than the ten minutes it may stay."""
LULL_S: Final = 300.0
"""By how much timers may be late in lives that last for hours, while nothing happens."""
OK: Final = 200
SETTLED: Final = re.compile(r"settle_operation ssn-\w+-(delete|deallocate)-")
"""The end of an activity that writes that a deletion is over, or more of it."""
SETTLES: Final = "settle_operation "
"""Likewise, of any operation."""
RAISED: Final = re.compile(r"Activity function '\w+' failed:  (\w+).*")
EXPECTED: Final = frozenset({"Transient", "Unavailable"})
"""What an activity raises for the durable retry; anything else is a bug."""


class Play:
    """One life under way."""

    def __init__(self, life: Life) -> None:
        self.outcome = Outcome(life)
        self._life = life
        self._document = life.document
        self._watch = Watch()
        dice = random.Random(f"{life.seed}/flaky")  # noqa: S311 - chance
        self._azure = Ambush(AZURE, life.flaky, FLAKY, dice)
        self._tables = Ambush(TABLES)
        lags = random.Random(f"{life.seed}/lags")  # noqa: S311 - chance
        self._lag = Lag(life.lags, lags)
        self._counting = Counting()
        self._refusals = self._watch.refusals
        self._importing: Importing | None = None
        self._bugs: set[str] = set()
        self._untold = Untold()

    async def run(self) -> Outcome:
        """Live it."""
        try:
            dice = random.Random(f"{self._life.seed}/repeats")  # noqa: S311 - chance
            options = Options(
                host={"repeat_activity": lambda *_: dice.random() < self._life.repeats},
                settings=self._settings(),
                environment=self._life.care.environment,
                lull_s=LULL_S if self._life.is_long else 0.0,
            )
            async with InProcess(
                self._life.seed,
                options,
                hook=self._strike,
                table_hook=self._tables.strike,
            ) as world:
                self._world = world
                self._pace = Pace(world, self._watch)
                await self._live()
                self._sum_up()
        except Exception as problem:  # noqa: BLE001 - whatever ends a life is its outcome
            self.outcome.trouble = f"{type(problem).__name__}: {problem}"
        self.outcome.breaches = self._watch.breaches
        return self.outcome

    def _settings(self) -> Json:
        source = self._life.imported
        told: Json = dict.fromkeys(self._life.told, True)
        return ground.settings(self._document) | told | (source.settings if source else {})

    # -- the life -----------------------------------------------------------------------------

    async def _live(self) -> None:
        world, life = self._world, self._life
        world.arm.chronicle.listeners.append(self._watch.hear)
        world.arm.chronicle.listeners.append(self._counting.hear)
        world.arm.chronicle.listeners.append(self._untold.hear)
        counts, now = self._counting.figures.counts, world.clock.now()
        self._serving = Serving(counts, self._watch.wishes, now)
        world.arm.chronicle.listeners.append(self._serving.hear)
        self._guest = Guest(world, self._document, life.seed)
        world.arm.chronicle.listeners.append(self._guest.hear)
        judges = Judges(self._pace, life, self._guest.spoke)
        world.arm.chronicle.listeners.append(judges.hear)
        world.log.watchers.append(self._counting.read)
        world.log.watchers.append(self._read)
        world.log.watchers.append(Equipment(self._pace, life).read)
        world.log.watchers.append(judges.read)
        world.log.watchers.append(Stocktaking(self._pace).read)
        self._pace.before.append(self._read_rows)
        await ground.lay(world, self._document)
        self._stage = await self._created()
        if self._importing and life.imported and life.imported.alone:
            await self._importing.see_through(surely=not life.flaky, seen=not life.lags)
        for step in life.steps:
            await step.happen(self._stage)
            await self._pace.passes(step.pause_s)
        await self._end()
        await self._pace.passes(OWNERLESS_S)
        if hides_a_cause(world.tables.rows()):
            self._pace.blame("I9", "the log tells of a VM that failed, and not why")
        if self._importing:
            await self._importing.judge()

    async def _end(self) -> None:
        """Have faults stop, in most lives, and see what becomes of the node; some delete it."""
        life, end = self._life, End(self._pace, self._stage, self._life)
        if life.calm_before_end and not life.dies_in_trouble:
            await self._calm()
            await self._come_back()
        if self._importing and life.deleted:
            self._importing.let_go()
        if life.dies_in_trouble:
            await end.begin()
        if life.deleted:
            await self._calm()
            if self._importing:
                await self._importing.settle(deleted=True)
            await end.come()
        elif life.calm_before_end:
            if life.takes_off:
                await ByHand(self._pace, self._stage).happen()
            await end.part()

    async def _come_back(self) -> None:
        if self._importing and not await self._importing.settle(deleted=False):
            return
        calm = Calm(self._pace, self._stage, self._life)
        await calm.come_back()
        await calm.heal()
        await calm.keep_schedule()

    def _strike(self, call: Call) -> Fault | None:
        return self._lag.strike(call, self._azure.strike(call))

    def _read(self, entry: Entry) -> None:
        """An activity raises `Transient` or what a table that is down raises; else it is a bug."""
        if entry.kind != "end":
            return
        if SETTLED.match(entry.text):
            self._watch.ended(self._world.clock.now(), self._pace.records())
        if entry.text.startswith(SETTLES) and self._watch.is_any_coming:
            self._watch.settled(self._world.clock.now(), self._pace.records())
        raised = RAISED.search(entry.text)
        if raised and raised[1] not in EXPECTED:
            said = Breach("B", self._world.clock.now(), f"an activity has a bug: {raised[0]}")
            self._watch.breaches.append(said)

    def _read_rows(self) -> None:
        """What ends an operation is said by Azure or by us; an exception of Python is a bug."""
        views = self._pace.records().nodes.values()
        running = {view.operation for view in views}
        self._refusals.reckon(self._world.clock.now(), running, self._lines)
        for view in views:
            bug = bug_in(view.reason)
            if bug and bug not in self._bugs:
                self._bugs.add(bug)
                self._pace.blame("B", f"an operation has a bug: {bug}")

    def _lines(self) -> list[tuple[datetime, str]]:
        return log_lines(self._world.tables.rows())

    async def _created(self) -> Stage:
        if self._life.imported:
            self._importing = Importing(self._pace, self._life.imported)
            record = await self._importing.begin(self._document)
            self._document = record.document
            return self._begun(record.key.node_id)
        body = {"statefulNode": self._document}
        answer = await self._world.api("POST", NODES, body)
        if answer.status != OK:
            raise AssertionError(f"create was answered {answer.status}: {answer.body}")
        return self._begun(str(answer.items[0]["id"]))

    def _begun(self, node_id: str) -> Stage:
        owner = Owner(self._pace, node_id, self._life.care.schedule)
        ambushes = self._azure, self._tables
        judges = self._counting, self._refusals
        stage = Stage(self._pace, owner, self._document, ambushes, judges)
        stage.hush = self._guest.hush
        if self._importing:
            self._importing.take(stage)
        stage.promise()
        owner.wish(self._importing.wish if self._importing else "up")
        return stage

    async def _calm(self) -> None:
        """All faults stop, every market has room, somebody looks after the host."""
        self._azure.lift()
        self._lag.lift()
        self._refusals.lift(self._world.clock.now())
        self._tables.lift()
        for method, path, body in (
            ("DELETE", "faults", None),
            ("DELETE", "capacity", None),
            ("PUT", "events", {"loss": 0, "duplicate": 0, "reorder": 0, "delay_s": [0.5, 1.0]}),
            ("PUT", "quota", {"limits": steps.AMPLE_QUOTA}),
        ):
            await self._stage.world(method, path, body)
        await self._world.restart()

    def _sum_up(self) -> None:
        lines = [text for _, text in self._lines()]
        if line := told_of_no_pool(lines):
            self._pace.blame("I9", f"the log tells of a pool that nobody gave: {line}")
        if not self._life.loses_operations:  # what they have seen, nobody knows
            for disk in self._untold.wrong(lines):
                self._pace.blame("I9", f"{disk} is kept for what it may hold, and is empty")
        self._serving.end(self._world.clock.now())
        self._counting.figures.counts[ERRORS] += told(self._world.tables.rows(), "ERROR")
        self._counting.figures.faults += faults_of(self._life)
        self._counting.figures.counts["steps"] += len(self._life.steps)
        self.outcome.figures = self._counting.figures
        self.outcome.digest = self._world.log.digest
        self.outcome.log = bytes(self._world.log)
        self.outcome.virtual_s = self._world.log.now()


def play(life: Life) -> Outcome:
    """Play a life to its end."""
    return in_virtual_time(Play(life).run())
