"""A node's life without a host: its workflows' steps are done by hand."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from activities.azure.clients import AzureClients
from activities.node import claim_operation, settle_operation
from activities.ports import Ports
from shared.clock import Clock
from shared.contracts.node import Claimed, ClaimOperation, SettleOperation
from shared.model.ids import NodeKey, node_key
from shared.model.run import DiskRef, Status
from shared.settings import Settings
from store.memory import Database
from store.node_rows import NodeRecord
from store.stores import Stores
from tests.api.harness import ACCOUNT, PATH, Answer, Api
from tests.unit.model.documents import body

Answered = TypeVar("Answered", bound=BaseModel)
OS_DISK = DiskRef(id="/subscriptions/s/resourceGroups/g/providers/x/disks/os", name="os")


def ports_of(stores: Stores, clock: Clock, arm_endpoint: str = "http://127.0.0.1:1") -> Ports:
    settings = Settings(
        tables="memory:none", arm_endpoint=arm_endpoint, credential="local.credential:factory"
    )
    return Ports(stores, AzureClients(settings), clock)


@dataclass
class Life:
    """One store, the API over it, and the activities."""

    api: Api
    kept: Database
    ports: Ports
    told: list[str] = field(default_factory=list)
    """Every answer of the API and of activities: what clients and histories see."""

    async def call(self, method: str, path: str, sent: object = None) -> Answer:
        answer = await self.api.call(method, PATH + path, sent)
        self.told.append(repr(answer))
        return answer

    async def create(self, document: dict[str, Any]) -> NodeKey:
        answer = await self.call("POST", "", body(document))
        assert answer.status == 200, answer.body
        return node_key(ACCOUNT, answer.items[0]["id"])

    async def put(self, key: NodeKey, change: dict[str, Any]) -> Answer:
        return await self.call("PUT", f"/{key.node_id}", {"statefulNode": change})

    async def record(self, key: NodeKey) -> NodeRecord:
        record = await self.ports.stores.nodes.get(key)
        assert record
        return record

    async def password(self, key: NodeKey) -> str | None:
        """Return the password that the node's document names, if it is still kept."""
        login = (await self.record(key)).document["compute"]["launchSpecification"]["login"]
        secret = await self.ports.stores.secrets.get(login["passwordRef"])
        return secret.get_secret_value() if secret else None

    async def claim(self, key: NodeKey, status: Status = Status.PENDING) -> Claimed:
        operation = (await self.record(key)).operation
        assert operation
        request = ClaimOperation(key=key, operation_id=operation.id, status=status)
        return self.tell(await claim_operation(request, ports=self.ports), Claimed)

    async def settle(self, node: Claimed, status: Status, **more: Any) -> None:
        run = node.run.model_copy(update={"status": status, **more.pop("run", {})})
        request = SettleOperation(work=node.work, run=run, **more)
        await settle_operation(request, ports=self.ports)

    async def come_up(self, key: NodeKey, status: Status = Status.ACTIVE) -> None:
        """End a node's first launch."""
        node = await self.claim(key)
        await self.settle(node, status, run={"os_disk": OS_DISK, "generation": 1})

    async def active(self, document: dict[str, Any]) -> NodeKey:
        key = await self.create(document)
        await self.come_up(key)
        return key

    def tell(self, answer: object, kind: type[Answered]) -> Answered:
        assert isinstance(answer, kind), answer
        self.told.append(answer.model_dump_json())
        return answer
