"""Waiting for what a VM says: rows decide, and the wait ends in any case."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.contracts.base import StillRunning
from shared.contracts.signal import AWAIT_SIGNAL, AwaitSignal, Heard, Signal, TimedOut
from shared.durable import SLOW_MAX
from store.signals import Said
from tests.activities.acts import VM_ID, stored
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


async def says(stage: Stage, signal: Signal, after_s: float = 0.0) -> datetime:
    await stage.ports.clock.sleep(after_s)
    at: datetime = stage.ports.clock.now()
    said = Said(signal=signal, vm_resource_id=VM_ID, generation=1, at=at)
    await stage.ports.stores.signals.put(KEY, said)
    return at


def wait(stage: Stage, timeout_s: float = 1_800, **changes: Any) -> AwaitSignal:
    now = stage.ports.clock.now()
    facts = {
        "work": stage.work("await-ready"),
        "signal": Signal.READY,
        "since": now,
        "deadline": now + seconds(timeout_s),
    }
    return AwaitSignal(**(facts | changes))


def test_a_signal_said_before_anybody_asks_is_heard_at_once() -> None:
    async def scene(stage: Stage) -> tuple[Any, datetime]:
        await stored(stage)
        request = wait(stage)
        at = await says(stage, Signal.READY, 20)
        return await stage.call(AWAIT_SIGNAL, request), at

    answer, at = played(scene)

    assert answer == Heard(at=at)


@pytest.mark.parametrize("after_s", [1.0, 40.0, 700.0, 1_790.0])
def test_a_signal_is_heard_soon_after_it_is_said(after_s: float) -> None:
    """Soon: five seconds, later a tenth of what was waited for, half a minute at most."""

    async def scene(stage: Stage) -> tuple[Any, float]:
        await stored(stage)
        began = stage.ports.clock.now()
        request = wait(stage)
        body = AWAIT_SIGNAL(stage.context(), request)
        stage.after["await_signal"] = lambda: says(stage, Signal.READY, after_s)
        answer = await stage.follow(body)
        return answer, (stage.ports.clock.now() - began).total_seconds()

    answer, took_s = played(scene)

    assert isinstance(answer, Heard)
    assert took_s <= after_s + max(5.0, min(30.0, 0.1 * after_s))


@pytest.mark.parametrize("timeout_s", [1, 60, 1_800, 86_400, 90 * 86_400])
def test_a_wait_ends_at_its_time_within_the_looks_that_are_granted(timeout_s: float) -> None:
    async def scene(stage: Stage) -> tuple[Any, float, int]:
        await stored(stage)
        began = stage.ports.clock.now()
        answer, looks, request = None, 0, wait(stage, timeout_s)
        while not isinstance(answer, Heard | TimedOut):
            answer = await stage.call(AWAIT_SIGNAL, request)
            looks += 1
            if isinstance(answer, StillRunning):
                await stage.ports.clock.sleep(answer.again_s or 5.0)
        return answer, (stage.ports.clock.now() - began).total_seconds(), looks

    answer, took_s, looks = played(scene)

    assert answer == TimedOut()
    assert took_s == pytest.approx(timeout_s)
    assert looks < SLOW_MAX


def test_a_signal_at_the_last_moment_counts() -> None:
    async def scene(stage: Stage) -> Any:
        await stored(stage)
        request = wait(stage, 30)
        await says(stage, Signal.READY, 30)
        return await stage.call(AWAIT_SIGNAL, request)

    assert isinstance(played(scene), Heard)


def test_what_was_said_before_or_of_something_else_is_not_heard() -> None:
    async def scene(stage: Stage) -> Any:
        await stored(stage)
        await says(stage, Signal.READY)
        await stage.ports.clock.sleep(1)
        request = wait(stage, 30)
        await says(stage, Signal.READY_TO_SHUTDOWN, 10)
        await stage.ports.clock.sleep(20)
        return await stage.call(AWAIT_SIGNAL, request)

    assert played(scene) == TimedOut()


def test_a_signal_said_twice_is_heard_of_the_later_vm_too() -> None:
    async def scene(stage: Stage) -> list[Any]:
        await stored(stage)
        first = wait(stage)
        await says(stage, Signal.READY, 5)
        heard = [await stage.call(AWAIT_SIGNAL, first)]
        await stage.ports.clock.sleep(5)
        second = wait(stage)
        await says(stage, Signal.READY, 5)
        return [*heard, await stage.call(AWAIT_SIGNAL, second)]

    one, other = played(scene)

    assert other.at - one.at == seconds(10)
