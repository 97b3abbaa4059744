"""What a client chooses when it deletes a node."""

from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from shared.model.fields import Flag, Part, Whole
from shared.model.merge import merge
from shared.model.parse import body_root
from shared.model.problems import Code, Problem, Rejected
from shared.model.shape import shape
from shared.model.validate import problem_of

ROOT: Final = "deallocationConfig"
TTL_DEFAULT_H: Final = 96
TTL_MAX_H: Final = 371
"""Source of both: the published API."""


class ResourceDeallocation(Part):
    """Whether one kind of resource goes, and how long it stays first."""

    should_deallocate: Flag
    ttl_h: Annotated[Whole, Field(ge=0, le=TTL_MAX_H)] = Field(
        default=TTL_DEFAULT_H, alias="ttlInHours"
    )


class DeallocationConfig(Part):
    """What becomes of the VM and of its resources. A kind that is not named stays."""

    should_terminate_vm: Flag
    should_deregister_from_lb: Flag = True
    should_revert_to_od: Flag = False
    network_deallocation_config: ResourceDeallocation | None = None
    disk_deallocation_config: ResourceDeallocation | None = None
    snapshot_deallocation_config: ResourceDeallocation | None = None
    public_ip_deallocation_config: ResourceDeallocation | None = None


def parse_deallocation(body: object) -> DeallocationConfig:
    """Return the choice in a delete request, `{"deallocationConfig": {...}}`.

    Raises `Rejected` with every problem.
    """
    shaped = shape(DeallocationConfig, body_root(body, ROOT), ROOT)
    values = merge(DeallocationConfig, {}, shaped.value)
    problems = [*shaped.problems]
    try:
        chosen = DeallocationConfig.model_validate(values)
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        problems += [problem_of(one) for one in details]
        raise Rejected(shaped.error(one) for one in problems) from None
    problems += _with_the_vm(chosen, values)
    if problems:
        raise Rejected(shaped.error(one) for one in problems)
    return chosen


def _goes(one: ResourceDeallocation | None) -> bool:
    return one is not None and one.should_deallocate


def _with_the_vm(chosen: DeallocationConfig, values: dict[str, Any]) -> list[Problem]:
    """Judge what is only possible with the VM gone, or only with the VM kept."""
    found: list[Problem] = []
    if chosen.should_terminate_vm:
        if not chosen.should_deregister_from_lb:
            message = "can be false only while shouldTerminateVm is false"
            found.append(Problem(("shouldDeregisterFromLb",), Code.CONFLICT, message))
        if chosen.should_revert_to_od:
            message = "can be true only while shouldTerminateVm is false"
            found.append(Problem(("shouldRevertToOd",), Code.CONFLICT, message))
    else:
        for name in (
            "networkDeallocationConfig",
            "diskDeallocationConfig",
            "publicIpDeallocationConfig",
        ):
            if values.get(name, {}).get("shouldDeallocate"):
                message = "must be false while shouldTerminateVm is false: the VM needs it"
                found.append(Problem((name, "shouldDeallocate"), Code.CONFLICT, message))
    network = chosen.network_deallocation_config
    if _goes(chosen.public_ip_deallocation_config) and network is not None and not _goes(network):
        message = "must be true while public IPs are deallocated: they go with their interfaces"
        loc = ("networkDeallocationConfig", "shouldDeallocate")
        found.append(Problem(loc, Code.CONFLICT, message))
    return found
