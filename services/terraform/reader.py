"""Reads the blocks of one resource into a node document, by the table of names."""

from dataclasses import dataclass, field
from typing import Any, Final

from services.terraform.evaluate import Scope, Unknown, Withheld, value_of
from services.terraform.kinds import WrongKind, of_kind
from services.terraform.schema import ACTIONS, META, NODE, OLDER_SIZES, RESOURCE
from services.terraform.syntax import BlockWritten, Body, Written
from services.terraform.terms import Attribute, Block
from services.terraform.unsayable import Told
from shared.model.problems import Code, FieldError, Loc

UNSENT: Final = {
    "strategy.draining_timeout": 0,
    "strategy.availability_vs_cost": 0,
    "strategy.vm_admins": [],
}
"""Values that the provider takes for unset and does not send."""


@dataclass(frozen=True)
class Place:
    """Where the code says something."""

    path: str
    line: int


@dataclass
class Reading:
    """What was read of one resource."""

    name: str
    line: int
    node: dict[str, Any] = field(default_factory=dict)
    """In the names of the stored document; secrets left out."""
    warnings: list[Told] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    places: dict[Loc, Place] = field(default_factory=dict)
    withheld: set[Loc] = field(default_factory=set)
    """Where a secret stands that is not repeated."""

    def place(self, loc: Loc) -> Place:
        """Return where the code says this, or the nearest around it."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.places:
                return self.places[loc[:end]]
        return Place(f"{RESOURCE}.{self.name}", self.line)

    def wrong(self, place: Place, message: str, code: Code = Code.VALUE) -> None:
        """Note what cannot stand there."""
        self.errors.append(FieldError(code, f"line {place.line}: {message}", place.path))

    def tell(self, place: Place, message: str) -> None:
        """Note what is not carried over."""
        self.warnings.append(Told(place.path, message, place.line))


@dataclass(frozen=True)
class Here:
    """Where the reader is: in the document, and in the code."""

    into: dict[str, Any]
    """The object that is being filled."""
    loc: Loc = ()
    path: str = ""

    def place(self, name: str, line: int) -> Place:
        """Return the place of something in this block."""
        return Place(f"{self.path}.{name}".lstrip("."), line)

    def holder(self, json: str) -> tuple[dict[str, Any], str, Loc]:
        """Return the object that holds a dotted path below this one, the last name, the place."""
        *steps, last = json.split(".")
        holder = self.into
        for step in steps:
            holder = holder.setdefault(step, {})
        return holder, last, (*self.loc, *steps, last)


@dataclass(frozen=True)
class Reader:
    """Reads blocks into a `Reading`."""

    reading: Reading
    scope: Scope

    def read(self, block: Block, body: Body, here: Here) -> None:
        """Read what stands in a block into its object."""
        known = {name: part for part in block.parts for name in (part.name, *part.also)}
        seen: set[str] = set()
        for one in body.attributes:
            part = known.get(one.name)
            place = here.place(one.name, one.line)
            if one.name in seen:
                self.reading.wrong(place, "is written twice", Code.CONFLICT)
            elif isinstance(part, Attribute):
                self._attribute(part, one, here)
            elif isinstance(part, Block):
                message = f"is a block: write {part.name} {{ ... }}, without ="
                self.reading.wrong(place, message, Code.TYPE)
            else:
                self._strange_attribute(block, place, one)
            seen.add(one.name)
        for name in dict.fromkeys(one.name for one in body.blocks):
            same = [one for one in body.blocks if one.name == name]
            part = known.get(name)
            if isinstance(part, Block):
                self._blocks(part, same, here)
            else:
                self._strange_block(block, part, here.place(name, same[0].line))
        self._missing(block, seen | {one.name for one in body.blocks}, here, body.line)

    def _attribute(self, part: Attribute, one: Written, here: Here) -> None:
        place = here.place(one.name, one.line)
        holder, name, loc = here.holder(part.json)
        self.reading.places[loc] = place
        if part.secret:
            self.reading.withheld.add(loc)
            self.reading.tell(place, "is a secret and is not repeated: put it into the document")
            return
        try:
            value = value_of(one, self.scope)
            if value is None:
                return
            value = of_kind(value, part.kind)
        except Withheld as error:
            self.reading.withheld.add(loc)
            self.reading.tell(place, f"{error}: put it into the document")
            return
        except (Unknown, WrongKind) as error:
            code = Code.TYPE if isinstance(error, WrongKind) else Code.VALUE
            self.reading.wrong(place, str(error), code)
            return
        if UNSENT.get(place.path) == value:
            self.reading.tell(place, "is not sent by the provider: it counts as unset")
        elif value not in ("", [], {}):
            holder[name] = value

    def _blocks(self, part: Block, same: list[BlockWritten], here: Here) -> None:
        holder, name, loc = here.holder(part.json)
        for index, one in enumerate(same if part.many else same[:1]):
            inner_loc = (*loc, index) if part.many else loc
            path = here.place(f"{one.name}[{index}]" if part.many else one.name, one.line)
            self.reading.places[inner_loc] = path
            inner = Here({}, inner_loc, path.path)
            self.read(part, one.body, inner)
            if part.many:
                holder.setdefault(name, []).append(inner.into)
            elif inner.into:  # something of it may stand elsewhere: signals are strategy, too
                holder[name] = {**holder.get(name, {}), **inner.into}
        if not part.many and len(same) > 1:
            place = here.place(part.name, same[1].line)
            self.reading.wrong(place, "can stand there once only", Code.CONFLICT)

    def _strange_attribute(self, block: Block, place: Place, one: Written) -> None:
        if block is NODE and one.name in META:
            self.reading.tell(place, "is Terraform's own and no part of the node")
        elif block is NODE and one.name in OLDER_SIZES:
            self.reading.wrong(place, "stands in vm_sizes { ... }", Code.UNKNOWN)
        else:
            self.reading.wrong(place, "is no attribute of this block", Code.UNKNOWN)

    def _strange_block(self, block: Block, part: Attribute | Block | None, place: Place) -> None:
        name = place.path.rpartition(".")[2]
        if isinstance(part, Attribute):
            self.reading.wrong(place, f"is an attribute: write {name} = ...", Code.TYPE)
        elif name == "dynamic":
            self.reading.wrong(place, "dynamic blocks cannot be read: write the blocks out")
        elif block is NODE and name in ACTIONS:
            self.reading.tell(place, f"{ACTIONS[name]}: it is no part of the node")
        elif block is NODE and name in META:
            self.reading.tell(place, "is Terraform's own and no part of the node")
        else:
            self.reading.wrong(place, "is no block of this resource", Code.UNKNOWN)

    def _missing(self, block: Block, given: set[str], here: Here, line: int) -> None:
        for part in block.parts:
            if part.required and not given & {part.name, *part.also}:
                place = here.place(part.name, line)
                self.reading.wrong(place, "is required", Code.REQUIRED)
