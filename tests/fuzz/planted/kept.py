"""Lives with mutants that were played before, read back: a whole run takes hours, in any pieces."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.planted.child import FIGURES, Lived

FOLDER: Final = Path(__file__).parent
MAKING: Final = ("bugs.py", "child.py", "finder.py", "inside.py", "mutants.py", "sites.py")
"""What makes a mutant and plays its lives, besides the operators."""
CAUGHT: Final = "caught.json"


@dataclass(frozen=True)
class Kept:
    """A file of lives by mutant; it is of one state of the tree, and another's is deleted."""

    path: Path
    lived: dict[str, list[Lived]]
    caught: dict[str, int]
    """The life that caught a mutant last, in whatever state of the tree: it is tried first."""

    @classmethod
    def beside(cls, reference: Path) -> "Kept":
        """Open the file that belongs to the sound lives in `reference`."""
        path = reference.with_name(f"trials-{reference.stem}-{_digest()}.jsonl")
        for other in path.parent.glob("trials-*.jsonl"):
            if other != path:
                other.unlink()
        lived: dict[str, list[Lived]] = defaultdict(list)
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            row = json.loads(line)
            lived[row["mutant"]] += [
                Lived(**dict(zip(FIGURES, one, strict=True))) for one in row["lived"]
            ]
        before = path.with_name(CAUGHT)
        return cls(path, lived, json.loads(before.read_text("utf-8")) if before.exists() else {})

    def add(self, mutant_id: str, lived: Sequence[Lived]) -> None:
        """Keep more lives of a mutant."""
        rows = [[getattr(one, name) for name in FIGURES] for one in lived]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"mutant": mutant_id, "lived": rows}) + "\n")
        if lived and lived[-1].ill:
            self.caught[mutant_id] = lived[-1].seed
            self.path.with_name(CAUGHT).write_text(json.dumps(self.caught, indent=0), "utf-8")


def _digest() -> str:
    whole = hashlib.sha256()
    for path in (*(FOLDER / name for name in MAKING), *sorted(FOLDER.glob("operators/*.py"))):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:8]
