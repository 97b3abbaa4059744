import asyncio

from local.host.host import Host
from tests.host.support import HOOKS, outcome, run, start, virtually


def test_an_orchestrator_signals_and_calls_an_entity() -> None:
    async def scenario(host: Host) -> object:
        result = await run(host, "count_up", "k")
        return result, host.client.entity("counter", "k")

    assert virtually(scenario) == (("Completed", [5, "entity boom", [15, 35]]), "35")


def test_clients_signal_and_read_an_entity() -> None:
    async def scenario(host: Host) -> object:
        before = (await host.handle_http("GET", "/api/counters/c")).json()
        for number in (b"4", b"5"):
            await host.handle_http("POST", "/api/counters/c", [], number)
        await asyncio.sleep(1)
        return before, (await host.handle_http("GET", "/api/counters/c")).json()

    before, after = virtually(scenario)

    assert before[0] is False
    assert after == [True, 9]


def test_a_destructed_entity_is_gone() -> None:
    async def scenario(host: Host) -> object:
        await host.handle_http("POST", "/api/counters/c", [], b"4")
        await host.handle_http("POST", f"{HOOKS}/entities/Counter/c?op=forget")
        await asyncio.sleep(1)
        return (await host.handle_http("GET", f"{HOOKS}/entities/Counter/c")).status

    assert virtually(scenario) == 404


def test_signals_are_sent_even_by_an_orchestration_that_fails() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "signal_and_fail")
        result = await outcome(host, instance)
        await asyncio.sleep(1)
        return result[0], host.client.entity("Counter", "signalled")

    assert virtually(scenario) == ("Failed", "2")
