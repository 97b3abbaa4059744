"""The data collection rule of a document, and the VM that it observes."""

from typing import Any

from shared.contracts.base import Done, Refused
from shared.contracts.insights import ASSOCIATE_RULE
from tests.activities.acts import DOCUMENT, RULE_ID, VM_ID, launched, scenery
from tests.activities.extension_acts import rule, with_rule
from tests.activities.image_scenes import launch
from tests.activities.scenes import played
from tests.activities.stage import GROUP, Stage

ASSOCIATION = (
    f"{VM_ID}/providers/Microsoft.Insights/dataCollectionRuleAssociations/mooring-0000cafe-insights"
)
SECOND_RULE = f"{GROUP}/providers/Microsoft.Insights/dataCollectionRules/second"


async def associate(stage: Stage) -> Any:
    return await stage.ask(ASSOCIATE_RULE, await rule(stage))


def rule_of(stage: Stage) -> str:
    """Return the rule that the VM is associated with; empty: none."""
    found = stage.find(ASSOCIATION)
    return str(found.properties["dataCollectionRuleId"]) if found else ""


def test_a_new_vm_is_associated_with_the_rule_of_its_document() -> None:
    """S107: and each VM after it, for an association ends with its VM."""

    async def scene(stage: Stage) -> list[str]:
        seen = []
        await associate(stage)
        seen.append(rule_of(stage))
        await stage.arm("DELETE", VM_ID)
        await stage.ports.clock.sleep(300)
        seen.append(rule_of(stage))
        await launch(stage, generation=2)
        await associate(stage)
        return [*seen, rule_of(stage)]

    assert played(scene, scenery(with_rule)) == [RULE_ID, "", RULE_ID]


def test_a_rule_that_is_switched_off_is_not_associated() -> None:
    async def scene(stage: Stage) -> tuple[Any, str]:
        off = {"isEnabled": False, "dataCollectionRuleId": RULE_ID}
        record = await stage.record()
        document = {**record.document, "integrations": {"insights": off}}
        await stage.ports.stores.nodes.put_document(record, document)
        return await associate(stage), rule_of(stage)

    answer, associated = played(scene, scenery(with_rule))

    assert isinstance(answer, Done)
    assert associated == ""


def test_an_association_with_another_rule_is_turned_to_the_documents() -> None:
    async def scene(stage: Stage) -> str:
        await stage.arm("PUT", SECOND_RULE, {"location": "eastus"})
        body = {"properties": {"dataCollectionRuleId": SECOND_RULE}}
        await stage.arm("PUT", ASSOCIATION, body)
        await associate(stage)
        return rule_of(stage)

    assert played(scene, scenery(with_rule)) == RULE_ID


def test_a_rule_that_is_not_there_is_refused_in_azures_words() -> None:
    answer = played(associate, scenery(launched))

    assert isinstance(answer, Refused)
    assert "dataCollectionRules/rule" in answer.message
    assert DOCUMENT["integrations__insights"]["isEnabled"]
