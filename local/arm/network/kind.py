"""What is particular to one kind of network resource."""

from collections.abc import Callable
from dataclasses import dataclass

from local.arm.network.parts import Link
from local.arm.wire import Json
from local.arm.world import Resource, World


def _nothing(_world: World, _resource: Resource) -> None:
    """Do nothing: for kinds without the rule."""


def _nothing_more(_world: World, _new: Resource, _found: Resource | None) -> None:
    """Do nothing after a write."""


def _never(_resource: Resource) -> bool:
    return False


def always(_resource: Resource) -> bool:
    """Say yes: for kinds whose writes are over at once."""
    return True


def _as_it_is(shown: Json, _api_version: str) -> Json:
    return shown


@dataclass(frozen=True)
class Kind:
    """What is particular to one kind of resource."""

    segment: str
    """As Azure spells it: `virtualNetworks`."""
    noun: str
    """As operations are called: `VirtualNetwork`."""
    lists: tuple[str, ...]
    """Properties that hold children."""
    accept: Callable[[World, Resource, Resource | None], None]
    """Complete a draft, given what it replaces; raise to refuse. Writes nothing else."""
    links: Callable[[Resource], set[Link]]
    """What a resource refers to."""
    retry_after_s: int
    """Sent with a PUT; 0 sends none."""
    latency: str = "network"
    """Prefix of the rows of the latency table."""
    instant: Callable[[Resource], bool] = _never
    """Whether it is provisioned in the first answer already, its operation a formality."""
    kept: Callable[[World, Resource, Resource | None], None] = _nothing_more
    """Called after a write was kept."""
    settled: Callable[[World, Resource], None] = _nothing
    """Called when a write ends."""
    refuse_delete: Callable[[World, Resource], None] = _nothing
    """Raise if the resource is in use."""
    dropped: Callable[[World, Resource], None] = _nothing
    """Called when the resource is gone."""
    dress: Callable[[Json, str], Json] = _as_it_is
    """Fit the shown body to an api-version."""

    @property
    def type(self) -> str:
        """The ARM type."""
        return f"Microsoft.Network/{self.segment}"


KINDS: dict[str, Kind] = {}
"""By type, lower-cased."""


def kind_of(resource: Resource) -> Kind:
    """Return the kind of a network resource."""
    return KINDS[resource.type.lower()]
