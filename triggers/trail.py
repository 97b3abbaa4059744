"""The trail of API calls in the log: who changed what, and who was turned away."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from triggers.envelope import Asked

PATH_SHOWN: Final = 300
"""Characters of the path that a line repeats; never the query, in which anything may stand."""
TURNED_AWAY: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
)
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_log = logging.getLogger(__name__)


@dataclass
class Trail:
    """What is known of one call, filled in as it goes."""

    route: str = ""
    token: str = ""
    """The id of the token, which opens nothing."""
    account: str = ""
    codes: list[str] = field(default_factory=list)

    def leave(self, asked: Asked, status: int) -> None:
        """Write a line for each call that changes something, and for each that was turned away."""
        if not self.route or (asked.method in READS and status not in TURNED_AWAY):
            return
        more = {
            "request_id": asked.id,
            "route": self.route,
            "path": urlsplit(asked.url).path[:PATH_SHOWN],
            "token": self.token,
            "account": self.account,
            "status": status,
            "codes": ",".join(self.codes),
        }
        _log.info("api.call", extra=more)
