"""Acts on a VM that has come up: its extensions, and the rule that it is observed by."""

from shared.contracts.insights import ASSOCIATE_RULE, AssociateRule
from shared.contracts.vm import INSTALL_EXTENSIONS, InstallExtensions
from tests.activities.acts import NOW, RULE_ID, VM_ID, VMS, Act, launched
from tests.activities.stage import Stage

ASSOCIATIONS = "Microsoft.Insights/dataCollectionRuleAssociations"


async def with_rule(stage: Stage) -> None:
    """Its VM runs, and the data collection rule of its document exists."""
    await launched(stage)
    await stage.arm("PUT", RULE_ID, {"location": "eastus"})


async def extensions(stage: Stage, operation: str = NOW) -> InstallExtensions:
    return InstallExtensions(work=stage.work("extensions", operation), vm_resource_id=VM_ID)


async def rule(stage: Stage, operation: str = NOW) -> AssociateRule:
    return AssociateRule(work=stage.work("insights", operation), vm_resource_id=VM_ID)


EXTENSION_ACTS = (
    Act(
        "install extensions", INSTALL_EXTENSIONS, launched, extensions, (f"{VMS}/extensions/write",)
    ),
    Act(
        "associate a rule",
        ASSOCIATE_RULE,
        with_rule,
        rule,
        (f"{ASSOCIATIONS}/write",),
        at_once=True,
    ),
)
