"""Faults on demand strike the calls they fit, as often as asked, in the way asked."""

import aiohttp
import pytest

from tests.arm.machines import VM, act, from_image, power_of, read, refused, want, world

START = {"operation": "Microsoft.Compute/virtualMachines/start/action"}


async def test_a_call_is_refused_at_accept_as_told_and_then_no_more() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        fault = {
            **START,
            "kind": "refuse",
            "status": 409,
            "code": "AllocationFailed",
            "message": "Allocation failed.",
            "times": 2,
        }
        await want(azure, "POST", "/faults", fault)

        errors = [await refused(azure, "POST", f"{VM}/start") for _ in range(2)]
        after = await act(azure, "start")

        assert {(one["http"], one["code"]) for one in errors} == {(409, "AllocationFailed")}
        assert after["status"] == "Succeeded"


async def test_a_fault_that_lasts_for_a_time_strikes_each_call_until_that_is_over() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        fault = {**START, "kind": "refuse", "status": 403, "code": "Forbidden", "times": None}
        await want(azure, "POST", "/faults", {**fault, "lasts_s": 1e9})
        errors = [await refused(azure, "POST", f"{VM}/start") for _ in range(2)]
        await want(azure, "DELETE", "/faults")

        await want(azure, "POST", "/faults", {**fault, "lasts_s": 0.0})
        after = await act(azure, "start")

        assert {one["http"] for one in errors} == {403}
        assert after["status"] == "Succeeded"


async def test_a_refusal_without_code_has_no_body_as_recorded_503s_have() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await want(azure, "POST", "/faults", {"kind": "refuse", "status": 503, "method": "GET"})

        status, body, _ = await azure.arm("GET", VM)

        assert (status, body) == (503, "")


async def test_an_operation_fails_at_its_end_as_told() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        fault = {**START, "kind": "fail", "code": "AllocationFailed", "message": "No room."}
        await want(azure, "POST", "/faults", fault)
        await act(azure, "deallocate")

        end = await act(azure, "start")

        assert end["error"] == {"code": "AllocationFailed", "message": "No room."}
        assert await power_of(azure) == "PowerState/deallocated"


async def test_a_vm_whose_start_timed_out_runs_all_the_same() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        fault = {**START, "kind": "fail", "code": "VMStartTimedOut", "message": "Timed out."}
        await want(azure, "POST", "/faults", fault)
        await act(azure, "deallocate")

        end = await act(azure, "start")

        assert end["error"] == {"code": "VMStartTimedOut", "message": "Timed out."}
        assert await power_of(azure) == "PowerState/running"


async def test_a_lost_reply_leaves_its_effect_a_lost_request_none() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        for kind, state in (("lose_request", "running"), ("lose_reply", "deallocat")):
            fault = {"kind": kind, "operation": "*/virtualMachines/deallocate/action"}
            await want(azure, "POST", "/faults", fault)

            with pytest.raises(aiohttp.ClientError):
                await azure.arm("POST", f"{VM}/deallocate")

            assert (await power_of(azure)).startswith(f"PowerState/{state}")


async def test_a_slow_call_takes_as_long_as_told() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await want(azure, "POST", "/faults", {"kind": "slow", "slow_s": 40, "method": "GET"})
        begun = azure.world.clock.now()

        await read(azure, VM)

        assert (azure.world.clock.now() - begun).total_seconds() >= 40


async def test_a_429_comes_with_or_without_retry_after() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await want(azure, "POST", "/faults", {**START, "kind": "throttle", "retry_after_s": 7})
        await want(azure, "POST", "/faults", {**START, "kind": "throttle", "skip": 1})

        first = await azure.arm("POST", f"{VM}/start")
        second = await azure.arm("POST", f"{VM}/start")

        assert (first[0], first[2]["retry-after"]) == (429, "7")
        assert second[0] == 429
        assert "retry-after" not in second[2]


async def test_a_fault_strikes_only_the_resource_it_names_and_can_be_disarmed() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        fault = {"kind": "refuse", "status": 500, "resource": "*/virtualMachines/other"}
        await want(azure, "POST", "/faults", fault)
        await read(azure, VM)
        armed = (await want(azure, "GET", "/faults"))["faults"]

        await azure.send("DELETE", "/_world/faults")

        assert len(armed) == 1
        assert (await want(azure, "GET", "/faults"))["faults"] == {}


async def test_an_unknown_kind_of_fault_is_refused() -> None:
    async with world() as azure:
        status, body, _ = await azure.send("POST", "/_world/faults", {"kind": "explode"})

        assert status == 400
        assert "kind must be one of" in body["error"]


async def test_a_doomed_disk_operation_leaves_the_disk_failed() -> None:
    async with world() as azure:
        disk = VM.replace("virtualMachines/vm1", "disks/d")
        await want(azure, "POST", "/faults", {"kind": "fail", "operation": "*/disks/write"})
        body = {
            "location": "eastus",
            "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4},
        }
        _, _, headers = await azure.arm("PUT", disk, body)

        end = await azure.finish(headers)

        assert (end["status"], end["error"]["code"]) == ("Failed", "InternalExecutionError")
        assert (await read(azure, disk))["properties"]["provisioningState"] == "Failed"


async def test_a_fault_with_a_chance_strikes_about_so_often_and_stays() -> None:
    async with world() as azure:
        fault = {"kind": "refuse", "status": 503, "chance": 0.3, "times": None, "method": "GET"}
        await want(azure, "POST", "/faults", fault)

        statuses = [(await azure.arm("GET", VM))[0] for _ in range(200)]

        assert 30 <= statuses.count(503) <= 90
        assert len((await want(azure, "GET", "/faults"))["faults"]) == 1


async def test_a_fault_for_the_service_spares_people_and_the_other_way_round() -> None:
    async with world() as azure:
        await want(azure, "PUT", "/callers/ada", {"upn": "ada@example.org"})
        ada = {"authorization": "Bearer ada"}
        for caller, struck in (("service", [503, 404]), ("person", [404, 503])):
            fault = {"kind": "refuse", "status": 503, "caller": caller, "times": None}
            await want(azure, "POST", "/faults", fault)

            answers = [(await azure.arm("GET", VM))[0], (await azure.arm("GET", VM, **ada))[0]]

            assert answers == struck
            await want(azure, "DELETE", "/faults")


async def test_a_fault_may_fit_several_methods() -> None:
    async with world() as azure:
        fault = {"kind": "refuse", "status": 503, "method": "put,delete", "times": None}
        await want(azure, "POST", "/faults", fault)

        methods = ("GET", "DELETE", "PUT")
        assert [(await azure.arm(one, VM))[0] for one in methods] == [404, 503, 503]


@pytest.mark.parametrize("wrong", [{"caller": "me"}, {"chance": 2}, {"kind": "magic"}])
async def test_a_malformed_fault_is_refused(wrong: dict[str, object]) -> None:
    async with world() as azure:
        status, _, _ = await azure.send("POST", "/_world/faults", {"kind": "refuse", **wrong})

        assert status == 400
