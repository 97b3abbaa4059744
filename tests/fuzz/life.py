"""A life: a node document and what happens to it, drawn whole from one seed before it is played."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.fuzz import (
    attaching,
    between,
    campaigns,
    care,
    crowded,
    documents,
    draws,
    features,
    heard,
    imported,
    last_trouble,
    lost,
    parting,
    refused,
    waylaid,
)
from tests.fuzz.care import Care
from tests.fuzz.deeds import DiskDetached, OsDiskSwapped
from tests.fuzz.imported import Source
from tests.fuzz.parting import Parting
from tests.fuzz.steps import Evicted, Step

Json = dict[str, Any]

GROUP: Final = "mooring-demo"
STEPS_MIN: Final = 5
STEPS_MAX: Final = 11
KINDS: Final = ("plain", "features", "imports")
LAGGING, LAGS = 0.1, 0.35
"""Part of the lives in which reads of the VM lag behind, and of these reads those that do."""
DELETED: Final = 0.4
"""Part of the lives that end with the node's deletion."""

BY_HAND: Final = 0.3
"""Part of the lives at whose end a person takes a data disk off the VM in Azure."""
EXTENDED: Final = 0.7
"""Part of the VMs made again for their owner alone that have extensions: else few would."""


@dataclass(frozen=True)
class Life:
    """One node's life."""

    seed: int
    document: Json
    steps: tuple[Step, ...]
    calm_before_end: bool
    """Faults stop before the end: then the node must become ACTIVE within the bound."""
    deleted: bool
    """The owner deletes the node at the end."""
    deleted_in_calm: bool = True
    """False: faults go on when the deletion begins."""
    repeats: float = 0.0
    """Part of the activities that run twice, as a worker's that was thought dead."""
    flaky: float = 0.0
    """Part of the calls to Azure that break, are refused or read what is no longer so."""
    lags: float = 0.0
    """Part of the reads of a VM that lag behind what was done to it."""
    parting: Parting = field(default_factory=Parting)
    """How its owner deletes it, if he does."""
    care: Care = field(default_factory=Care)
    """What its document asks of its own accord, beside what was drawn for it first."""
    imported: Source | None = None
    """The VM that its node is made of; None: it is created."""
    ends_lost_s: float | None = None
    """When the orchestration of a deletion in trouble is terminated; None: it is not."""
    ends_in: tuple[Step, ...] = ()
    """What happens just before the node is deleted in trouble."""
    by_hand: bool = False
    """A person takes a data disk off its VM at the end, if nothing speaks against it."""
    told: tuple[str, ...] = ()
    """What Azure tells of evictions besides: settings of the simulated one."""
    kind: str = "plain"
    """One of `KINDS`: whether it begins with an import, or its document asks for more."""

    @property
    def is_long(self) -> bool:
        """Whether hours must pass in it: for a schedule, or for what is kept for a time."""
        kept = [one.ttl_h for one in self.steps if isinstance(one, DiskDetached | OsDiskSwapped)]
        return bool(
            self.imported
            or self.care.schedule.tasks
            or any(kept)
            or (self.deleted and self.parting.lasts_s)
        )

    @property
    def dies_in_trouble(self) -> bool:
        """Whether faults go on when its node is deleted."""
        return self.deleted and not self.deleted_in_calm

    @property
    def takes_off(self) -> bool:
        """Whether a person takes a data disk off the VM at the end, while nothing else happens."""
        ends_calm = self.calm_before_end and not self.deleted
        has_disks = "dataDisks" in self.document["compute"]["launchSpecification"]
        is_calm = ends_calm and not self.is_long and not self.may_err
        return self.by_hand and has_disks and is_calm

    @property
    def may_err(self) -> bool:
        """Whether its node may stand in ERROR for a while.

        Because Azure refuses something for good, or an operation of the product's is lost.
        """
        return self.loses_operations or any(isinstance(one, refused.Refused) for one in self.steps)

    @property
    def loses_operations(self) -> bool:
        """Whether an operation of the product's may be lost under way."""
        return any(isinstance(step, lost.OperationLost) for step in self.steps)

    def with_steps(self, steps_left: tuple[Step, ...]) -> "Life":
        """Return the same life with fewer things happening in it."""
        return replace(self, steps=steps_left)

    def story(self) -> str:
        """Tell the life in words."""
        persistence = json.dumps(self.document["persistence"], sort_keys=True)
        lines = [
            f"A node in zones {self.document['compute'].get('zones') or 'none (regional)'}",
            f"  sizes {json.dumps(self.document['compute']['vmSizes'], sort_keys=True)}",
            f"  strategy {json.dumps(self.document['strategy'], sort_keys=True)}",
            f"  persistence {persistence}",
            *(f"  {number}. {step.words()}" for number, step in enumerate(self.steps, 1)),
        ]
        lines[4:4] = [f"  {line}" for line in (*self.care.words(), *features.words(self.document))]
        if self.imported:
            lines[1:1] = [f"  {self.imported.words()}"]
        return "\n".join((*lines, *self._all_the_while(), *self._ends()))

    def _ends(self) -> Iterator[str]:
        if self.calm_before_end:
            yield "  then all faults stop and every market has room"
        if self.takes_off:
            yield "  then a person takes a data disk off its VM, which then goes down"
        if self.deleted:
            yield f"  then the owner deletes the node: {self.parting.words()}"
        for step in self.ends_in if self.dies_in_trouble else ():
            yield f"  just when: {step.words()}"
        if self.dies_in_trouble and self.ends_lost_s is not None:
            yield f"  and an operator terminates that after {self.ends_lost_s:g} s"

    def _all_the_while(self) -> Iterator[str]:
        if self.flaky:
            yield f"  all the while {self.flaky:.0%} of the calls to Azure go wrong somehow"
        if self.lags:
            yield f"  and {self.lags:.0%} of the reads of the VM lag behind"
        if self.repeats:
            yield f"  and {self.repeats:.0%} of the activities run twice"
        if self.told:
            yield f"  and Azure tells of evictions with {', '.join(self.told)}"


def draw(seed: int) -> Life:
    """Draw the life of a seed."""
    dice = random.Random(seed)  # noqa: S311 - chance, not secrecy
    more = random.Random(f"{seed}/more")  # noqa: S311 - chance, not secrecy
    cared = care.draw(more)
    document = cared.into(documents.draw(dice, GROUP, f"life-{seed}"))
    befallen = random.Random(f"{seed}/befallen")  # noqa: S311 - chance, not secrecy
    documents.ages(random.Random(f"{seed}/ages"), document)  # noqa: S311 - chance
    source, kind = _ground(seed, document, cared)
    count = dice.randint(STEPS_MIN, STEPS_MAX)
    allowed = document["compute"]["vmSizes"]
    sizes = tuple(dict.fromkeys((*allowed["spotSizes"], *allowed["odSizes"])))
    drawn = [draws.draw(dice, sizes) for _ in range(count)]
    # A node that nobody evicts proves little.
    drawn.insert(dice.randrange(count), Evicted(draws.pause(dice), notice_s=30.0))
    calm_before_end = dice.random() < 0.8
    draws.befall(befallen, drawn)
    aimed = campaigns.draw(random.Random(f"{seed}/aimed"), document)  # noqa: S311 - chance
    aimed = aimed or between.draw(random.Random(f"{seed}/between"), document)  # noqa: S311 - chance
    if source is None:
        aimed = between.zonal(random.Random(f"{seed}/zonal"), document) or aimed  # noqa: S311
    drawn[: len(aimed)] = aimed  # in place of others: lives are to be no longer
    drawn = _refused(seed, document, source, drawn)
    losing = random.Random(f"{seed}/lost")  # noqa: S311 - chance, not secrecy
    ends_lost_s = lost.ends_lost(losing)
    plot = () if source else lost.draw(losing)
    at = losing.randrange(len(drawn) - len(plot) + 1) if plot[1:2] else 0
    drawn[at : at + len(plot)] = plot
    drawn = _attaching(seed, source, drawn)
    crowd = crowded.draw(random.Random(f"{seed}/crowded"), document)  # noqa: S311 - chance
    crowd = crowd or between.copied(random.Random(f"{seed}/copied"), document)  # noqa: S311 - chance
    drawn[len(drawn) - len(crowd) :] = crowd
    parted = parting.draw(more)
    ends = random.Random(f"{seed}/ends")  # noqa: S311 - chance, not secrecy
    refuses = any(isinstance(step, refused.Refused) for step in drawn)
    if calm_before_end and not (source or aimed or plot or crowd or refuses):
        end = heard.draw(random.Random(f"{seed}/heard"))  # noqa: S311 - chance
        drawn[len(drawn) - len(end) :] = end
    life = Life(
        seed=seed,
        document=document,
        steps=tuple(drawn),
        calm_before_end=calm_before_end,
        deleted=dice.random() < DELETED,
        deleted_in_calm=dice.random() < 0.5,
        repeats=dice.choice((0.0, 0.0, 0.1)),
        flaky=dice.choice((0.0, 0.0, 0.06)),
        lags=LAGS if befallen.random() < LAGGING else 0.0,
        parting=parted,
        care=cared,
        imported=source,
        ends_lost_s=None if source else ends_lost_s,
        ends_in=() if source else last_trouble.draw(ends, parted),
        told=heard.told(random.Random(f"{seed}/told")),  # noqa: S311 - chance
        kind=kind,
        by_hand=random.Random(f"{seed}/hand").random() < BY_HAND,  # noqa: S311 - chance
    )
    if source and source.brief:
        return replace(life, steps=life.steps[: waylaid.STEPS], flaky=0.0)
    if life.deleted and life.parting.on_demand and source is None and losing.random() < EXTENDED:
        document["compute"]["launchSpecification"].setdefault("extensions", documents.extensions())
    return _believing(life)


def _believing(life: Life) -> Life:
    """Return a life in which no two reads in a row are wrong: two are believed."""
    if not (life.flaky or life.lags):
        return life
    left = [step for step in life.steps if not isinstance(step, attaching.VmUnseen)]
    return life.with_steps(tuple(left))


def _refused(seed: int, document: Json, source: Source | None, drawn: list[Step]) -> list[Step]:
    """Return the steps with those by which Azure refuses something for good, if it does."""
    dice = random.Random(f"{seed}/refused")  # noqa: S311 - chance, not secrecy
    plot, is_first = refused.draw(dice, document, source)
    left = drawn[: max(0, len(drawn) - len(plot))]  # lives are to be no longer
    return [*plot, *left] if is_first else [*left, *plot]


def _attaching(seed: int, source: Source | None, drawn: list[Step]) -> list[Step]:
    """Return the steps with those by which a data disk is attached in trouble, if one is."""
    dice = random.Random(f"{seed}/attaching")  # noqa: S311 - chance, not secrecy
    plot = () if source else attaching.draw(dice)
    if not plot or any(isinstance(one, refused.Refused | lost.OperationLost) for one in drawn):
        return drawn
    at = dice.randrange(max(1, len(drawn) - len(plot) + 1))
    return [*drawn[:at], *plot, *drawn[at + len(plot) :]]


def _ground(seed: int, document: Json, cared: Care) -> tuple[Source | None, str]:
    """Draw the VM that a life begins with, if any; else what its document asks for besides.

    Those that come from a VM have no schedule: hours pass in them anyway.
    """
    dice = random.Random(f"{seed}/ground")  # noqa: S311 - chance, not secrecy
    source = None if cared.schedule.tasks else imported.draw(dice, document)
    if source is not None:
        befalls = random.Random(f"{seed}/doom")  # noqa: S311 - chance, not secrecy
        return imported.doom_else(befalls, source, document), "imports"
    return None, "features" if features.add(dice, document) else "plain"
