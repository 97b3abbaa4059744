"""What an image rules out, in each place where a document can name it: create, edit, import."""

from typing import Any, Final

import pytest

from local.worlds.inprocess import NODES, Answer, InProcess
from tests.unit.model.documents import LS, PUBLIC_KEY, put
from tests.virtual import sources
from tests.virtual.disks import HOUR_S, idle, turned
from tests.virtual.images import (
    GALLERY,
    SETTLE_S,
    custom,
    gallery_image,
    gallery_version,
    managed,
    of_gallery,
    source_disk,
)
from tests.virtual.support import document, reach, status, tell
from tests.virtual.test_import import lines

Json = dict[str, Any]
LOGIN: Final = {"userName": "azureuser", "sshPublicKey": PUBLIC_KEY}
CERTIFICATES: Final = [
    {
        "sourceVault": {"name": "v", "resourceGroupName": "g"},
        "vaultCertificates": [{"certificateUrl": "https://v.vault.azure.net/secrets/a/1"}],
    }
]
SPECIALIZED: Final = of_gallery("special")
WITH_DISKS: Final = (custom("with-disks"), of_gallery("with-disks"))
FORBIDDEN: Final[dict[str, Any]] = {
    "login": LOGIN,
    "customData": "aGk=",
    "secrets": CERTIFICATES,
}
"""R33, R34, R93: fields that a specialized image has no use for."""


async def images(world: InProcess) -> None:
    """A specialized image; and two with a data disk, managed and of a gallery."""
    await source_disk(world)
    await gallery_image(world, "special", "Specialized")
    await managed(world, "with-disks", luns=(7,))
    await gallery_image(world, "with-disks", luns=(7,))


def wanted(image: Json, *, keeps_data: bool = False, **launch: Any) -> Json:
    """A node whose OS disk does not persist, made of an image."""
    node: Json = document()["statefulNode"]
    keeps = {"OsDisk": False, "DataDisks": keeps_data, "Network": False}
    node["persistence"] = {f"shouldPersist{name}": value for name, value in keeps.items()}
    for name, value in {"image": image, "login": None, "dataDisks": None, **launch}.items():
        put(node, f"{LS}.{name}", value)
    return node


def change(launch: Json, **persistence: bool) -> Json:
    """The part of a document that an edit sends, or an import."""
    return {"persistence": persistence, "compute": {"launchSpecification": launch}}


def refusals(answer: Answer) -> list[str]:
    """Return the fields that were refused, without what leads to the node."""
    assert answer.status == 400, answer
    found = [one["field"] for one in answer.body["response"]["errors"]]
    return [one.removeprefix("statefulNodeImport.").split(".", 1)[1] for one in found]


async def made(world: InProcess, node: Json) -> str:
    answer = await world.api("POST", NODES, {"statefulNode": node})
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    await idle(world, node_id)
    return node_id


async def edits(world: InProcess, node_id: str, *changes: Json) -> list[Answer]:
    path = f"{NODES}/{node_id}"
    return [await world.api("PUT", path, {"statefulNode": one}) for one in changes]


async def create(world: InProcess, image: Json, launch: Json, *, keeps_data: bool) -> Answer:
    node = wanted(image, keeps_data=keeps_data, **launch)
    return await world.api("POST", NODES, {"statefulNode": node})


async def edit(world: InProcess, image: Json, launch: Json, *, keeps_data: bool) -> Answer:
    node_id = await made(world, wanted(image, login=None if image == SPECIALIZED else LOGIN))
    more = {"shouldPersistDataDisks": True} if keeps_data else {}
    (answer,) = await edits(world, node_id, change(launch, **more))
    return answer


async def import_(world: InProcess, image: Json, launch: Json, *, keeps_data: bool) -> Answer:
    await sources.source(world)
    persistence = {"shouldPersistOsDisk": False, "shouldPersistDataDisks": keeps_data}
    said = change({"image": image, **launch}, **persistence)
    return await world.api("POST", sources.IMPORT, sources.call(said))


PLACES: Final = {"create": create, "edit": edit, "import": import_}


@pytest.mark.parametrize("field", FORBIDDEN)
@pytest.mark.parametrize("place", PLACES)
def test_a_specialized_image_is_told_nothing_of_its_users(place: str, field: str) -> None:
    """R33, R34, R93: no login, no custom data, no certificates; wherever the document is from."""

    async def story(world: InProcess) -> Answer:
        await images(world)
        said = {field: FORBIDDEN[field]}
        return await PLACES[place](world, SPECIALIZED, said, keeps_data=False)

    assert refusals(tell(story)) == [f"{LS}.{field}"]


@pytest.mark.parametrize("image", WITH_DISKS, ids=lambda image: next(iter(image)))
@pytest.mark.parametrize("place", PLACES)
def test_an_image_with_data_disks_is_refused_where_data_disks_persist(
    place: str, image: Json
) -> None:
    """R36."""

    async def story(world: InProcess) -> Answer:
        await images(world)
        login = {} if place == "edit" else {"login": LOGIN}
        return await PLACES[place](world, image, login, keeps_data=True)

    assert refusals(tell(story)) == [f"{LS}.image.{next(iter(image))}"]


def test_what_the_persisted_os_disk_hid_of_its_image_is_found_once_it_persists_no_more() -> None:
    """R36: an image that no VM needs is not looked up; the one that the next VM needs is."""

    async def story(world: InProcess) -> list[Answer]:
        await images(world)
        node = wanted(WITH_DISKS[0], login=LOGIN)
        node["persistence"]["shouldPersistOsDisk"] = True
        node_id = await made(world, node)
        return await edits(
            world,
            node_id,
            change({}, shouldPersistDataDisks=True),
            change({}, shouldPersistOsDisk=False),
        )

    taken, refused = tell(story)

    assert taken.status == 200
    assert refusals(refused) == [f"{LS}.image.custom"]


def test_a_node_of_a_specialized_image_is_launched_without_a_login_time_and_again() -> None:
    """R32, R33: a VM made anew is told nothing either."""

    async def story(world: InProcess) -> Any:
        await images(world)
        node_id = await made(world, wanted(SPECIALIZED))
        await turned(world, node_id, "recycle", "ACTIVE")
        (vm,) = [one for one in world.arm.resources.values() if "vmId" in one.properties]
        return "osProfile" in vm.properties, vm.sim["power"]

    assert tell(story) == (False, "running")


def test_no_vm_is_given_up_for_one_whose_image_is_gone_and_an_edit_mends_it() -> None:
    """R30, S12: a recycle, asked for or of the schedule, and a resume are refused by the field."""

    async def story(world: InProcess) -> Any:
        await source_disk(world)
        await gallery_image(world, "web")
        node = wanted(of_gallery("web"), login=LOGIN)
        daily = {"isEnabled": True, "type": "recycle", "cronExpression": "0 15 * * *"}
        node_id = await made(world, node | {"scheduling": {"tasks": [daily]}})
        await world.azure.ask("DELETE", f"{GALLERY}/images/web/versions/1.0.0")
        await world.sleep(SETTLE_S)
        path = f"{NODES}/{node_id}/state"
        asked = [await world.api("PUT", path, {"state": "recycle"})]
        await world.sleep(4 * HOUR_S)
        seen = [await status(world, node_id)]
        log = await lines(world, node_id)
        await turned(world, node_id, "pause", "PAUSED")
        asked.append(await world.api("PUT", path, {"state": "resume"}))
        seen.append(await status(world, node_id))
        await gallery_version(world, "web", "2.0.0")
        newest = change({"image": of_gallery("web", "latest")})
        (edited,) = await edits(world, node_id, newest)
        await turned(world, node_id, "resume", "ACTIVE")
        return asked, seen, log, edited

    asked, seen, log, edited = tell(story)

    assert [refusals(one) for one in asked] == [[f"{LS}.image.gallery.versionName"]] * 2
    assert seen == ["ACTIVE", "PAUSED"]
    assert "scheduled recycle at 2026-03-01 15:00 UTC skipped: " in log
    assert edited.status == 200
