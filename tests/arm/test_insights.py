"""Data collection rules, and the VMs that send to them."""

from typing import Any

from tests.arm.machines import GROUP, VM, delete, from_image, read, refused, world
from tests.simulator import Azure

RULE = f"{GROUP}/providers/Microsoft.Insights/dataCollectionRules/fleet"
OF_VM = f"{VM}/providers/Microsoft.Insights/dataCollectionRuleAssociations"
ASSOCIATION = f"{OF_VM}/ours"
BODY = {"properties": {"dataCollectionRuleId": RULE, "description": "ours"}}


async def put(azure: Azure, path: str, body: Any) -> tuple[int, Any]:
    status, answer, _ = await azure.arm("PUT", path, body)
    return status, answer


async def test_a_vm_is_associated_with_a_rule_and_listed_with_it() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        made, _ = await put(azure, RULE, {"location": "East US", "properties": {}})
        first, association = await put(azure, ASSOCIATION, BODY)
        again, _ = await put(azure, ASSOCIATION, BODY)

        assert (made, first, again) == (201, 201, 200)
        assert association["properties"]["dataCollectionRuleId"] == RULE
        assert await read(azure, ASSOCIATION) == association
        assert (await read(azure, OF_VM))["value"] == [association]
        assert (await read(azure, RULE))["location"] == "eastus"


async def test_an_association_needs_a_rule_and_a_vm() -> None:
    async with world() as azure:
        no_vm = await refused(azure, "PUT", ASSOCIATION, BODY)
        await azure.put(VM, from_image())
        no_rule = await refused(azure, "PUT", ASSOCIATION, BODY)
        unnamed = await refused(azure, "PUT", ASSOCIATION, {"properties": {}})

        assert (no_vm["http"], no_rule["http"], unnamed["http"]) == (404, 404, 400)
        assert "data collection rule" in no_rule["message"]


async def test_an_association_ends_with_its_vm_and_then_the_rule_can_go() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await put(azure, RULE, {"location": "eastus"})
        await put(azure, ASSOCIATION, BODY)
        held = await refused(azure, "DELETE", RULE)

        await delete(azure)
        free, _, _ = await azure.arm("DELETE", RULE)
        twice, _, _ = await azure.arm("DELETE", RULE)

        assert (held["http"], free, twice) == (409, 200, 204)


async def test_an_association_can_be_ended() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await put(azure, RULE, {"location": "eastus"})
        await put(azure, ASSOCIATION, BODY)

        first, _, _ = await azure.arm("DELETE", ASSOCIATION)
        second, _, _ = await azure.arm("DELETE", ASSOCIATION)

        assert (first, second) == (200, 204)
        assert (await refused(azure, "GET", ASSOCIATION))["http"] == 404
