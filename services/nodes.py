"""What clients do with nodes: create, read, list, change, delete."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services import networks
from services.actions import actions_of, held, is_busy, refusal
from services.images import Images, looked_at, unknown
from services.networks import Networks
from services.node_log import SCAN_MAX, LogQuery, entry_view
from services.node_secrets import NodeSecrets, password_wanted
from services.node_views import (
    GOING,
    NodeView,
    node_view,
    rfc3339,
    status_of_record,
    status_of_summary,
)
from services.operations import Operations, OperationStarter
from services.patience import Patience
from services.refusals import NotNow, UnknownNode
from services.schedules import plan
from shared.model.deallocation import DeallocationConfig, parse_deallocation
from shared.model.ids import NodeKey, node_key
from shared.model.node import NodeDocument
from shared.model.parse import Present, parse_create, parse_update
from shared.model.rules.facts import Limits
from shared.model.run import LogEntry, OperationKind, RunState, Status
from shared.model.wire import from_stored, to_stored
from shared.policy.actions import Action
from shared.policy.deletion import Deallocation
from store.errors import Conflict, Gone, StoreError
from store.node_rows import NodeRecord
from store.stores import Stores

_log = logging.getLogger(__name__)

RACES_MAX: Final = 5
"""Times a lost race is run again: two writers of one document at one moment are rare."""


@dataclass(frozen=True)
class NodeCommands:
    """The use-cases of nodes."""

    stores: Stores
    operations: Operations
    limits: Limits = field(default_factory=Limits)
    images: Images | None = None
    """None: images are not looked up, Azure decides at the launch."""
    networks: Networks | None = None
    """Likewise."""

    @property
    def secrets(self) -> NodeSecrets:
        """What is done with the secrets of documents."""
        return NodeSecrets(self.stores, self.operations)

    async def create(self, account_id: str, body: object, starter: OperationStarter) -> NodeView:
        """Create a node and start its first launch; return the node. Raises `Rejected`.

        A repeat makes another node: names are not unique. What a crash leaves behind is either
        nothing but an unread due row and a noted secret, or a node whose launch the watch starts.
        """
        document = parse_create(body, self.limits)
        doubt = await self.images.check(account_id, document) if self.images else ""
        other = await self.networks.check(account_id, document) if self.networks else ""
        for _ in range(RACES_MAX):
            key = node_key(account_id, f"ssn-{self.operations.new_id()}")
            try:
                made = await self._create(key, document, starter)
            except Conflict:  # the id is taken
                continue
            await self._say_doubt(key, doubt, other)
            return made
        raise Conflict(f"no free node id in {RACES_MAX} tries")

    async def _create(
        self, key: NodeKey, document: NodeDocument, starter: OperationStarter
    ) -> NodeView:
        now = self.operations.clock.now()
        run = RunState(status=Status.PENDING, created_at=now, updated_at=now)
        operation = self.operations.make(key, OperationKind.CREATE)
        kept = await self.secrets.keep(key, document)
        stored = kept.stored | {"createdAt": rfc3339(now), "updatedAt": rfc3339(now)}
        await self.operations.watch(key, operation)
        await plan(self.stores.due, (key, 1), stored, now)
        try:
            await self.stores.nodes.create(key, stored, run, operation)
        except Conflict:
            await self.secrets.drop(kept.added)
            raise
        await self.operations.start(key, operation, starter)
        await self._say(key, "Stateful node created; its first VM is being launched.")
        return node_view(NodeRecord(key, stored, 1, run, operation))

    async def get(self, key: NodeKey) -> NodeView:
        """Return one node. Raises `UnknownNode`."""
        return node_view(await self._record(key))

    async def list_nodes(
        self, account_id: str, name: str | None, region: str | None
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the account's nodes; `name` and `region` must be equal where given."""
        async for record in self.stores.nodes.documents(account_id):
            document = record.document
            if record.run.status in GOING:
                continue
            if name in (None, document["name"]) and region in (None, document["region"]):
                yield node_view(record)

    async def status(self, key: NodeKey) -> dict[str, Any]:
        """Return one node's status. Raises `UnknownNode`."""
        return status_of_record(await self._record(key))

    async def statuses(self, account_id: str) -> list[dict[str, Any]]:
        """Return the status of each node of the account, from the list table alone."""
        return [status_of_summary(one) for one in await self.stores.nodes.list(account_id)]

    async def log(self, key: NodeKey, query: LogQuery) -> list[dict[str, Any]]:
        """Return lines of a node's log, newest first. Raises `UnknownNode`."""
        await self._record(key)
        if query.limit == 0:
            return []
        most = SCAN_MAX if query.resource_id else query.limit
        found = await self.stores.log.read(key, query.from_, query.to, most, query.severity)
        kept = [entry for entry in found if query.keeps(entry)]
        return [entry_view(entry, query) for entry in kept[: query.limit]]

    async def update(self, key: NodeKey, body: object) -> NodeView:
        """Change a node's configuration; return the node. Raises `Rejected`, `NotNow`.

        What concerns the VM takes effect at its next launch. A repeat changes nothing more.
        """
        for _ in range(RACES_MAX):
            record = await self._record(key)
            try:
                return node_view(await self._update(record, body))
            except Conflict:
                continue
            except Gone as gone:
                raise UnknownNode(key.node_id) from gone
        raise NotNow("somebody else is changing this node; read it again and repeat the change")

    async def _update(self, record: NodeRecord, body: object) -> NodeRecord:
        before = from_stored(record.document)
        changed = await self._changed(record, before, body)
        if changed == before:
            return record
        if Action.EDIT not in actions_of(record):
            raise NotNow(refusal(Action.EDIT, record))
        doubt = await self._doubt(record, before, changed)
        other = await self._network_doubt(record, before, changed)
        kept = await self.secrets.keep(record.key, changed, before)
        moments = {
            "createdAt": record.document.get("createdAt"),
            "updatedAt": rfc3339(self.operations.clock.now()),
        }
        after = kept.stored | moments
        node = record.key, record.version + 1
        await plan(self.stores.due, node, after, self.operations.clock.now())
        try:
            version = await self.stores.nodes.put_document(record, after)
        except (Conflict, Gone):
            await self.secrets.drop(kept.added)
            raise
        if not is_busy(record):  # else a step of it may read them still: retention drops them
            await self.secrets.drop(kept.replaced)
        await self._say(record.key, f"Configuration changed (version {version}).")
        await self._say_doubt(record.key, doubt, other)
        return replace(record, document=after, version=version)

    async def _doubt(self, record: NodeRecord, before: NodeDocument, changed: NodeDocument) -> str:
        """Look the image up again if it matters; return why that could not be done.

        It does not while the node keeps an OS disk that exists. Raises `Rejected`.
        """
        kept = changed.persistence.should_persist_os_disk and record.run.os_disk is not None
        if self.images is None or kept or looked_at(before) == looked_at(changed):
            return ""
        return await self.images.check(record.key.account_id, changed)

    async def _network_doubt(
        self, record: NodeRecord, before: NodeDocument, changed: NodeDocument
    ) -> str:
        """Look the network up again if its part was changed. Raises `Rejected`."""
        if self.networks is None or networks.looked_at(before) == networks.looked_at(changed):
            return ""
        return await self.networks.check(record.key.account_id, changed)

    async def _say_doubt(self, key: NodeKey, doubt: str, network_doubt: str) -> None:
        if doubt:
            await self._say(key, unknown(doubt), "WARN")
        if network_doubt:
            await self._say(key, networks.unknown(network_doubt), "WARN")

    async def _changed(
        self, record: NodeRecord, before: NodeDocument, body: object
    ) -> NodeDocument:
        """Return the document that an update asks for. Raises `Rejected`."""
        present = Present(
            stored=to_stored(before),
            persistence_editable=Action.EDIT_PERSISTENCE in actions_of(record),
            secrets=await self.secrets.in_force(before, body),
        )
        changed = parse_update(present, body, self.limits)
        if changed == before or not await self.secrets.lacks_password(changed):
            return changed
        if not present.secrets:
            raise password_wanted()
        return parse_update(replace(present, secrets={}), body, self.limits)  # to be kept anew

    async def delete(self, key: NodeKey, body: object, starter: OperationStarter) -> None:
        """Begin to delete a node as its deallocation configuration says.

        Raises `Rejected`, `NotNow`, `UnknownNode`. A repeat finds the node on its way out. A brief
        operation is waited out.
        """
        chosen, patience = parse_deallocation(body), Patience(self.operations.clock)
        deallocation = _deallocation(chosen).model_dump(mode="json")
        while True:
            record = await self._record(key)
            if Action.DELETE not in actions_of(record):
                raise NotNow(refusal(Action.DELETE, record))
            operation = self.operations.make(key, OperationKind.DELETE, deallocation=deallocation)
            if not is_busy(record):
                await self.operations.watch(key, operation)
                if await self.stores.nodes.lock(record, operation):
                    break
            if not await patience.lasts(record):
                raise NotNow(held(await self._record(key)))
        going = record.run.model_copy(
            update={
                "status": Status.DEALLOCATE,
                "waiting": None,
                "updated_at": self.operations.clock.now(),
            }
        )
        try:
            await self.stores.nodes.put_run(key, going, operation.id)
        except (Conflict, Gone):  # the watch was quicker, and the delete is over already
            _log.info("action.overtaken", extra={"operation": operation.id})
        await self.operations.start(key, operation, starter)
        await self._say(key, "Delete was asked for.")

    async def _record(self, key: NodeKey) -> NodeRecord:
        record = await self.stores.nodes.get(key)
        if record is None:
            raise UnknownNode(key.node_id)
        return record

    async def _say(self, key: NodeKey, message: str, severity: str = "INFO") -> None:
        """Write a line of the node's log. What it tells of is done: losing it fails nothing."""
        now = self.operations.clock.now()
        try:
            line = LogEntry(at=now, message=message, severity=severity)
            await self.stores.log.write(key, [line])
        except StoreError as error:
            _log.warning("node.log_lost", extra={"node": key.node_id, "why": str(error)})


def _deallocation(chosen: DeallocationConfig) -> Deallocation:
    kinds = {
        "network": chosen.network_deallocation_config,
        "disks": chosen.disk_deallocation_config,
        "snapshots": chosen.snapshot_deallocation_config,
        "public_ips": chosen.public_ip_deallocation_config,
    }
    going = {name: one for name, one in kinds.items() if one and one.should_deallocate}
    return Deallocation(
        terminate_vm=chosen.should_terminate_vm,
        deregister=chosen.should_deregister_from_lb,
        revert_to_od=chosen.should_revert_to_od,
        lets_go=True,
        **dict.fromkeys(going, True),
        **{f"{name}_ttl_h": one.ttl_h for name, one in going.items()},
    )
