"""What lives draw of what happens between two looks."""

import asyncio
import json
import random
from typing import Any, cast

from shared.failures import Kind, classify
from tests.fuzz import between, documents, features
from tests.fuzz.aimed import MOMENTS, Aimed, Settled
from tests.fuzz.steps import FailedUnheard, Fault, Ground

SEEDS = range(1, 801)


def dice(seed: object) -> random.Random:
    return random.Random(str(seed))  # noqa: S311 - chance


def plain(seed: int) -> dict[str, Any]:
    return documents.draw(dice(seed), "mooring-demo", f"life-{seed}")


def test_each_situation_is_drawn_and_begins_once_the_node_has_settled() -> None:
    drawn = [between.draw(dice(f"{seed}/between"), plain(seed)) for seed in SEEDS]
    found = [one for one in drawn if one]
    deeds = [step.deed if isinstance(step, Aimed) else step for one in found for step in one]

    assert 0.08 <= len(found) / len(drawn) <= 0.2
    assert all(isinstance(one[0], Settled) for one in found)
    assert {between.Held, FailedUnheard} <= {type(one) for one in deeds}
    assert {"slow", "fail"} <= {one.kind for one in deeds if isinstance(one, Fault)}
    assert {one.moment for each in found for one in each if isinstance(one, Aimed)} <= {*MOMENTS}


def test_a_start_is_looked_at_late_only_where_vms_are_started_where_they_are() -> None:
    for seed in SEEDS:
        document = plain(seed)
        drawn = between.draw(dice(f"{seed}/between"), document)
        if any(isinstance(one, Aimed) and one.moment == "start_vm begins" for one in drawn):
            persistence = document["persistence"]
            assert persistence["osDiskPersistenceMode"] == "reattach"
            assert persistence["dataDisksPersistenceMode"] == "reattach"


def test_first_copies_are_disturbed_only_where_disks_may_move() -> None:
    drawn = {seed: between.copied(dice(f"{seed}/copied"), plain(seed)) for seed in SEEDS}
    found = [plain(seed) for seed, steps in drawn.items() if steps]

    assert 0.005 <= len(found) / len(drawn) <= 0.05
    assert all(len(one["compute"].get("zones") or ()) > 1 for one in found)


def test_a_zone_is_full_only_once_its_address_may_have_been_taken() -> None:
    met = 0
    for seed in SEEDS:
        document = plain(seed)
        features.add(dice(f"{seed}/features"), document)
        before = json.dumps(document)
        if not between.zonal(dice(f"{seed}/zonal"), document):
            assert json.dumps(document) == before
            continue
        met += 1
        pools = [nic["publicIps"] for nic in features.nics_of(document) if nic.get("publicIps")]
        names = [one["name"] for one in pools[0]]
        assert names[0] == between.ZONE_1
        assert names.count(between.ZONE_1) == 1
        assert document["compute"]["preferredZone"] == "1"
        assert {"1"} < {*document["compute"]["zones"]}

    assert met


def test_a_disk_that_is_attached_elsewhere_is_let_go_of() -> None:
    """A VM is refused for so long, and as Azure says it, to whoever of the product asks."""

    class Told:
        async def world(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
            assert (method, path) == ("POST", "faults")
            assert body is not None
            assert classify(body["code"], body["message"], body["status"]).kind is Kind.CONFLICT
            assert body["lasts_s"] == 5.0
            assert body["caller"] == "service"

    asyncio.run(between.Held(0.0, 5.0).happen(cast("Ground", Told())))
