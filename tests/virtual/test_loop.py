"""Time jumps, order is birth, and who waits for ever is named."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import pytest

from local.clock import START, VirtualClock
from local.worlds.loop import Stuck, Task, VirtualLoop, in_virtual_time, owned_by


def test_a_month_of_sleep_takes_no_time() -> None:
    async def main() -> tuple[float, object]:
        clock = VirtualClock()
        for _ in range(3):
            await clock.sleep(10 * 86_400)
        return asyncio.get_running_loop().time(), clock.now()

    seconds, now = in_virtual_time(main())

    assert seconds == 30 * 86_400
    assert now == START + timedelta(days=30)


def test_a_sleeper_wakes_at_the_microsecond_it_asked_for() -> None:
    async def main() -> list[timedelta]:
        clock = VirtualClock()
        woken = []
        for seconds in (0.1, 1e-6, 7_000_000.3, 0.000_000_4, 2.5):
            await clock.sleep(seconds)
            woken.append(clock.now() - START)
        return woken

    woken = [moment / timedelta(microseconds=1) for moment in in_virtual_time(main())]

    assert woken == [100_000, 100_001, 7_000_000_400_001, 7_000_000_400_001, 7_000_002_900_001]


def test_timers_of_one_instant_fire_by_birth_or_as_the_dice_say() -> None:
    async def main() -> list[int]:
        fired: list[int] = []
        for number in range(20):
            asyncio.get_running_loop().call_later(1.0, fired.append, number)
        await asyncio.sleep(2)
        return fired

    by_birth = in_virtual_time(main())
    by_dice = [in_virtual_time(main(), random.Random(7).random) for _ in range(2)]  # noqa: S311

    assert by_birth == [*range(20)]
    assert by_dice[0] == by_dice[1] != by_birth
    assert sorted(by_dice[0]) == by_birth


def test_timers_stay_in_order_though_most_of_them_are_cancelled() -> None:
    async def main() -> list[int]:
        loop, fired = asyncio.get_running_loop(), list[int]()
        timers = [loop.call_later(n % 7, fired.append, n) for n in range(1_000)]
        for timer in timers[100:]:
            timer.cancel()
        await asyncio.sleep(10)
        return fired

    assert in_virtual_time(main()) == sorted(range(100), key=lambda n: (n % 7, n))


def test_sets_of_tasks_have_one_order_in_every_run() -> None:
    async def main() -> list[str]:
        tasks = [asyncio.create_task(asyncio.sleep(1), name=str(n)) for n in range(40)]
        done, _ = await asyncio.wait(tasks)
        return [task.get_name() for task in done]

    orders = {tuple(in_virtual_time(main())) for _ in range(5)}

    assert len(orders) == 1


def test_whoever_waits_for_what_never_comes_is_named_with_the_place() -> None:
    async def waits_in_vain() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match=r"lonely .*waits_in_vain > Event\.wait:\d+"):
        in_virtual_time(asyncio.wait_for(_start(waits_in_vain, "lonely"), None))


async def _start(work: object, name: str) -> None:
    await asyncio.create_task(work(), name=name)  # type: ignore[operator]


def test_a_ring_of_callbacks_in_which_time_stands_still_is_named() -> None:
    async def spins() -> None:
        while True:  # noqa: ASYNC110 - the point
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match=r"time stands still at 3\.0 s; busy: .*spins"):
        in_virtual_time(_late(spins))


async def _late(work: object) -> None:
    await asyncio.sleep(3)
    await work()  # type: ignore[operator]


def test_there_are_no_threads_and_no_network() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        seen = [await loop.run_in_executor(None, str, 1), await asyncio.to_thread(str, 2)]
        with suppress(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
            seen.append("no error")
        for attempt in (
            asyncio.open_connection("localhost", 1),
            asyncio.create_subprocess_exec("true"),
        ):
            with pytest.raises(OSError, match="no network"):
                await attempt
        return seen

    assert in_virtual_time(main()) == ["1", "2"]


def test_a_task_belongs_to_whoever_made_its_maker() -> None:
    async def child() -> object:
        task = asyncio.current_task()
        assert isinstance(task, Task)
        return task.owner

    async def parent() -> object:
        return await asyncio.create_task(child())

    async def main() -> tuple[object, object]:
        loop = asyncio.get_running_loop()
        marked = await loop.create_task(parent(), context=owned_by("host"))
        return marked, await loop.create_task(parent())

    assert in_virtual_time(main()) == ("host", None)


def test_the_loop_is_the_one_that_asyncio_says_it_is() -> None:
    async def main() -> bool:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(4))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.sleep(2)
        return isinstance(asyncio.get_running_loop(), VirtualLoop)

    assert in_virtual_time(main())
