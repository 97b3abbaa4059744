"""One seed, one byte stream."""

import os
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from local.worlds import inprocess
from local.worlds.faults import Call, Fault, Killed, LostReply, Moment, Refused, Slow
from local.worlds.inprocess import InProcess
from tests.virtual.support import active_node, evict, reach, short_life, tell

PROGRAM = """
import sys
from tests.virtual.support import short_life, tell
sys.stdout.buffer.write(tell(short_life, int(sys.argv[1])))
"""


def rough_hook(call: Call) -> Fault | None:
    """Let something befall every so many calls."""
    faults: dict[int, Fault] = {
        3: LostReply(),
        7: Refused(503),
        11: Slow(3.0),
        61: Killed(Moment.AFTER, 9.0),
    }
    return faults.get(call.count % 97)


async def rough_life(world: InProcess) -> bytes:
    world.wire.hook = rough_hook
    node_id = await active_node(world)
    await evict(world, node_id)
    await reach(world, node_id, "ACTIVE")
    return bytes(world.log)


def test_one_seed_gives_one_log_whatever_ran_before_in_the_process() -> None:
    first = tell(short_life, 42)
    tell(rough_life, 5)

    again = tell(short_life, 42)

    assert first == again


def test_another_seed_gives_another_log() -> None:
    assert tell(short_life, 42) != tell(short_life, 43)


def test_faults_and_kills_are_repeated_byte_for_byte() -> None:
    logs = [tell(rough_life, 5) for _ in range(2)]

    assert logs[0] == logs[1]
    assert b" kill host 1" in logs[0]


def test_two_processes_with_other_hashes_of_text_write_the_same_bytes() -> None:
    logs = [_in_a_process(hash_seed) for hash_seed in ("1", "2")]

    assert sha256(logs[0]).hexdigest() == sha256(logs[1]).hexdigest()
    assert logs[0] == tell(short_life, 42)


def _in_a_process(hash_seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    words = [sys.executable, "-c", PROGRAM, "42"]
    return subprocess.run(words, env=environment, capture_output=True, check=True).stdout


def test_the_liberties_taken_with_the_sdk_change_nothing(monkeypatch: Any) -> None:
    quick = tell(rough_life, 5)

    @contextmanager
    def unhurried() -> Any:
        yield

    monkeypatch.setattr(inprocess, "hurried", unhurried)

    assert tell(rough_life, 5) == quick
