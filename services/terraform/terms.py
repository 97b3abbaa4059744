"""The words of the table that maps a node document to the Terraform resource."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LAUNCH: Final = "compute.launchSpecification"


class Kind(StrEnum):
    """What an attribute holds."""

    TEXT = "a text"
    NUMBER = "a whole number"
    FLAG = "true or false"
    TEXTS = "a list of texts"
    SETTINGS = "a map of texts"


@dataclass(frozen=True)
class Attribute:
    """One attribute: its name there, and its place in the JSON of the block it stands in."""

    name: str
    json: str
    """Dotted, below the block's own object."""
    kind: Kind = Kind.TEXT
    required: bool = False
    secret: bool = False
    """Written as a variable; read, and not repeated."""
    also: tuple[str, ...] = ()
    """Names in older releases of the provider or in its documentation."""


@dataclass(frozen=True)
class Block:
    """One block type: its name there, its object (or list of objects) in the JSON."""

    name: str
    json: str
    """Dotted, below the object of the block around it; empty: that object itself."""
    parts: "tuple[Attribute | Block, ...]"
    many: bool = False
    required: bool = False
    also: tuple[str, ...] = ()


def flag(name: str, json: str, *, required: bool = False) -> Attribute:
    """Return an attribute that is true or false."""
    return Attribute(name, json, Kind.FLAG, required)


def number(name: str, json: str, *, required: bool = False) -> Attribute:
    """Return an attribute with a whole number."""
    return Attribute(name, json, Kind.NUMBER, required)


def texts(name: str, json: str, *, required: bool = False) -> Attribute:
    """Return an attribute with a list of texts."""
    return Attribute(name, json, Kind.TEXTS, required)


def text(name: str, json: str) -> Attribute:
    """Return an attribute with a text that must be there."""
    return Attribute(name, json, required=True)
