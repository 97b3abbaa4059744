"""Extensions: installed on a running VM in the document's order, their secrets resolved last."""

from typing import Any

from pydantic import SecretStr

from local.arm.extension.wire import mark_of
from shared.contracts.base import Done, Refused
from shared.contracts.vm import INSTALL_EXTENSIONS, InstallExtensions
from tests.activities.acts import DOCUMENT, LAUNCH, NOW, VM_ID
from tests.activities.image_scenes import launch
from tests.activities.scenes import left_by, played
from tests.activities.stage import KEY, Stage

SETUP = {
    "name": "setup",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
}
REF = "ssn-0000cafe-1-ext-a"
NAMES = ("first", "second")


async def up(stage: Stage, extensions: list[dict[str, Any]]) -> None:
    """A node whose VM runs and has no extension yet."""
    await stage.node(**{**DOCUMENT, f"{LAUNCH}__extensions": extensions})
    await launch(stage)


async def install(stage: Stage) -> Any:
    request = InstallExtensions(work=stage.work("extensions", NOW), vm_resource_id=VM_ID)
    return await stage.ask(INSTALL_EXTENSIONS, request)


async def with_two(stage: Stage) -> None:
    await up(stage, [{**SETUP, "name": name} for name in NAMES])


async def with_secret(stage: Stage) -> None:
    await up(stage, [{**SETUP, "protectedSettingsRef": REF}])


def test_each_extension_is_installed_under_its_name() -> None:
    """S77: in the document's order, right after the VM came up."""

    async def scene(stage: Stage) -> tuple[Any, list[str]]:
        answer = await install(stage)
        return answer, [call["resource"].rsplit("/", 1)[-1] for call in stage.written("extensions")]

    answer, names = played(scene, left_by(with_two))

    assert isinstance(answer, Done)
    assert names == ["first", "second"]


def test_protected_settings_are_resolved_last_and_sent() -> None:
    """S75, S78: the document holds a name; the value goes from the secret store to Azure."""

    async def scene(stage: Stage) -> tuple[Any, Any]:
        await stage.ports.stores.secrets.put(REF, SecretStr('{"key": "whisper"}'))
        return await install(stage), stage.find(f"{VM_ID}/extensions/setup")

    answer, extension = played(scene, left_by(with_secret))

    assert isinstance(answer, Done)
    assert extension.sim["protected"] == mark_of({"key": "whisper"})
    assert "whisper" not in str(extension)


def test_an_extension_whose_secret_is_gone_is_not_installed_without_it() -> None:
    async def scene(stage: Stage) -> tuple[Any, Any]:
        return await install(stage), stage.find(f"{VM_ID}/extensions/setup")

    answer, there = played(scene, left_by(with_secret))

    assert isinstance(answer, Refused)
    assert answer.code == "ProtectedSettingsGone"
    assert "send them again" in answer.message
    assert there is None


def test_one_refused_extension_does_not_keep_the_others_from_being_installed() -> None:
    async def scene(stage: Stage) -> tuple[Any, set[str]]:
        stage.fault(
            "refuse",
            "*extensions/write",
            status=400,
            code="VMExtensionProvisioningError",
            message="no",
            times=1,
        )
        return await install(stage), set(stage.there("extensions"))

    answer, names = played(scene, left_by(with_two))

    assert isinstance(answer, Refused)
    assert names == {"second"}


def test_a_new_vm_has_its_extensions_installed_anew() -> None:
    """S77: they end with the VM that had them."""

    async def scene(stage: Stage) -> tuple[set[str], set[str]]:
        await install(stage)
        before = set(stage.there("extensions"))
        await stage.arm("DELETE", VM_ID)
        await stage.ports.clock.sleep(300)
        assert stage.there("extensions") == {}
        record = await stage.ports.stores.nodes.get(KEY)
        assert record is not None
        await launch(stage, generation=2)
        await install(stage)
        return before, set(stage.there("extensions"))

    before, after = played(scene, left_by(with_two))

    assert before == after == {"first", "second"}
