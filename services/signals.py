"""What VMs say of themselves: that they are ready, or ready to be shut down.

A signal is a row that the workflow which waits for it finds; it decides nothing by itself. One
that nobody can be waiting for is refused with the reason, and leaves nothing behind.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from shared.clock import Clock
from shared.contracts.signal import Signal
from shared.model.fields import Part, ResourceGroupName, Text
from shared.model.ids import AccountId, NodeKey
from shared.model.problems import Code, FieldError, Rejected
from shared.model.run import LogEntry, Operation, OperationKind
from shared.model.shape import shape
from shared.model.validate import problem_of
from shared.names import resource_id
from store.node_rows import NodeRecord
from store.signals import Said
from store.stores import Stores

VM: Final = "Microsoft.Compute/virtualMachines"
DEAF: Final = frozenset(
    {
        OperationKind.OBSERVE,
        OperationKind.SNAPSHOT,
        OperationKind.ATTACH_DISK,
        OperationKind.DETACH_DISK,
        OperationKind.SWAP_OS_DISK,
        OperationKind.DEALLOCATE,
    }
)
"""Operations that neither launch nor release a VM: none of them waits for a signal."""
NO_VM: Final = "VM_DOES_NOT_EXIST"
NOT_AWAITED: Final = "SIGNAL_NOT_AWAITED"


class SignalCall(Part):
    """One word from inside a VM."""

    vm_name: Annotated[Text, Field(min_length=1, max_length=64)]
    """Source of the bound: Azure docs, resource name rules, Microsoft.Compute."""
    signal_type: Literal["vmReady", "vmReadyToShutdown"]
    resource_group_name: ResourceGroupName
    """That of the stateful node."""


@dataclass(frozen=True)
class VmSignals:
    """The use-case of signals."""

    stores: Stores
    clock: Clock

    async def say(self, account_id: AccountId, body: object) -> None:
        """Write down what a VM says. Raises `Rejected`; a repeat changes nothing more."""
        said = parse_signal(body)
        record, generation, vm_id = await self._speaker(account_id, said)
        operation = _who_waits(record, said)
        now = self.clock.now()
        signal = Signal(said.signal_type)
        is_news = not await self.stores.signals.of(record.key, signal, operation.locked_at)
        row = Said(signal=signal, vm_resource_id=vm_id, generation=generation, at=now)
        await self.stores.signals.put(record.key, row)
        if is_news:
            line = LogEntry(at=now, message=f"{said.vm_name} says {said.signal_type}")
            await self.stores.log.write(record.key, [line])

    async def _speaker(
        self, account_id: AccountId, said: SignalCall
    ) -> tuple[NodeRecord, int, str]:
        """Return the node whose VM speaks, which of its VMs it is, and its ARM id."""
        account = await self.stores.accounts.get(account_id)
        subscription = account.subscription_id if account else ""
        vm_id = resource_id(subscription, said.resource_group_name, VM, said.vm_name)
        found = await self.stores.vms.find(vm_id)
        record = await self._node(account_id, found[0]) if found else None
        if found is None or record is None:
            text = "no stateful node of this account has a VM of this name in this resource group"
            raise _refusal(NO_VM, text, "vmName")
        if found[1] < record.run.generation:
            text = f"was an earlier VM of {record.key.node_id}; it has another now"
            raise _refusal(NO_VM, text, "vmName")
        return record, found[1], vm_id

    async def _node(self, account_id: AccountId, key: NodeKey) -> NodeRecord | None:
        return await self.stores.nodes.get(key) if key.account_id == account_id else None


def parse_signal(body: object) -> SignalCall:
    """Return what the body of a signal call says. Raises `Rejected` with every problem."""
    if not isinstance(body, dict):
        raise _refusal(Code.TYPE, "must be an object", "body")
    shaped = shape(SignalCall, body, "")
    problems = [*shaped.problems]
    try:
        said = SignalCall.model_validate(shaped.value)
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        problems += [problem_of(one) for one in details]
        said = None
    if problems or said is None:
        told = [shaped.error(one) for one in problems]
        raise Rejected(FieldError(one.code, one.message, one.field.lstrip(".")) for one in told)
    return said


def _who_waits(record: NodeRecord, said: SignalCall) -> Operation:
    """Return the operation that the signal may be for. Raises `Rejected` if there is none."""
    operation = record.operation
    if operation is None or operation.finished_at or operation.kind in DEAF:
        text = (
            f"nobody waits for {said.signal_type} now: {record.key.node_id} is {record.run.status} "
            "and no launch or release of its VM is running"
        )
        raise _refusal(NOT_AWAITED, text, "signalType")
    return operation


def _refusal(code: str, message: str, field: str) -> Rejected:
    return Rejected([FieldError(code, message, field)])
