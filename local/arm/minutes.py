"""Minutes of one write, for the chronicle."""

from hashlib import blake2b

from local.arm import audit
from local.arm.chronicle import SERVICE, Asked
from local.arm.portrait import birth_mark
from local.arm.wire import Json, Request, key_of
from local.arm.world import World


class Minutes:
    """One write, taken down for the chronicle: what was there before it, and right after."""

    def __init__(self, world: World, request: Request, note: Json, person: str) -> None:
        self._world = world
        self._request = request
        self._note = note
        self._caller = person or SERVICE
        self._was = self._mark()

    def close(self, body: bytes, status: int) -> None:
        """Put it into the chronicle; nothing for a read."""
        if self._request.method not in audit.VERBS:
            return
        self._world.chronicle.note(
            Asked(
                at=self._world.now,
                caller=self._caller,
                method=self._request.method,
                operation=self._note["operation"],
                resource=key_of(self._note["resource"]),
                request_id=self._note["clientRequestId"] or "",
                status=status,
                digest=blake2b(body, digest_size=8).hexdigest(),
                was=self._was,
                became=self._mark(),
            )
        )

    def _mark(self) -> str:
        resource = self._world.find(self._note["resource"])
        return birth_mark(resource) if resource else ""
