"""An account's own login leads its nodes' lives, where the managed identity may do nothing."""

from typing import Any

from local.credential import TOKEN
from local.worlds.ground import ACCOUNT, GROUP, REGION, SUBSCRIPTION
from local.worlds.inprocess import NODES, InProcess
from services.setup import run as set_up
from tests.unit.model.documents import LS, put
from tests.virtual.disks import idle
from tests.virtual.support import BOUND_S, active_node, document, evict, reach, status, tell

CREDENTIALS = "/azure/setup/credentials"
OTHER = "5b5c0000-0000-4000-8000-000000000002"
SECOND = "act-0000f00d"
TENANT = "7e4a4000-0000-4000-8000-000000000000"
CLIENT = "c11e0000-0000-4000-8000-000000000001"
POWERLESS = "c11e0000-0000-4000-8000-0000000000ff"
SECRET = "abc-a-secret-of-forty-characters-00000001"  # noqa: S105 - opens the simulator alone
GALLERY = f"{GROUP.replace(SUBSCRIPTION, OTHER)}/providers/Microsoft.Compute/galleries/ours"
DELETE = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        **{
            f"{kind}DeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0}
            for kind in ("network", "disk", "snapshot", "publicIp")
        },
    }
}


async def application(world: InProcess, client_id: str, *subscriptions: str) -> None:
    known = {"tenant": TENANT, "secrets": {SECRET: None}, "subscriptions": [*subscriptions]}
    await world.azure.ask("PUT", f"/_world/applications/{client_id}", known)


async def powerless_identity(world: InProcess) -> None:
    """Let the managed identity that the app runs as reach no subscription."""
    await application(world, POWERLESS)
    await world.azure.ask("PUT", f"/_world/callers/{TOKEN}", {"appid": POWERLESS})


async def speaks(world: InProcess, *subscriptions: str) -> None:
    """Let a service principal speak for the account; of the subscriptions that it may reach."""
    await application(world, CLIENT, *subscriptions)
    sent = {
        "clientId": CLIENT,
        "clientSecret": SECRET,
        "tenantId": TENANT,
        "subscriptionId": SUBSCRIPTION,
    }
    assert (await world.api("POST", CREDENTIALS, sent)).status == 200
    await world.sleep(61)  # by then every worker knows


def refused(world: InProcess) -> dict[str, int]:
    """Return the calls that Azure refused for want of a right, of those that are counted."""
    return {name: count for name, count in world.arm.calls.counts.items() if name.endswith(" 403")}


def test_a_node_lives_and_dies_by_the_service_principal_of_its_account() -> None:
    """S95, R2: create, eviction, recycle, pause, resume, delete; the fleet is seen, too."""

    async def story(world: InProcess) -> Any:
        await powerless_identity(world)
        await speaks(world, SUBSCRIPTION)
        world.arm.calls.forget()
        node_id = await active_node(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        for state, wanted in (("recycle", "ACTIVE"), ("pause", "PAUSED"), ("resume", "ACTIVE")):
            answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": state})
            assert answer.status == 200, answer
            await idle(world, node_id)
            assert await status(world, node_id) == wanted
        plan = {"action": "recycle", "nodeId": node_id}
        assert (await world.api("POST", f"{NODES}/plan", plan)).status == 200
        assert (await world.api("GET", f"{NODES}/{node_id}/resources")).status == 200
        assert (await world.api("DELETE", f"{NODES}/{node_id}", DELETE)).status == 200
        await world.run_until(lambda: gone(world, node_id), BOUND_S)
        left = [
            one.id for one in world.arm.resources.values() if "mooring" in str(one.body.get("tags"))
        ]
        return refused(world), left, [one for one in world.complaints.lines if "fleet" in one]

    assert tell(story) == ({}, [], [])


async def gone(world: InProcess, node_id: str) -> bool:
    return await status(world, node_id) == ""


def test_an_eviction_without_an_event_is_seen_by_the_login_of_the_nodes_own_account() -> None:
    """Two accounts of one subscription: the first one's login may nothing, the node's may all."""

    async def story(world: InProcess) -> Any:
        await powerless_identity(world)
        words = ("account", "--id", SECOND, "--name", "first", "--subscription", SUBSCRIPTION)
        await set_up(words, world._environment())
        await age(world, SECOND)
        await speaks(world, SUBSCRIPTION)
        await world.azure.ask("DELETE", "/_world/subscribers/mooring")
        node_id = await active_node(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return refused(world)

    assert tell(story) == {}


async def age(world: InProcess, account_id: str) -> None:
    """Make an account the oldest: it is the first of its subscription."""
    accounts = (await _stores(world)).accounts
    await accounts.change(
        account_id,
        lambda one: one.model_copy(update={"created_at": one.created_at.replace(year=2020)}),
    )
    assert [one.id for one in await accounts.list()] == [SECOND, ACCOUNT]


async def _stores(world: InProcess) -> Any:
    assert world._boot is not None
    return (await world._boot._composition.get()).ports.stores


async def foreign_gallery(world: InProcess) -> dict[str, Any]:
    """Make an image in a gallery of the other subscription; return a node of it."""
    await world.azure.ask("PUT", f"/_world/subscriptions/{OTHER}", {"displayName": "other"})
    words = ("account", "--id", SECOND, "--name", "other", "--subscription", OTHER)
    await set_up(words, world._environment())
    base = GALLERY.rpartition("/providers/")[0]
    await world.azure.ask("PUT", base, {"location": REGION})
    disk = f"{base}/providers/Microsoft.Compute/disks/source"
    empty = {"diskSizeGB": 30, "creationData": {"createOption": "Empty"}}
    linux = {"osType": "Linux", "hyperVGeneration": "V2"}
    identifier = {"publisher": "p", "offer": "o", "sku": "s"}
    definition = {**linux, "osState": "Generalized", "identifier": identifier}
    storage = {"storageProfile": {"osDiskImage": {"source": {"id": disk}}}}
    for path, properties in (
        (disk, empty | linux),
        (GALLERY, {}),
        (f"{GALLERY}/images/web", definition),
        (f"{GALLERY}/images/web/versions/1.0.0", storage),
    ):
        await world.azure.ask("PUT", path, {"location": REGION, "properties": properties})
        await world.sleep(900)
    gallery = {
        "resourceGroupName": base.rpartition("/")[2],
        "galleryName": "ours",
        "imageName": "web",
        "versionName": "latest",
        "spotAccountId": SECOND,
    }
    return {"statefulNode": put(document()["statefulNode"], f"{LS}.image", {"gallery": gallery})}


def test_an_image_of_another_accounts_gallery_is_used_by_a_login_that_may_read_it_there() -> None:
    """R31, S79: the node's own login makes the VM, so it is the one that must read the image."""

    async def story(world: InProcess) -> Any:
        sent = await foreign_gallery(world)
        await powerless_identity(world)
        await speaks(world, SUBSCRIPTION, OTHER)
        world.arm.calls.forget()
        answer = await world.api("POST", NODES, sent)
        assert answer.status == 200, answer
        node_id = str(answer.items[0]["id"])
        await reach(world, node_id, "ACTIVE")
        return refused(world)

    assert tell(story) == {}


def test_a_login_that_may_not_read_the_gallery_is_told_in_azures_words() -> None:
    """R31: the image cannot be looked up, the log says so, and the launch ends with the refusal."""

    async def story(world: InProcess) -> Any:
        sent = await foreign_gallery(world)
        await powerless_identity(world)
        await speaks(world, SUBSCRIPTION)
        answer = await world.api("POST", NODES, sent)
        assert answer.status == 200, answer
        node_id = str(answer.items[0]["id"])
        await reach(world, node_id, "ERROR")
        days = "fromDate=2020-01-01&toDate=2040-01-01&severity=WARN"
        log = await world.api("GET", f"{NODES}/{node_id}/log?{days}")
        shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
        return shown["errorReason"], [one["message"] for one in log.items]

    reason, warnings = tell(story)
    assert "LinkedAuthorizationFailed" in reason
    assert CLIENT in reason
    assert f"{GALLERY}/images/web" in reason
    assert any("could not be looked up" in one for one in warnings)
