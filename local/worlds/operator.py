"""What whoever operates the app may do to it behind its back."""

from typing import Final
from urllib.parse import quote

from local.host.host import IN_PROCESS
from local.host.wire import Request
from local.worlds.inprocess import InProcess

INSTANCES: Final = f"{IN_PROCESS}/runtime/webhooks/durabletask/instances"
WHY: Final = "an operator took it for stuck"
ACCEPTED: Final = 202


async def terminate(world: InProcess, instance: str) -> bool:
    """Terminate an orchestration in the durable store; tell whether it ran.

    Its runbook never hears of it; an activity that runs goes on to its end. HostDownError if
    nobody answers.
    """
    url = f"{INSTANCES}/{quote(instance)}/terminate?reason={quote(WHY)}"
    answer = await world.enter(Request("POST", url, [], b""))
    world.log.add("operator", f"terminates {instance} -> {answer.status}")
    return bool(answer.status == ACCEPTED)
