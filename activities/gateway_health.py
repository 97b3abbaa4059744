"""What application gateways' probes find: the health of the servers in their backend pools.

Asking is a long operation of Azure's, and many nodes may stand behind one gateway: it is asked once
a minute at most, and its answer serves all.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError

from activities.azure.clients import Azure
from activities.azure.errors import arm_error
from activities.azure.polling import follow
from activities.azure.words import word
from shared.clock import Clock
from shared.contracts.base import StillRunning
from shared.failures import Kind
from shared.model.run import NicRef
from shared.model.seen import VmHealth
from shared.names import parts_of
from shared.policy.backends import Pool
from shared.policy.health import worst

KEEP_S: Final = 50.0
"""How long an answer serves: until the look a minute later."""
WAIT_S: Final = 20.0
"""How long one look follows Azure's operation; a longer one is taken up by the next look. The
minute's tick waits for its looks."""
UNSURE: Final = frozenset({Kind.TRANSIENT, Kind.THROTTLED, Kind.CONFLICT})
"""Refusals that say nothing of the gateway: look again. By all others it is UNKNOWN."""
WORDS: Final[Mapping[str, VmHealth]] = {
    "up": VmHealth.HEALTHY,
    "healthy": VmHealth.HEALTHY,
    "down": VmHealth.UNHEALTHY,
    "unhealthy": VmHealth.UNHEALTHY,
}
"""Gateways of the first generation say Up and Down, those of the second Healthy and Unhealthy.
Partial, Draining and Unknown are neither. Source: azure-mgmt-network,
ApplicationGatewayBackendHealthServerHealth, and listings of gateways in public."""


class NotSeenYetError(AzureError):
    """The gateway is still asking its servers."""


@dataclass(frozen=True)
class Server:
    """One server behind a gateway, as one of its settings finds it."""

    pool_id: str
    ip_configuration_id: str
    address: str
    health: VmHealth


@dataclass
class _Known:
    at: datetime
    servers: tuple[Server, ...] | None


class Gateways:
    """Asks gateways how their servers are; made once a process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._open: dict[str, str] = {}
        """Tokens of questions that are not answered yet."""
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def health(self, azure: Azure, pools: Sequence[Pool], nics: Sequence[NicRef]) -> VmHealth:
        """Return the worst that gateways say of a VM's NICs; UNKNOWN where one knows none of them.

        Raises AzureError where Azure does not answer, or not yet.
        """
        ids = {pool.id.lower() for pool in pools}
        by_id = {pool.balancer_id.lower(): pool.balancer_id for pool in pools}
        found = await asyncio.gather(*(self._servers(azure, one) for one in by_id.values()))
        states = []
        for servers in found:
            ours = [one for one in servers or () if one.pool_id in ids and _is_of(one, nics)]
            states.append(worst([one.health for one in ours]))
        return worst(states)

    async def _servers(self, azure: Azure, gateway_id: str) -> tuple[Server, ...] | None:
        key = gateway_id.lower()
        async with self._asking[key]:
            known, now = self._known.get(key), self._clock.now()
            if known and now - known.at < timedelta(seconds=KEEP_S):
                return known.servers
            servers = await self._ask(azure, gateway_id)
            self._known[key] = _Known(self._clock.now(), servers)
            return servers

    async def _ask(self, azure: Azure, gateway_id: str) -> tuple[Server, ...] | None:
        """Ask, or take up what was asked; None: Azure refuses, or there is no such gateway."""
        group, _, name = parts_of(gateway_id)
        gateways = azure.network.application_gateways
        token = self._open.pop(gateway_id.lower(), "")
        try:
            told = await follow(
                lambda polling, token: gateways.begin_backend_health(
                    group, name, polling=polling, continuation_token=token
                ),
                self._clock,
                token,
                WAIT_S,
            )
        except HttpResponseError as error:
            if arm_error(error).rule.kind in UNSURE:
                raise
            return None
        if isinstance(told, StillRunning):
            self._open[gateway_id.lower()] = told.token
            raise NotSeenYetError(f"{gateway_id} is still asking its servers")
        return tuple(_servers_of(told))


def _servers_of(told: Any) -> list[Server]:
    return [
        Server(
            pool_id=str(pool.backend_address_pool.id or "").lower(),
            ip_configuration_id=str(server.ip_configuration.id or "").lower()
            if server.ip_configuration
            else "",
            address=server.address or "",
            health=WORDS.get(word(server.health).lower(), VmHealth.UNKNOWN),
        )
        for pool in told.backend_address_pools or ()
        for settings in pool.backend_http_settings_collection or ()
        for server in settings.servers or ()
    ]


def _is_of(server: Server, nics: Sequence[NicRef]) -> bool:
    if server.ip_configuration_id:
        return any(server.ip_configuration_id.startswith(f"{nic.id.lower()}/") for nic in nics)
    return any(nic.private_ip and server.address == nic.private_ip for nic in nics)
