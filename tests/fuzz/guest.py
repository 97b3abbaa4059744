"""What runs inside the node's VMs: it says when it is ready, now and then it forgets to."""

import asyncio
import random
from contextlib import suppress
from typing import Any, Final

from local.arm.chronicle import Change, Happening
from local.arm.portrait import VM, Portrait
from local.worlds.boot import HostDownError
from local.worlds.inprocess import InProcess
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.picture import is_up
from local.worlds.loop import owned_by

READY_AFTER_S: Final = 20.0
TRIES: Final = 4
TRY_EVERY_S: Final = 15.0
"""A guest asks again when nobody answers, as a script with a loop does."""
MUTE: Final = 0.15
"""Part of the VMs that never speak; never two in a row, which nothing would cure."""


class Guest:
    """Speaks for each VM of a world that comes up, if its document asks for a word."""

    def __init__(self, world: InProcess, document: dict[str, Any], seed: int) -> None:
        signals = document["strategy"].get("signals") or ()
        self._asked = any(one["type"] == "vmReady" for one in signals)
        self._group = document["resourceGroupName"]
        self._dice = random.Random(f"{seed}/guest")  # noqa: S311 - chance
        self._world = world
        self._was_mute = False
        self._is_hushed = False
        self.spoke: set[str] = set()
        """Birth marks of the VMs that tried to say that they are ready, heard or not."""
        self._booted: set[str] = set()
        """What has been up since it last was off: it does not say the same twice."""
        self._down: set[str] = set()
        """What is not up, whatever it is: a VM that is down says nothing."""
        self._speaking: set[asyncio.Task[None]] = set()

    def hush(self) -> None:
        """Let the next VM that comes up say nothing."""
        self._is_hushed = True

    def hear(self, happening: Happening) -> None:
        """Notice a VM that has come up."""
        if not self._asked or not isinstance(happening, Change):
            return
        after = happening.after
        self._down.discard(happening.id) if is_up(after) else self._down.add(happening.id)
        if after is None or after.type != VM or not self._boots(after):
            return
        by_chance = not self._was_mute and self._dice.random() < MUTE
        self._was_mute, self._is_hushed = by_chance or self._is_hushed, False
        if self._was_mute:
            return
        # The VM speaks, not the host in whose turn it came up: it does not die with that one.
        speech = self._speak(after)
        task = asyncio.get_running_loop().create_task(speech, context=owned_by(None))
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    def _boots(self, vm: Portrait) -> bool:
        """Tell whether a VM is up for the first time since it was off: a change is no boot."""
        if vm.power != "running":
            self._booted.discard(vm.born)
        was_up = vm.born in self._booted
        if is_up(vm):
            self._booted.add(vm.born)
        return is_up(vm) and not was_up

    async def _speak(self, vm: Portrait) -> None:
        await self._world.sleep(READY_AFTER_S * self._dice.random())
        said = {"vmName": name_of(vm.id), "resourceGroupName": self._group, "signalType": "vmReady"}
        for _ in range(TRIES):
            if vm.id in self._down:
                return
            self.spoke.add(vm.born)
            with suppress(HostDownError):
                answer = await self._world.api("POST", "/azure/compute/vm/signal", said)
                if answer.status < 500:
                    return
            await self._world.sleep(TRY_EVERY_S)
