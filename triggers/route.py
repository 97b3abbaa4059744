"""What a route is: one method on one path, who may call it, what it takes and what it gives.

The API document is made of these, so that a route that is served is a route that is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from store.tokens import Role

NODE: Final = "azure/compute/statefulNode"
KIND: Final = "spotinst:azure:statefulNode"

Schema = type[BaseModel] | Mapping[str, Any]
"""A model of ours, or a JSON schema where an object has no model; it may `$ref` to a component."""
TEXT: Mapping[str, Any] = {"type": "string"}


@dataclass(frozen=True)
class Body:
    """The JSON object that a route takes."""

    name: str
    """What the document calls it; no two bodies share one."""
    model: Schema
    example: Mapping[str, Any]
    """A whole request. Tests send it."""
    under: str = ""
    """The key that holds the object; empty where it stands by itself."""
    partial: bool = False
    """A change: each field may be absent or null."""
    required: bool = True


@dataclass(frozen=True)
class Items:
    """What each item of a route's answer is."""

    name: str
    """What the document calls it; routes that give the same share one."""
    model: Schema
    example: Mapping[str, Any]
    """One item."""


@dataclass(frozen=True)
class Query:
    """One parameter of the query."""

    name: str
    about: str
    required: bool = False
    schema: Mapping[str, Any] = field(default_factory=lambda: TEXT)


@dataclass(frozen=True)
class Route:
    """One method on one path."""

    name: str
    """operationId of the published API."""
    method: str
    path: str
    role: Role = Role.ADMIN
    """The least that may call it; who forgets to say so closes it."""
    summary: str = ""
    takes: Body | None = None
    gives: Items | None = None
    """None: an answer without items."""
    queries: tuple[Query, ...] = ()
    """Besides accountId, which every route takes."""
    ours: bool = False
    """An extension: no other implementation of the published API has it."""
    about: str = ""
    """What a reader of the document should know besides the summary."""
