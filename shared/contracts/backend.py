"""Activities on load balancers and application gateways."""

from shared.contracts.base import Changed, Done, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import NicRef, Row


class RegisterBackends(Row):
    """Put the node's NICs into the backend pools that its document names."""

    work: Work
    nics: tuple[NicRef, ...]
    token: str = ""


class DeregisterBackends(Row):
    """Take the node's NICs out of every backend pool that its document names.

    Draining, the time that open connections get, is the runbook's: a durable timer.
    """

    work: Work
    nics: tuple[NicRef, ...]
    token: str = ""


REGISTER_BACKENDS: Activity[RegisterBackends, Done | Refused | Changed] = Activity(
    "register_backends", RegisterBackends, Done | Refused | Changed | Slow
)
DEREGISTER_BACKENDS: Activity[DeregisterBackends, Done | Refused | Changed] = Activity(
    "deregister_backends", DeregisterBackends, Done | Refused | Changed | Slow
)
