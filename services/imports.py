"""What clients do about imports: ask what a VM would be as a node, import it, ask how far it is."""

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Protocol

from pydantic import ValidationError

from services.node_secrets import NodeSecrets
from services.node_views import node_view, rfc3339
from services.operations import Operations, OperationStarter
from services.refusals import UnknownNode
from services.schedules import plan
from services.sources import Sources, refuse
from shared.contracts.source import ImportState, Source
from shared.model.ids import NodeKey, node_key
from shared.model.import_request import (
    NODE,
    ROOT,
    Ground,
    ImportCall,
    ImportRequest,
    import_document,
    import_field,
    parse_import,
)
from shared.model.node import NodeDocument
from shared.model.parse import ROOT as NODE_ROOT
from shared.model.problems import Code, FieldError, Rejected
from shared.model.rules.facts import Limits
from shared.model.run import LogEntry, Operation, OperationKind, RunState, Status
from shared.model.source import SourceVm
from shared.model.validate import problem_of
from shared.names import same_id
from shared.policy.import_configuration import configuration, ground, like
from shared.policy.importing import address_elsewhere, obstacles, was_running
from store.errors import Conflict, StoreError
from store.imports import Claim, Import, import_id
from store.node_rows import NodeRecord
from store.stores import Stores

BEGINNING: Final = timedelta(minutes=2)
"""How long a claim stands whose node is not there yet: longer than the request that makes it."""
RACES_MAX: Final = 5

_log = logging.getLogger(__name__)


class LookUp(Protocol):
    """Holds what Azure tells against a document."""

    async def check(self, account_id: str, document: NodeDocument) -> str:
        """Return why Azure could not be asked; the launch then decides. Raises `Rejected`."""
        ...


@dataclass(frozen=True)
class ImportCommands:
    """The use-cases of imports."""

    stores: Stores
    operations: Operations
    sources: Sources
    looks: tuple[LookUp, ...] = ()
    """What is held against the document besides: images, networks."""
    limits: Limits = field(default_factory=Limits)

    async def configuration(self, account_id: str, group: str, name: str) -> dict[str, Any]:
        """Return what a VM would be as a node. Raises `Rejected`, `AzureSilent`."""
        place = "virtualMachineName"
        try:
            ImportCall.model_validate({"originalVmName": name, "resourceGroupName": group})
        except ValidationError as invalid:
            raise Rejected(_bad_steps(invalid)) from None
        source = await self.sources.find(account_id, group, name, place)
        refuse(obstacles(source, convert=True), place)
        return configuration(source)

    async def begin(
        self, account_id: str, body: object, starter: OperationStarter
    ) -> dict[str, Any]:
        """Begin an import; return it with its node. Raises `Rejected`, `AzureSilent`.

        A repeat finds the VM held by the first and is refused. What a crash leaves behind is a
        claim that ends by itself, or a node whose import the watch starts.
        """
        request = parse_import(body)
        call, place = request.call, import_field("originalVmName")
        source = await self.sources.find(
            account_id, call.resource_group_name, call.original_vm_name, place
        )
        refuse(obstacles(source, convert=call.convert_unmanaged_disks), place)
        await self.sources.refuse_known(account_id, source, place)
        document = await self._document(account_id, request, source)
        for _ in range(RACES_MAX):
            key = node_key(account_id, f"ssn-{self.operations.new_id()}")
            one = Import(
                account_id=account_id,
                node_id=key.node_id,
                vm_resource_id=source.id,
                vm_id=source.vm_id,
                began_at=self.operations.clock.now(),
            )
            await self._claim(one, place)
            try:
                await self.stores.imports.begin(one)
                record = await self._create(one, document, (call, source), starter)
            except Conflict:  # the id is taken
                await self.stores.imports.release(one)
                continue
            return import_view(record, call)
        raise Conflict(f"no free node id in {RACES_MAX} tries")

    async def status(self, account_id: str, asked_id: str) -> dict[str, Any]:
        """Return how far an import is, by its id or its node's. Raises `UnknownNode`."""
        one = await self.stores.imports.get(account_id, asked_id)
        record = await self.stores.nodes.get(one.key) if one else None
        if one is None or record is None:
            raise UnknownNode(asked_id)
        return {
            "statefulImportId": one.id,
            "statefulNodeId": one.node_id,
            "vmName": one.vm_resource_id.rsplit("/", 1)[-1],
            "state": state_of(one, record).value,
        }

    async def _claim(self, one: Import, place: str) -> None:
        """Hold the VM for this import, unless another one does."""
        holder = await self.stores.imports.holder(one.vm_resource_id)
        if holder and await self._holds(holder, one):
            refuse([f"the import {holder.of.id} has it"], place)
        if not await self.stores.imports.claim(one, holder):
            refuse(["another import has just begun"], place)

    async def _holds(self, holder: Claim, one: Import) -> bool:
        """Tell whether a claim still means something."""
        if not same_id(holder.of.vm_id, one.vm_id):
            return False  # it was on a VM that is no more
        record = await self.stores.nodes.get(holder.of.key)
        if record is None:
            return one.began_at - holder.of.began_at < BEGINNING
        kept = await self.stores.imports.get(holder.of.account_id, holder.of.id)
        return kept is None or state_of(kept, record) is not ImportState.FAILED

    # -- the node -----------------------------------------------------------------------------

    async def _document(
        self, account_id: str, request: ImportRequest, source: SourceVm
    ) -> NodeDocument:
        size = await self.sources.size(account_id, source, import_field("originalVmName"))
        stands_on = Ground(ground(source), source.image, like(size) if size else {})
        document = import_document(request, stands_on, self.limits)
        if why := address_elsewhere(source, document):
            at = f"{ROOT}.{NODE}.compute.zones"
            raise Rejected([FieldError(Code.CONFLICT, why, at)])
        try:
            for look in self.looks:
                await look.check(account_id, document)
        except Rejected as refused:
            raise Rejected(
                replace(one, field=one.field.replace(NODE_ROOT, f"{ROOT}.{NODE}", 1))
                for one in refused.errors
            ) from None
        return document

    async def _create(
        self,
        one: Import,
        document: NodeDocument,
        about: tuple[ImportCall, SourceVm],
        starter: OperationStarter,
    ) -> NodeRecord:
        key, now = one.key, self.operations.clock.now()
        run = RunState(status=Status.IMPORTING, created_at=now, updated_at=now)
        operation = self._operation(key, *about)
        secrets = NodeSecrets(self.stores, self.operations)
        kept = await secrets.keep(key, document)
        stored = kept.stored | {"createdAt": rfc3339(now), "updatedAt": rfc3339(now)}
        await self.operations.watch(key, operation)
        await plan(self.stores.due, (key, 1), stored, now)
        try:
            await self.stores.nodes.create(key, stored, run, operation)
        except Conflict:
            await secrets.drop(kept.added)
            raise
        await self.operations.start(key, operation, starter)
        await self._say(key, *about)
        return NodeRecord(key, stored, 1, run, operation)

    def _operation(self, key: NodeKey, call: ImportCall, source: SourceVm) -> Operation:
        meant = Source(vm_resource_id=source.id, vm_id=source.vm_id)
        return self.operations.make(
            key,
            OperationKind.IMPORT,
            source=meant.model_dump(mode="json"),
            was_running=was_running(source),
            retention_h=call.resources_retention_time_h,
            drain_s=call.draining_timeout_s,
            convert=call.convert_unmanaged_disks,
        )

    async def _say(self, key: NodeKey, call: ImportCall, source: SourceVm) -> None:
        """Write lines of the node's log. What they tell of is done: losing them fails nothing."""
        now = self.operations.clock.now()
        hours = call.resources_retention_time_h
        told = (
            f"Import of virtual machine {source.name} was asked for: it will be stopped, and "
            f"deleted with its resources {hours} h after the node's own VM has come up."
        )
        lines = [LogEntry(at=now, message=told)]
        if source.system_identity:
            text = f"{source.name} has a system-assigned identity, which ends with it."
            lines.append(LogEntry(at=now, message=text, severity="WARN"))
        try:
            await self.stores.log.write(key, lines)
        except StoreError as error:
            _log.warning("node.log_lost", extra={"node": key.node_id, "why": str(error)})


def _bad_steps(invalid: ValidationError) -> list[FieldError]:
    """Return what is wrong with the steps of a path, each by its name."""
    names = {"originalVmName": "virtualMachineName"}
    problems = [problem_of(one) for one in invalid.errors()]
    return [
        FieldError(one.code, one.message, names.get(str(one.loc[0]), str(one.loc[0])))
        for one in problems
    ]


def state_of(one: Import, record: NodeRecord) -> ImportState:
    """Return how far an import is.

    One whose operation is over without a word of its end has failed: the node's status says why.
    """
    if one.state in (ImportState.COMPLETED, ImportState.FAILED):
        return one.state
    operation = record.operation
    if operation is None or operation.kind is not OperationKind.IMPORT or operation.finished_at:
        return ImportState.FAILED
    return ImportState.IN_PROGRESS if operation.claimed_at else ImportState.START


def import_view(record: NodeRecord, call: ImportCall) -> dict[str, Any]:
    """Return an import as the API shows it."""
    return {
        "statefulImportId": import_id(record.key.node_id),
        "originalVmName": call.original_vm_name,
        "resourceGroupName": call.resource_group_name,
        "drainingTimeout": call.draining_timeout_s,
        "resourcesRetentionTime": call.resources_retention_time_h,
        "convertUnmanagedDisks": call.convert_unmanaged_disks,
        "node": node_view(record),
    }
