"""The sound product's lives: their digests, which are ill by themselves, and what each runs."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.fuzz.planted.child import FIGURES, Lived, Order
from tests.fuzz.planted.finder import Change
from tests.fuzz.planted.mutants import Mutant
from tests.fuzz.planted.probes import probed
from tests.fuzz.planted.product import PACKAGES, ROOT
from tests.fuzz.planted.workers import Job, done

KEPT: Final = ROOT / ".local" / "fuzz" / "planted"
CHUNK: Final = 25
"""Lives that one process plays."""


@dataclass(frozen=True)
class Reference:
    """The lives of the sound product by seed."""

    lives: dict[int, Lived]
    path: Path
    """Where they are kept."""

    @property
    def ill(self) -> list[int]:
        """Seeds that go wrong without a mutant: they prove nothing."""
        return [seed for seed, lived in self.lives.items() if lived.ill]

    def seeds_for(self, mutant: Mutant) -> tuple[int, ...]:
        """Return the seeds whose lives could show a mutant: in all others it does nothing."""
        sound = (lived for lived in self.lives.values() if not lived.ill)
        return tuple(one.seed for one in sound if not mutant.mark or mutant.mark in one.marks)


def reference(seeds: int, modules: set[str], workers: int) -> Reference:
    """Play the seeds from 1 on without a mutant; what was played before is read back."""
    path = KEPT / f"reference-{_digest(modules)}.json"
    lives = _read(path)
    missing = [seed for seed in range(1, seeds + 1) if seed not in lives]
    changes: dict[str, Change] = {name: partial(probed, name) for name in sorted(modules)}
    for job in done(_jobs(missing, changes), workers):
        lives |= {lived.seed: lived for lived in job.lived}
        _write(path, lives)
    return Reference({seed: lives[seed] for seed in range(1, seeds + 1)}, path)


def _jobs(seeds: list[int], changes: dict[str, Change]) -> Iterator[Job[None]]:
    for at in range(0, len(seeds), CHUNK):
        order = Order(changes, tuple(seeds[at : at + CHUNK]), until_ill=False)
        yield Job(None, order)


def _digest(modules: set[str]) -> str:
    """Name everything that a life depends on."""
    folders = [ROOT / name for name in (*PACKAGES, "local", "tests/fuzz")]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    whole = hashlib.sha256(" ".join(sorted(modules)).encode())
    for path in (*files, ROOT / "function_app.py", ROOT / "host.json"):
        if "planted" not in path.parts:
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def _read(path: Path) -> dict[int, Lived]:
    if not path.exists():
        return {}
    rows = json.loads(path.read_text("utf-8"))
    return {row["seed"]: Lived(**{**row, "marks": frozenset(row["marks"])}) for row in rows}


def _write(path: Path, lives: dict[int, Lived]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for other in path.parent.glob("reference-*.json"):
        if other != path:
            other.unlink()
    rows = [
        {**{name: getattr(one, name) for name in FIGURES}, "marks": sorted(one.marks)}
        for _, one in sorted(lives.items())
    ]
    path.write_text(json.dumps(rows), "utf-8")
