"""What can be seen of a node from outside, gathered bit by bit: status, log, calls to Azure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from local.clock import Clock
from local.stack import arm as azure
from local.stack.body import look, power_of
from local.stack.http import Json, Web
from local.stack.timeline import Happening

WRITES: Final = ("PUT", "PATCH", "POST", "DELETE")
OUR_OWN: Final = "simulateEviction"
"""The one write that the runner makes while it watches."""
LOG_LIMIT: Final = 1_000


class Observer:
    """Watches one node; each `glance` tells what is new since the last."""

    def __init__(
        self, host: Web, arm: Web, clock: Clock, account: str, tell: Callable[[Happening], None]
    ) -> None:
        self.host = host
        self.arm = arm
        self.clock = clock
        self._query = f"accountId={account}"
        self._tell = tell
        self._status = ""
        self._power = ""
        self._told: set[tuple[str, str]] = set()
        self._calls_read = 0
        self._since = clock.now()
        self.was_away = False
        """Whether the node was seen to be anything but ACTIVE on a running VM."""
        self.vm_path = ""
        """Where the node's VM is in Azure: the last one that the status named."""
        self.answered_at: datetime | None = None
        """When the first write to Azure was made since the chapter began, ours apart."""

    def begin(self) -> None:
        """Begin to watch for what comes next: the node is up, and nothing was written yet."""
        self.was_away = False
        self.answered_at = None

    async def skip_the_past(self) -> None:
        """Take everything up to now as known."""
        told = await self.arm.want("GET", "/_world/calls?since=0&limit=0")
        self._calls_read = int(told["last"])
        self._since = self.clock.now()

    async def status(self, node_id: str) -> Json:
        """Return the node's status, as the API tells it."""
        path = f"/azure/compute/statefulNode/{node_id}/status?{self._query}"
        items = (await self.host.want("GET", path))["response"]["items"]
        return dict(items[0]) if items else {}

    @property
    def is_up(self) -> bool:
        """Whether the last glance saw an ACTIVE node on a running VM."""
        return self._status == "ACTIVE" and self._power == "running"

    async def glance(self, node_id: str) -> Json:
        """Tell all that is new, in the order in which it happened; return the status."""
        status = await self.status(node_id)
        new = [*await self._new_calls(), *await self._new_log_lines(node_id)]
        new += await self._new_power(status) + self._new_status(status)
        for happening in sorted(new, key=lambda one: one.at):
            self._tell(happening)
        self.was_away = self.was_away or not self.is_up
        return status

    def _new_status(self, status: Json) -> list[Happening]:
        if status.get("status") == self._status:
            return []
        self._status = str(status.get("status"))
        parts = [
            status.get(key) for key in ("vmName", "vmSize", "lifecycle", "privateIp", "publicIp")
        ]
        words = ", ".join(str(part) for part in parts if part)
        return [Happening(self.clock.now(), "status", f"{self._status}  {words}")]

    async def _new_log_lines(self, node_id: str) -> list[Happening]:
        until = self.clock.now() + timedelta(hours=1)
        query = f"fromDate={_quoted(self._since)}&toDate={_quoted(until)}&limit={LOG_LIMIT}"
        path = f"/azure/compute/statefulNode/{node_id}/log?{query}&{self._query}"
        answer = await self.host.want("GET", path)
        lines: list[Happening] = []
        for item in answer["response"]["items"]:
            mark = (str(item["createdAt"]), str(item["message"]))
            if mark not in self._told:
                self._told.add(mark)
                lines.append(Happening(_moment(mark[0]), "log", mark[1]))
        return lines

    async def _new_calls(self) -> list[Happening]:
        told = await self.arm.want("GET", f"/_world/calls?since={self._calls_read}")
        calls = told["calls"]
        if calls:
            self._calls_read = int(calls[-1]["serial"])
        writes = [call for call in calls if call["method"] in WRITES]
        theirs = [_moment(call["at"]) for call in writes if OUR_OWN not in call["operation"]]
        self.answered_at = self.answered_at or min(theirs, default=None)
        return [Happening(_moment(call["at"]), "azure", _sentence(call)) for call in writes]

    async def _new_power(self, status: Json) -> list[Happening]:
        if status.get("vmName"):
            group = (
                f"/subscriptions/{azure.SUBSCRIPTION}/resourceGroups/{status['resourceGroupName']}"
            )
            machines = "providers/Microsoft.Compute/virtualMachines"
            self.vm_path = f"{group}/{machines}/{status['vmName']}"
        power = await power_of(self.arm, self.vm_path) if self.vm_path else "none"
        if power == self._power:
            return []
        self._power = power
        at = self.clock.now()
        if power == "deallocated":
            body = await look(self.arm, self.vm_path)
            at = _moment(body.owned_since) if body and body.owned_since else at
        return [Happening(at, "vm", power)]


def _sentence(call: Json) -> str:
    refusal = f" {call['code']}" if call.get("code") else ""
    kind = str(call["operation"]).removeprefix("Microsoft.")
    name = str(call["resource"]).rsplit("/", 1)[-1]
    return f"{call['method']:<6} {kind}  {name}  -> {call['status']}{refusal}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _quoted(moment: datetime) -> str:
    return quote(moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
