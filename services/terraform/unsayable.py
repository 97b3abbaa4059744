"""What a node document can say and the Terraform resource cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.terraform.terms import LAUNCH


@dataclass(frozen=True)
class Told:
    """One warning: what was not carried over, or will not be as it looks."""

    field: str
    """Place in the node document, or name in the Terraform code."""
    message: str
    line: int | None = None
    """Line of the Terraform code that was read."""

    def view(self) -> dict[str, Any]:
        """Return the warning as clients read it."""
        shown: dict[str, Any] = {"field": self.field, "message": self.message}
        return shown if self.line is None else {**shown, "line": self.line}


def _always(_value: Any) -> bool:
    return True


@dataclass(frozen=True)
class Unsayable:
    """One field without a counterpart."""

    home: str
    """The object that has it, as a pattern: lists with `[]`."""
    name: str
    """Dotted, below its home; `*` stands for every key."""
    why: str = "has no counterpart in the Terraform resource"
    applies: Callable[[Any], bool] = _always

    @property
    def path(self) -> str:
        """The whole pattern."""
        return f"{self.home}.{self.name}".lstrip(".")

    def found(self, holder: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return the values of it in one object, with their names."""
        *steps, last = self.name.split(".")
        inside: Any = holder
        for step in steps:
            inside = inside.get(step) if isinstance(inside, Mapping) else None
        if not isinstance(inside, Mapping):
            return []
        keys = list(inside) if last == "*" else [last]
        return [
            (".".join((*steps, key)), inside[key])
            for key in keys
            if inside.get(key) is not None and self.applies(inside[key])
        ]


def _is_no_text(value: Any) -> bool:
    return not isinstance(value, str)


def _is_zero(value: Any) -> bool:
    return bool(value == 0)


def _is_empty(value: Any) -> bool:
    return bool(value == [])


UNSAYABLE: Final = (
    Unsayable("strategy", "shouldUtilizeCommitments"),
    Unsayable(
        "strategy", "availabilityVsCost", "is 0, which the provider takes for unset", _is_zero
    ),
    Unsayable(
        "strategy",
        "vmAdmins",
        "is empty (nobody may stop the VM), which the provider takes for unset (everybody may)",
        _is_empty,
    ),
    Unsayable("", f"{LAUNCH}.purchasePlan"),
    Unsayable(f"{LAUNCH}.dataDisks[]", "caching"),
    Unsayable(f"{LAUNCH}.extensions[]", "enableAutomaticUpgrade"),
    Unsayable(f"{LAUNCH}.extensions[]", "protectedSettingsFromKeyVault"),
    Unsayable(
        f"{LAUNCH}.extensions[]",
        "publicSettings.*",
        "is not a text: the provider's settings are maps of texts",
        _is_no_text,
    ),
    Unsayable("", "integrations.insights"),
)
"""Source: the provider's schema and its client, 1.240."""
UNSAYABLE_ACTIONS: Final = ("swap of the OS disk", "stop", "start")
"""What can be done with a node and has no block in the resource either."""
