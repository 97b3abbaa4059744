"""What an accepted document asks for that no VM will have is told beside the node."""

from shared.model.run import Status
from tests.api.harness import ACCOUNT, PATH, Api
from tests.unit.model.documents import LS, body, node

GROUPS = f"{LS}.proximityPlacementGroups".replace(".", "__")
SETTLED = {"strategy__revertToSpot": {"performAt": "never"}}
"""A document of the usual kind asks for a way back to Spot; this one does not."""
TWO = [{"name": name, "resourceGroupName": "fleet"} for name in ("near", "far")]
TOLD = [
    {
        "field": f"statefulNode.{LS}.proximityPlacementGroups[1]",
        "message": "is not used: a VM is in one group, the first of the list",
    }
]


async def test_a_warning_stands_beside_the_node_in_each_answer_that_shows_it(api: Api) -> None:
    made = await api.call("POST", PATH, body(node(**SETTLED, **{GROUPS: TWO})))
    node_id = made.items[0]["id"]
    await api.settle(node_id, Status.ACTIVE)

    read = await api.call("GET", f"{PATH}/{node_id}?accountId={ACCOUNT}")
    edited = await api.call("PUT", f"{PATH}/{node_id}", body({"description": "two groups"}))

    for answer in (made, read, edited):
        assert answer.status == 200
        assert answer.body["response"]["warnings"] == TOLD
        assert sorted(answer.body["response"]["status"]) == ["code", "message"]
        assert "warnings" not in answer.items[0]


async def test_a_list_of_nodes_has_no_warnings(api: Api) -> None:
    await api.created(body(node(**SETTLED, **{GROUPS: TWO})))

    answer = await api.call("GET", PATH)

    assert "warnings" not in answer.body["response"]


async def test_there_is_no_word_of_warnings_where_there_is_nothing_to_warn_of(api: Api) -> None:
    made = await api.call("POST", PATH, body(node(**SETTLED)))

    assert "warnings" not in made.body["response"]


async def test_what_has_no_effect_yet_is_told_with_its_reason_and_taken(api: Api) -> None:
    """S108: interruption tolerance is one of them."""
    tolerance = {"isEnabled": True, "threshold": 3, "evaluationPeriod": 600, "cooldown": 600}

    made = await api.call(
        "POST", PATH, body(node(**SETTLED, strategy__interruptionToleration=tolerance))
    )

    assert made.items[0]["strategy"]["interruptionToleration"] == tolerance
    fields = [one["field"] for one in made.body["response"]["warnings"]]
    assert fields == [
        "statefulNode.strategy.interruptionToleration.isEnabled",
        "statefulNode.strategy.interruptionToleration.threshold",
        "statefulNode.strategy.interruptionToleration.evaluationPeriod",
        "statefulNode.strategy.interruptionToleration.cooldown",
    ]
    assert "has no effect yet" in made.body["response"]["warnings"][0]["message"]


async def test_the_way_back_from_on_demand_is_told_where_a_node_can_get_there(api: Api) -> None:
    """R66, R67."""
    falls = await api.call("POST", PATH, body(node()))
    stays = await api.call("POST", PATH, body(node(strategy={"fallbackToOd": False})))

    assert "next launch" in falls.body["response"]["warnings"][0]["message"]
    assert "warnings" not in stays.body["response"]
