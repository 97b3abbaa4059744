"""What a VM is built from."""

from dataclasses import dataclass

from pydantic import SecretStr

from shared.contracts.base import Work
from shared.contracts.vm import CreateVm
from shared.model.launch import LaunchSpecification
from shared.model.network import Named
from shared.model.node import NodeDocument
from shared.names import resource_id


@dataclass(frozen=True)
class Blueprint:
    """What a VM is built from; `password` is resolved last and lives only here."""

    request: CreateVm
    document: NodeDocument
    password: SecretStr | None = None
    image_subscription: str = ""
    """The subscription that the image is in; only asked for where the OS disk is made from it."""

    @property
    def launch(self) -> LaunchSpecification:
        """The launch specification."""
        return self.document.compute.launch_specification

    @property
    def attaches(self) -> bool:
        """True if the VM boots from a disk that exists."""
        return self.request.os_disk is not None


def id_of(named: Named, kind: str, work: Work, subscription_id: str | None = None) -> str:
    """Return the ARM id of what a document names; None: in the node's own subscription."""
    subscription = subscription_id or work.subscription_id
    return resource_id(subscription, named.resource_group_name, kind, named.name)
