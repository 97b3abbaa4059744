"""What is done for VMs that run: their health is watched, their disks are copied now and then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from activities.azure.clients import AzureClients
from activities.gateway_health import Gateways
from activities.vm_health import read_health
from services.asking import asker, subscription_of
from services.fleet import Watch
from services.health import Check, Health
from services.operations import Operations
from services.snapshots import Snapshots
from services.tick import Act
from shared.clock import Clock
from shared.model.run import DueKind
from shared.model.seen import VmHealth
from shared.model.wire import from_stored
from shared.policy.backends import pools_of
from shared.policy.health import GATEWAY, VM_AGENT, VM_STATE, HealthRules
from store.node_rows import NodeRecord
from store.stores import Stores


@dataclass(frozen=True)
class Care:
    """The use-cases of VMs that run."""

    health: Health
    snapshots: Snapshots

    @classmethod
    def made(
        cls,
        stores: Stores,
        operations: Operations,
        azure: AzureClients,
        snapshots_every: timedelta,
    ) -> "Care":
        """Make them on what the process has."""
        clock = operations.clock

        return cls(
            Health(stores, operations, asker(azure, clock), _check(azure, clock)),
            Snapshots(stores, operations, snapshots_every),
        )

    @property
    def acts(self) -> Mapping[str, Act]:
        """What is done about what is due, by its kind."""
        return {DueKind.HEALTH: self.health.act, DueKind.SNAPSHOT: self.snapshots.act}

    @property
    def watches(self) -> tuple[Watch, ...]:
        """What a look at the fleet is good for besides."""
        return self.health.watch, self.snapshots.watch


def _check(azure: AzureClients, clock: Clock) -> Check:
    gateways = Gateways(clock)

    async def check(record: NodeRecord, rules: HealthRules) -> Mapping[str, VmHealth]:
        """Read what a node's checks ask for. Raises AzureError."""
        vm = record.run.vm
        if vm is None:
            return {}
        clients = await azure.of(subscription_of(vm), record.key.account_id)
        looks: dict[str, VmHealth] = {}
        if {VM_AGENT, VM_STATE} & {*rules.checks}:
            looks |= await read_health(clients, vm, clock)
        if GATEWAY in rules.checks:
            pools = pools_of(from_stored(record.document), subscription_of(vm))
            behind = [pool for pool in pools if pool.gateway]
            looks[GATEWAY] = await gateways.health(clients, behind, record.run.nics)
        return looks

    return check
