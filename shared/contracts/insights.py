"""The activity that binds a VM to a data collection rule."""

from shared.contracts.base import Changed, Done, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import Row


class AssociateRule(Row):
    """Associate the node's VM with the data collection rule of the document."""

    work: Work
    vm_resource_id: str
    token: str = ""


ASSOCIATE_RULE: Activity[AssociateRule, Done | Refused | Changed] = Activity(
    "associate_rule", AssociateRule, Done | Refused | Changed | Slow
)
