"""A VM that gets its login anew is not made without its password."""

from typing import Any

from pydantic import SecretStr

from shared.contracts.base import Refused
from shared.contracts.nic import ENSURE_NICS, EnsureNics
from shared.contracts.vm import CREATE_VM, VmUp
from tests.activities.acts import DOCUMENT, LAUNCH, NOW, SETUP, VM_ID, first_vm
from tests.activities.scenes import left_by, played
from tests.activities.stage import Stage

REF = "ssn-0000cafe--login--1"


async def with_password(stage: Stage) -> None:
    """A node whose document names a password that may or may not be kept."""
    login = {"userName": "mooring", "passwordRef": REF}
    await stage.node(**{**DOCUMENT, f"{LAUNCH}__login": login})
    ready = await stage.ask(ENSURE_NICS, EnsureNics(work=stage.work("nics", SETUP), generation=1))
    await stage.put_run(nics=ready.nics)


async def launch(stage: Stage) -> Any:
    return await stage.ask(CREATE_VM, await first_vm(stage, NOW))


def test_a_password_that_is_gone_is_asked_for_and_nothing_is_made() -> None:
    async def scene(stage: Stage) -> Any:
        return await launch(stage), stage.find(VM_ID), stage.written("virtualMachines/write")

    answer, vm, writes = played(scene, left_by(with_password))

    assert isinstance(answer, Refused)
    assert answer.code == "PasswordGone"
    assert "send it again" in answer.message
    assert (vm, writes) == (None, [])


def test_a_password_that_is_kept_is_sent() -> None:
    async def scene(stage: Stage) -> Any:
        await stage.ports.stores.secrets.put(REF, SecretStr("Correct-Horse-9"))
        return await launch(stage)

    assert isinstance(played(scene, left_by(with_password)), VmUp)
