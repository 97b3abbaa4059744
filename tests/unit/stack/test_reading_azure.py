"""The runner reads the simulated Azure without taking what the product needs."""

from typing import Any

import pytest

from local.stack.arm import try_read
from local.stack.body import power_of
from local.stack.http import Answer, Json, Web
from local.stack.trouble import Trouble

VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"


class Scripted(Web):
    """A server that answers what it is told to, in this order."""

    asked: list[str]
    answers: list[Answer]

    async def call(self, _method: str, path: str, _body: Json | None = None) -> Answer:
        self.asked.append(path)
        return self.answers.pop(0)


def scripted(*answers: tuple[int, Json]) -> Scripted:
    session: Any = None  # nobody is asked in earnest
    web = Scripted(session, "http://127.0.0.1:1")
    object.__setattr__(web, "asked", [])
    object.__setattr__(web, "answers", [Answer(*one) for one in answers])
    return web


async def test_a_read_that_azure_has_no_quota_for_is_asked_again() -> None:
    web = scripted((429, {}), (429, {}), (200, {"name": "vm"}))

    assert await try_read(web, VM) == {"name": "vm"}
    assert len(web.asked) == 3


async def test_only_a_404_says_that_nothing_is_there() -> None:
    assert await try_read(scripted((404, {})), VM) is None
    with pytest.raises(Trouble, match="500"):
        await try_read(scripted((500, {})), VM)


async def test_the_power_of_a_vm_is_asked_of_the_world_and_takes_no_read_of_the_vms() -> None:
    up = {"vms": [{"id": VM.upper(), "power": "running"}]}
    web = scripted((200, up), (200, {"vms": []}))

    assert (await power_of(web, VM), await power_of(web, VM)) == ("running", "gone")
    assert web.asked == ["/_world/vms", "/_world/vms"]
