"""The route that asks a node to change its state."""

from typing import Final

from services.actions import StateChange
from store.tokens import Role
from triggers.route import Body, Route

STATE_ROUTES: Final = (
    Route(
        "azureStatefulNodeChangeState",
        "PUT",
        "azure/compute/statefulNode/{id}/state",
        Role.OPERATOR,
        "Pause, resume, recycle, stop or start a node",
        takes=Body("ChangeState", StateChange, {"state": "pause"}),
        about="`stop` and `start` are extensions: Azure's own stop of the VM, which stays the "
        "node's. What is not allowed now is refused with what is.",
    ),
)
