"""The whole node document: what a client writes, and what each launch reads."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from shared.model.compute import Compute
from shared.model.fields import Part, Region, ResourceGroupName, Text, Word
from shared.model.health import Health
from shared.model.integrations import Integrations
from shared.model.persistence import Persistence
from shared.model.schedule import Scheduling
from shared.model.strategy import Strategy

NAME_CHARACTERS: Final = 255
"""Ours: the published API states no bound; lists and tags need one."""


class NodeDocument(Part):
    """A node's configuration.

    Secrets are either here in the clear (a request that was just parsed) or replaced by the
    names of where they are kept (everything stored); `secrets.split_secrets` makes the change.
    """

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "createdAt", "updatedAt"})
    """Shown by the API; ignored when a client sends them back."""

    name: Annotated[Word, Field(max_length=NAME_CHARACTERS)]
    region: Region
    resource_group_name: ResourceGroupName
    description: Text | None = None
    strategy: Strategy
    persistence: Persistence
    compute: Compute
    scheduling: Scheduling | None = None
    health: Health | None = None
    integrations: Integrations | None = None
