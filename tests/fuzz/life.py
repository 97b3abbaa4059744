"""A life: a node document and what happens to it, drawn whole from one seed before it is played."""

import json
import random
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.fuzz import care, documents, draws, features, imported, parting
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
DELETED: Final = 0.4
"""Part of the lives that end with the node's deletion."""


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
    parting: Parting = field(default_factory=Parting)
    """How its owner deletes it, if he does."""
    care: Care = field(default_factory=Care)
    """What its document asks of its own accord, beside what was drawn for it first."""
    imported: Source | None = None
    """The VM that its node is made of; None: it is created."""
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
        if self.flaky:
            lines.append(f"  all the while {self.flaky:.0%} of the calls to Azure go wrong somehow")
        if self.repeats:
            lines.append(f"  and {self.repeats:.0%} of the activities run twice")
        if self.calm_before_end:
            lines.append("  then all faults stop and every market has room")
        if self.deleted:
            lines.append(f"  then the owner deletes the node: {self.parting.words()}")
        return "\n".join(lines)


def draw(seed: int) -> Life:
    """Draw the life of a seed."""
    dice = random.Random(seed)  # noqa: S311 - chance, not secrecy
    more = random.Random(f"{seed}/more")  # noqa: S311 - chance, not secrecy
    cared = care.draw(more)
    document = cared.into(documents.draw(dice, GROUP, f"life-{seed}"))
    source, kind = _ground(seed, document, cared)
    count = dice.randint(STEPS_MIN, STEPS_MAX)
    allowed = document["compute"]["vmSizes"]
    sizes = tuple(dict.fromkeys((*allowed["spotSizes"], *allowed["odSizes"])))
    drawn = [draws.draw(dice, sizes) for _ in range(count)]
    # A node that nobody evicts proves little.
    drawn.insert(dice.randrange(count), Evicted(draws.pause(dice), notice_s=30.0))
    return Life(
        seed=seed,
        document=document,
        steps=tuple(drawn),
        calm_before_end=dice.random() < 0.8,
        deleted=dice.random() < DELETED,
        deleted_in_calm=dice.random() < 0.5,
        repeats=dice.choice((0.0, 0.0, 0.1)),
        flaky=dice.choice((0.0, 0.0, 0.06)),
        parting=parting.draw(more),
        care=cared,
        imported=source,
        kind=kind,
    )


def _ground(seed: int, document: Json, cared: Care) -> tuple[Source | None, str]:
    """Draw the VM that a life begins with, if any; else what its document asks for besides.

    Those that come from a VM have no schedule: hours pass in them anyway.
    """
    dice = random.Random(f"{seed}/ground")  # noqa: S311 - chance, not secrecy
    source = None if cared.schedule.tasks else imported.draw(dice, document)
    if source is not None:
        return source, "imports"
    return None, "features" if features.add(dice, document) else "plain"
