"""Networks, looked up when a document that names one is written.

As for images: a document is refused for what is surely not there, in another region, or of a kind
that surely does not go with it. Where Azure does not answer, or does not let us read, the document
is taken, its log says so, and the launch decides.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from azure.core.exceptions import AzureError

from activities.azure.clients import AzureClients
from activities.network_facts import read_network
from shared.clock import Clock
from shared.model.node import NodeDocument
from shared.model.parse import ROOT
from shared.model.problems import FieldError, Rejected
from shared.model.shape import join
from shared.policy.network_fit import problems
from store.accounts import Accounts

LOOK_UP_S: Final = 10.0
"""A client waits for the answer; what takes Azure longer is left to the launch."""


@dataclass(frozen=True)
class Networks:
    """Looks network resources up."""

    accounts: Accounts
    azure: AzureClients
    clock: Clock

    async def check(self, account_id: str, document: NodeDocument) -> str:
        """Return why something could not be looked up; empty: all goes with the document.

        Raises `Rejected` with every problem.
        """
        account = await self.accounts.get(account_id)
        if account is None:
            return ""
        try:
            async with asyncio.timeout(LOOK_UP_S):
                azure = await self.azure.of(account.subscription_id, account_id)
                facts = await read_network(azure, document, self.clock)
        except (AzureError, TimeoutError) as error:
            return type(error).__name__
        found = [
            FieldError(one.code, one.message, join(ROOT, one.loc))
            for one in problems(document, facts)
        ]
        if found:
            raise Rejected(found)
        return facts.silent


def unknown(why: str) -> str:
    """Return what the node's log says of a network that could not be looked up."""
    return f"The network could not be looked up ({why}): Azure decides at the next launch."


def looked_at(document: NodeDocument) -> tuple[object, ...]:
    """Return what a look-up judges: a change of anything else needs none."""
    launch = document.compute.launch_specification
    return launch.network, launch.load_balancers_config
