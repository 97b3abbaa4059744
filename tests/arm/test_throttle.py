"""Token buckets: per VM, per subscription, and ARM's own."""

from datetime import UTC, datetime, timedelta

from local.arm.throttle import PUT_VM, Buckets, policy_of, take_arm
from local.arm.wire import ArmProblem
from tests.arm.machines import VM, from_image, read, refused, want, world
from tests.simulator import SUBSCRIPTION

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LEFT = "x-ms-ratelimit-remaining-resource"


async def test_a_vm_takes_twelve_updates_at_once_and_then_four_a_minute() -> None:
    async with world(speed=20, latency_scale=0.02, throttle=True) as azure:
        await azure.put(VM, from_image())
        for _ in range(12):
            status, answer, _ = await azure.arm("POST", f"{VM}/start")
            assert status in (202, 409), answer

        status, body, headers = await azure.arm("POST", f"{VM}/start")

        detail = body["error"]["details"][0]
        assert status == 429
        assert body["error"]["code"] == "OperationNotAllowed"
        assert body["error"]["message"] == (
            "The server rejected the request because too many requests have been received for this "
            "subscription."
        )
        assert (detail["code"], detail["target"]) == ("TooManyRequests", "UpdateVM3Min")
        assert '"operationGroup":"UpdateVM3Min"' in detail["message"]
        assert 1 <= int(headers["retry-after"]) <= 15

        await azure.world.clock.sleep(16)
        assert (await azure.arm("POST", f"{VM}/start"))[0] == 202


async def test_what_is_left_is_told_on_every_answer() -> None:
    async with world(throttle=True) as azure:
        _, _, made = await azure.arm("PUT", VM, from_image())
        _, _, got = await azure.arm("GET", VM)

        assert made[LEFT] == "Microsoft.Compute/PutVM3Min;11,Microsoft.Compute/PutVM30Min;1499"
        assert got[LEFT].startswith("Microsoft.Compute/LowCostGet3Min;35,")
        assert int(made["x-ms-ratelimit-remaining-subscription-writes"]) < 200
        assert int(got["x-ms-ratelimit-remaining-subscription-reads"]) < 250


async def test_deallocating_and_evicting_share_the_bucket_of_deletions() -> None:
    for method, suffix in (("DELETE", ""), ("POST", "/deallocate"), ("POST", "/simulateEviction")):
        policy = policy_of(method, VM + suffix)

        assert policy is not None
        assert policy.name == "DeleteVM"


async def test_a_fleet_list_is_one_high_cost_read() -> None:
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines"
    policy = policy_of("GET", path)

    assert policy is not None
    assert (policy.name, policy.per_resource) == ("HighCostGet", None)


async def test_buckets_can_be_emptied_by_the_world() -> None:
    async with world(throttle=True) as azure:
        bucket = f"PutVM|{SUBSCRIPTION}".lower()
        await want(azure, "PUT", "/throttle", {"left": {bucket: -1e6}})

        error = await refused(azure, "PUT", VM, from_image())

        assert error["http"] == 429
        assert error["details"][0]["target"] == "PutVM30Min"


async def test_throttling_can_be_switched_off() -> None:
    async with world(throttle=False) as azure:
        await azure.put(VM, from_image())
        for _ in range(60):
            await read(azure, VM)


def test_arm_has_buckets_of_its_own_for_each_caller() -> None:
    buckets = Buckets()
    for _ in range(200):
        take_arm(buckets, "PUT", NOON, subscription="s", caller="one")

    try:
        take_arm(buckets, "PUT", NOON, subscription="s", caller="one")
    except ArmProblem as problem:
        refusal = problem
    headers = take_arm(buckets, "PUT", NOON, subscription="s", caller="two")
    later = take_arm(buckets, "PUT", NOON + timedelta(seconds=1), subscription="s", caller="one")

    assert (refusal.status, refusal.error["code"]) == (429, "SubscriptionRequestsThrottled")
    assert refusal.headers["Retry-After"] == "1"
    assert headers["x-ms-ratelimit-remaining-subscription-writes"] == "199"
    assert later["x-ms-ratelimit-remaining-subscription-writes"] == "9"


def test_a_bucket_fills_with_time_and_not_beyond_its_burst() -> None:
    buckets, rate = Buckets(), PUT_VM.per_resource
    assert rate is not None
    for _ in range(12):
        assert buckets.take("b", rate, NOON) == 0

    wait_s = buckets.take("b", rate, NOON)

    assert round(wait_s) == 15
    assert buckets.left("b", rate, NOON + timedelta(hours=1)) == 12
