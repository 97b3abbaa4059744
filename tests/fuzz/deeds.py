"""What the owner does with the disks of his node, and what befalls its agent: more steps."""

from dataclasses import dataclass

from tests.fuzz.steps import Ground, Step


@dataclass(frozen=True)
class DiskAttached(Step):
    """The owner attaches a data disk: a new one, or by a name that is taken."""

    size_gib: int
    kind: str
    lun: int | None = None
    taken: bool = False
    waits_s: float = 0.0
    """How long the owner waits for a better moment."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        asked = {"sizeGB": self.size_gib, "storageAccountType": self.kind, "lun": self.lun}
        await ground.attach(asked | {"taken": self.taken, "waits_s": self.waits_s})


@dataclass(frozen=True)
class DiskDetached(Step):
    """The owner detaches a data disk; it is deleted so many hours later, or (None) it stays."""

    which: int
    ttl_h: int | None
    waits_s: float = 0.0

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        deletes = self.ttl_h is not None
        asked = {"shouldDeallocate": deletes, "ttlInHours": self.ttl_h or 0}
        await ground.detach(self.which, asked | {"waits_s": self.waits_s})


@dataclass(frozen=True)
class OsDiskSwapped(Step):
    """The owner rests the node and has another disk take the OS disk's place; the old one goes."""

    source: str
    """`copy`: a copy of it; `earlier`: one that was swapped out before, if there is one."""
    ttl_h: int | None

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        asked = {"shouldTerminate": self.ttl_h is not None, "retentionTime": self.ttl_h or 0}
        await ground.swap(self.source, asked)


@dataclass(frozen=True)
class Agent(Step):
    """The agent in the VM falls silent, or reports again."""

    ready: bool

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.silence(ready=self.ready)
