"""A life: a node document and what happens to it, drawn whole from one seed before it is played."""

import json
import random
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.fuzz import documents, draws
from tests.fuzz.steps import Evicted, Step

Json = dict[str, Any]

GROUP: Final = "mooring-demo"
STEPS_MIN: Final = 5
STEPS_MAX: Final = 14
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
        if self.flaky:
            lines.append(f"  all the while {self.flaky:.0%} of the calls to Azure go wrong somehow")
        if self.repeats:
            lines.append(f"  and {self.repeats:.0%} of the activities run twice")
        if self.calm_before_end:
            lines.append("  then all faults stop and every market has room")
        if self.deleted:
            lines.append("  then the owner deletes the node")
        return "\n".join(lines)


def draw(seed: int) -> Life:
    """Draw the life of a seed."""
    dice = random.Random(seed)  # noqa: S311 - chance, not secrecy
    document = documents.draw(dice, GROUP, f"life-{seed}")
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
    )
