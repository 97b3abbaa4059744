"""What must never happen, as code that looks at Azure and at the journal.

Nothing here imports the product: it judges by what the simulated Azure did (its chronicle), by the
rows of the journal, and by what the user was promised.
"""

from local.worlds.invariants.breach import Breach
from local.worlds.invariants.promises import (
    Farewell,
    NodeView,
    Promise,
    Records,
    Remembered,
    Told,
    Wish,
)
from local.worlds.invariants.watch import Watch

__all__ = [
    "Breach",
    "Farewell",
    "NodeView",
    "Promise",
    "Records",
    "Remembered",
    "Told",
    "Watch",
    "Wish",
]
