"""A client that meets a brief operation waits it out: it is none that he should hear of.

What holds a node for the time of a note in its row, or of a round of snapshots, neither changes
its status nor launches or releases its VM. Refusing his call for it would be a refusal that comes
by chance. Everything else is told at once.
"""

from typing import Final

from shared.clock import Clock
from shared.model.run import OperationKind
from store.node_rows import NodeRecord

BRIEF: Final = frozenset({OperationKind.OBSERVE, OperationKind.SNAPSHOT})
"""A note takes some ten milliseconds, a round of snapshots 2 to 15 seconds."""
PATIENCE_S: Final = 30.0
"""Twice the longest round. A client's connection lasts longer: Azure's front ends give up a
request after 230 seconds. Source: Azure docs, functions-scale, time-out duration."""
FIRST_LOOK_S: Final = 0.2
LOOK_EVERY_S: Final = 1.0
"""At first for a note, then doubled up to this: a read of one partition each."""


class Patience:
    """What one call may wait in all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left_s = PATIENCE_S
        self._pause_s = FIRST_LOOK_S

    async def lasts(self, record: NodeRecord | None) -> bool:
        """Wait a moment before another look at a node.

        False, at once: whoever holds it is not brief, or the patience is spent. A node that nobody
        holds is worth another look: somebody was quicker a moment ago.
        """
        if record is None or not _is_over_soon(record) or self._left_s <= 0:
            return False
        await self._clock.sleep(self._pause_s)
        self._left_s -= self._pause_s
        self._pause_s = min(2 * self._pause_s, LOOK_EVERY_S)
        return True


def _is_over_soon(record: NodeRecord) -> bool:
    operation = record.operation
    return operation is None or operation.finished_at is not None or operation.kind in BRIEF
