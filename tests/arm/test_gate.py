"""What ARM does before any provider: tokens, versions, subscriptions, routes; and the ledger."""

import json

import pytest

from local.arm.app import Simulator
from local.arm.persistence import NoJournal
from local.arm.world import World
from local.clock import scaled_clock
from tests.arm.machines import GROUP, VM, from_image, read, refused, want, world
from tests.simulator import SUBSCRIPTION

VERSION = "?api-version=2026-04-01"


async def test_a_request_without_a_token_is_401() -> None:
    async with world() as azure:
        status, body, headers = await azure.send("GET", VM + VERSION)

        assert (status, body["error"]["code"]) == (401, "AuthenticationFailed")
        assert headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (VM, 400, "MissingApiVersionParameter"),
        (VM + "?api-version=soon", 400, "InvalidApiVersionParameter"),
        ("/subscriptions/none/resourceGroups/rg" + VERSION, 404, "SubscriptionNotFound"),
        (VM.replace("/rg/", "/other/") + VERSION, 404, "ResourceGroupNotFound"),
        (GROUP + "/providers/Microsoft.Compute/things/x" + VERSION, 404, "InvalidResourceType"),
        (GROUP + "/providers/Microsoft.Web/sites/x" + VERSION, 404, "InvalidResourceNamespace"),
        ("/nothing" + VERSION, 404, "MissingSubscription"),
    ],
)
async def test_what_arm_does_not_know_is_refused_in_its_words(
    path: str, status: int, code: str
) -> None:
    async with world() as azure:
        got, body, _ = await azure.send("GET", path, None, {"Authorization": "Bearer local"})

        assert (got, body["error"]["code"]) == (status, code)


async def test_unknown_routes_are_counted() -> None:
    async with world() as azure:
        await azure.arm("GET", f"{GROUP}/providers/Microsoft.Web/sites/x")

        unknown = (await want(azure, "GET", ""))["unknown"]
        assert unknown == {f"GET {GROUP}/providers/Microsoft.Web/sites/x": 1}


async def test_bodies_that_are_not_json_objects_are_refused() -> None:
    async with world() as azure:
        error = await refused(azure, "PUT", VM, ["a", "list"])

        assert (error["http"], error["code"]) == (400, "InvalidRequestContent")


async def test_each_answer_carries_azures_headers() -> None:
    async with world() as azure:
        _, _, headers = await azure.arm(
            "GET",
            GROUP,
            **{"x-ms-client-request-id": "mine", "x-ms-return-client-request-id": "true"},
        )

        assert headers["x-ms-client-request-id"] == "mine"
        assert headers["x-ms-request-id"] != headers["x-ms-correlation-request-id"]
        assert headers["content-type"] == "application/json; charset=utf-8"
        for name in ("date", "x-ms-routing-request-id", "strict-transport-security"):
            assert headers[name]


async def test_seconds_to_wait_are_told_on_the_clients_clock_unless_asked_otherwise() -> None:
    async with world() as azure:
        _, _, scaled = await azure.arm("PUT", VM, from_image())
        await want(azure, "PATCH", "/settings", {"retry_after": "seconds"})
        path = scaled["azure-asyncoperation"].removeprefix(azure.url)
        _, _, plain = await azure.arm("GET", path)

        assert scaled["x-ms-retry-after-ms"] == "10"  # 10 s, a thousand times as fast
        assert plain["retry-after"] == "10"


async def test_every_call_is_kept_in_order_with_what_it_was() -> None:
    async with world() as azure:
        last = (await want(azure, "GET", "/calls"))["last"]
        await azure.arm("PUT", VM, from_image(), **{"x-ms-client-request-id": "mine"})
        await refused(azure, "POST", f"{VM}/start")

        told = await want(azure, "GET", f"/calls?since={last}")

        first, second = told["calls"]
        assert first["operation"] == "Microsoft.Compute/virtualMachines/write"
        assert (first["status"], first["clientRequestId"], first["resource"]) == (201, "mine", VM)
        assert second["operation"] == "Microsoft.Compute/virtualMachines/start/action"
        assert (second["status"], second["code"]) == (409, "Conflict")
        assert told["counts"]["Microsoft.Compute/virtualMachines/write 201"] == 1


async def test_a_further_subscription_is_another_world_of_resources() -> None:
    async with world() as azure:
        other = "11111111-1111-1111-1111-111111111111"
        await want(azure, "PUT", f"/subscriptions/{other}")
        await azure.arm("PUT", f"/subscriptions/{other}/resourceGroups/rg", {"location": "eastus"})

        told = await read(azure, "/subscriptions")
        assert {one["subscriptionId"] for one in told["value"]} == {other, SUBSCRIPTION}
        locations = await read(azure, f"/subscriptions/{other}/locations")
        zones = {one["name"]: one.get("availabilityZoneMappings") for one in locations["value"]}
        assert len(zones["eastus"]) == 3
        assert zones["westus"] is None


async def test_a_reset_world_is_empty_and_works() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await azure.send("POST", "/_world/reset")

        told = await want(azure, "GET", "")
        made = await azure.arm("PUT", GROUP, {"location": "eastus"})
        assert (told["resources"], told["agenda"], told["calls"] > 0) == ({}, 0, True)
        assert made[0] == 201


async def test_settings_that_do_not_exist_are_refused() -> None:
    async with world() as azure:
        status, body, _ = await azure.send("PATCH", "/_world/settings", {"speed": 3})

        assert status == 400
        assert "speed" in body["error"]


async def test_a_transport_may_call_it_without_a_socket() -> None:
    simulator = Simulator(World(scaled_clock(1_000.0), 1, NoJournal()))
    url = f"http://arm{GROUP}?api-version=2026-04-01"
    headers = {"Authorization": "Bearer local"}

    status, told, body = await simulator.handle("PUT", url, headers, b'{"location": "eastus"}')

    assert status == 201
    assert told["Content-Type"].startswith("application/json")
    assert json.loads(body)["id"] == GROUP


async def test_resources_are_listed_by_group_and_type() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        base = f"/subscriptions/{SUBSCRIPTION}/resources?$filter="

        disks = await read(azure, base + "resourceType eq 'Microsoft.Compute/disks'")
        none = await read(azure, base + "resourceGroup eq 'other'")

        assert [one["name"] for one in disks["value"]] == ["os1"]
        assert none["value"] == []
