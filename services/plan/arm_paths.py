"""What an address of Azure Resource Manager is about."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

PROVIDERS: Final = "providers"


@dataclass(frozen=True)
class ArmPath:
    """A resource, a list of them, an action on one, or a view of one."""

    resource_id: str
    """As it was spelled; of a list, the id of what holds it."""
    kind: str
    """Lower case, such as `microsoft.compute/virtualmachines/extensions`; of a list, that of its
    items."""
    more: str = ""
    """Last step of a path that is no resource: an action, a view, or the word of a list."""

    @property
    def target(self) -> str:
        """Kind of the resource itself: of an action or a view, of what it is done to."""
        return self.kind.rpartition("/")[0] if self.more else self.kind

    @property
    def key(self) -> str:
        """The id as resources are told apart: without case."""
        return self.resource_id.lower()


def arm_path(url: str) -> ArmPath | None:
    """Return what an address is about; None: no resource of a resource group."""
    steps = [unquote(step) for step in urlsplit(url).path.strip("/").split("/")]
    lower = [step.lower() for step in steps]
    if lower[:1] != ["subscriptions"] or "resourcegroups" not in lower or PROVIDERS not in lower:
        return None
    start = len(lower) - 1 - lower[::-1].index(PROVIDERS)
    namespace, rest = lower[start + 1 : start + 2], steps[start + 2 :]
    if not namespace or not rest:
        return None
    kind = "/".join((*namespace, *(step.lower() for step in rest[::2])))
    if len(rest) % 2 == 0:
        return ArmPath("/" + "/".join(steps), kind)
    return ArmPath("/" + "/".join(steps[:-1]), kind, rest[-1])
