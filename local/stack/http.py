"""JSON over HTTP: the runner's own calls to the host and to the simulator."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from local.clock import wall_clock
from local.credential import TOKEN
from local.stack.trouble import Trouble

Json = dict[str, Any]

LOOK_S = 0.1
"""Wall seconds between two tries at a server that is starting."""
CALL_S = 30.0
"""Wall seconds until a call is given up."""
GOOD = 300
SERVER_ERROR = 500


@dataclass(frozen=True)
class Answer:
    """Status and body of a reply; the body is {} unless it is a JSON object."""

    status: int
    body: Json


@dataclass(frozen=True)
class Web:
    """One server, one token."""

    session: aiohttp.ClientSession
    origin: str
    token: str = TOKEN
    patience_s: float = 0.0
    """Wall seconds for which a read is tried again while nobody answers."""

    async def call(self, method: str, path: str, body: Json | None = None) -> Answer:
        """Make a call; any status is an answer. Trouble if nobody answers."""
        waited_s = 0.0
        while True:
            try:
                return await self._call(method, path, body)
            except Trouble:
                if method != "GET" or waited_s >= self.patience_s:
                    raise
            await wall_clock().sleep(LOOK_S)
            waited_s += LOOK_S

    async def _call(self, method: str, path: str, body: Json | None) -> Answer:
        try:
            async with self.session.request(
                method,
                self.origin + path,
                json=body,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=aiohttp.ClientTimeout(total=CALL_S),
            ) as reply:
                is_json = "json" in reply.content_type
                told = await reply.json(content_type=None) if is_json else None
                return Answer(reply.status, told if isinstance(told, dict) else {})
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Trouble(
                f"{method} {self.origin}{path}: {error or type(error).__name__}"
            ) from error

    async def want(self, method: str, path: str, body: Json | None = None) -> Json:
        """Make a call that must succeed; Trouble with the server's own words if it does not."""
        answer = await self.call(method, path, body)
        if answer.status >= GOOD:
            raise Trouble(f"{method} {self.origin}{path}: {answer.status} {answer.body}")
        return answer.body

    async def until_up(self, path: str, deadline_s: float) -> None:
        """Wait until the server answers with anything but a server error."""
        clock = wall_clock()
        waited_s = 0.0
        while waited_s < deadline_s:
            try:
                if (await self.call("GET", path)).status < SERVER_ERROR:
                    return
            except Trouble:
                pass  # nobody listens yet
            await clock.sleep(LOOK_S)
            waited_s += LOOK_S
        raise Trouble(f"{self.origin} did not answer within {deadline_s:g} s.")
