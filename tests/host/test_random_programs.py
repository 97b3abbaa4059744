import itertools
from typing import Any

import pytest

from local.host.host import Host
from tests.host.programs import Programs, expected, fits
from tests.host.support import outcome, start, virtually

RUNS = itertools.count()


@pytest.mark.parametrize("seed", range(8))
def test_random_programs_never_hang_and_no_result_reaches_the_wrong_task(seed: int) -> None:
    source = Programs(seed)
    programs = [source.program() for _ in range(30)]
    run = next(RUNS)

    async def scenario(host: Host) -> list[Any]:
        names = [f"r{run}-{number}" for number in range(len(programs))]
        for name, program in zip(names, programs, strict=True):
            await start(host, "run_program", program, name)
        return [await outcome(host, name) for name in names]

    results = virtually(scenario)

    for program, (status, trace) in zip(programs, results, strict=True):
        assert status == "Completed", (program, trace)
        assert fits(expected(program), trace), (program, trace)
