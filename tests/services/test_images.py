"""Images looked up when a document is written: refused by field, or left to the launch."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from local.worlds.faults import Call, Fault, LostReply, LostRequest, Refused, Slow
from services.images import LOOK_UP_S, Images, looked_at
from shared.model.parse import parse_create
from shared.model.problems import Rejected
from tests.activities.image_scenes import (
    GALLERY,
    OTHER,
    OTHER_ACCOUNT,
    connect,
    gallery,
    managed_image,
)
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage
from tests.unit.model.documents import LS, body, node, put, windows

IMAGE = f"{LS}.image"
CUSTOM = {"custom": {"resourceGroupName": "fleet", "name": "golden"}}
BYOS = {"publisher": "RedHat", "offer": "rhel-byos", "sku": "rhel-lvm94-gen2", "version": "latest"}
GEN1 = {"publisher": "Debian", "offer": "debian-12", "sku": "12", "version": "latest"}
Prepare = Callable[[Stage], Awaitable[Any]]


def images(stage: Stage) -> Images:
    ports = stage.ports
    return Images(ports.stores.accounts, ports.azure, ports.clock)


def free(**changes: Any) -> dict[str, Any]:
    """Return a document of which nothing persists, changed by dotted paths spelled with `__`."""
    off = {f"persistence__shouldPersist{what}": False for what in ("OsDisk", "DataDisks")}
    return node(**{**off, **changes})


async def checked(stage: Stage, document: dict[str, Any]) -> str:
    return await images(stage).check(KEY.account_id, parse_create(body(document)))


def refused(document: dict[str, Any], prepare: Prepare | None = None) -> list[tuple[str, str]]:
    """Return field, without the root, and code of each problem."""

    async def scene(stage: Stage) -> list[tuple[str, str]]:
        if prepare:
            await prepare(stage)
        with pytest.raises(Rejected) as answer:
            await checked(stage, document)
        return [
            (one.field.removeprefix("statefulNode.compute.launchSpecification."), str(one.code))
            for one in answer.value.errors
        ]

    return played(scene)


def taken(document: dict[str, Any], prepare: Prepare | None = None) -> str:
    async def scene(stage: Stage) -> str:
        if prepare:
            await prepare(stage)
        return await checked(stage, document)

    return played(scene)


async def specialized(stage: Stage) -> None:
    await managed_image(stage, "Specialized")


async def with_data_disk(stage: Stage) -> None:
    await managed_image(stage, luns=(2,))


async def elsewhere(stage: Stage) -> None:
    await gallery(stage, OTHER)
    await connect(stage)


def test_a_plain_document_goes_with_its_image() -> None:
    assert taken(node()) == ""


def test_a_specialized_image_takes_no_login_no_custom_data_and_no_certificates() -> None:
    """R33, R34, R93."""
    secret = {
        "sourceVault": {"name": "v", "resourceGroupName": "g"},
        "vaultCertificates": [{"certificateUrl": "https://v.vault.azure.net/secrets/a/1"}],
    }
    document = put(put(node(), IMAGE, CUSTOM), f"{LS}.customData", "aGk=")
    put(document, f"{LS}.secrets", [secret])

    assert refused(document, specialized) == [
        ("login", "CONFLICTING_FIELDS"),
        ("customData", "CONFLICTING_FIELDS"),
        ("secrets", "CONFLICTING_FIELDS"),
    ]
    plain = put(put(node(), IMAGE, CUSTOM), f"{LS}.login", None)
    assert taken(plain, specialized) == ""


def test_a_generalized_image_needs_a_login() -> None:
    """R32, R49."""
    document = put(put(node(), IMAGE, CUSTOM), f"{LS}.login", None)

    assert refused(document, managed_image) == [("login", "REQUIRED_FIELD")]


def test_an_image_with_data_disks_is_not_for_persisted_data_disks() -> None:
    """R36."""
    document = put(node(), IMAGE, CUSTOM)

    assert refused(document, with_data_disk) == [("image.custom", "CONFLICTING_FIELDS")]
    assert taken(put(free(), IMAGE, CUSTOM), with_data_disk) == ""


def test_a_lun_of_the_image_cannot_be_given_away() -> None:
    disks = [{"lun": lun, "sizeGB": 8, "type": "Premium_LRS"} for lun in (1, 2)]
    document = put(put(free(), IMAGE, CUSTOM), f"{LS}.dataDisks", disks)

    assert refused(document, with_data_disk) == [("dataDisks[1].lun", "CONFLICTING_FIELDS")]


def test_an_image_of_the_other_os_is_refused_where_it_is_named() -> None:
    assert refused(put(windows(), IMAGE, node()["compute"]["launchSpecification"]["image"])) == [
        ("image.marketplace", "CONFLICTING_FIELDS")
    ]


def test_trusted_launch_needs_an_image_that_can() -> None:
    """R41."""
    document = put(node(), f"{LS}.security", {"securityType": "TrustedLaunch"})

    assert taken(document) == ""
    old = put(document, f"{IMAGE}.marketplace", GEN1)
    assert refused(old) == [("security.securityType", "CONFLICTING_FIELDS")]
    managed = put(document, IMAGE, CUSTOM)
    assert refused(managed, managed_image) == [("security.securityType", "CONFLICTING_FIELDS")]


def test_a_plan_is_asked_for_and_compared_by_its_letters() -> None:
    """S106."""
    document = put(node(), f"{IMAGE}.marketplace", BYOS)
    plan = {"publisher": "redhat", "product": "rhel-byos", "name": "rhel-lvm94-gen2"}

    assert refused(document) == [("purchasePlan", "REQUIRED_FIELD")]
    other = put(document, f"{LS}.purchasePlan", {**plan, "publisher": "RedHat"})
    assert refused(other) == [("purchasePlan", "CONFLICTING_FIELDS")]
    assert taken(put(document, f"{LS}.purchasePlan", plan)) == ""
    assert refused(put(node(), f"{LS}.purchasePlan", plan)) == [
        ("purchasePlan", "CONFLICTING_FIELDS")
    ]


def test_an_os_disk_is_not_smaller_than_its_image() -> None:
    document = put(node(), f"{LS}.osDisk", {"type": "Premium_LRS", "sizeGB": 8})

    assert refused(document) == [("osDisk.sizeGB", "OUT_OF_RANGE")]


def test_a_gallery_of_another_account_is_looked_up_there() -> None:
    """R31."""
    shared = {**GALLERY, "spotAccountId": OTHER_ACCOUNT}

    assert taken(put(node(), IMAGE, {"gallery": shared}), elsewhere) == ""
    nobody = {**shared, "spotAccountId": "act-99999999"}
    assert refused(put(node(), IMAGE, {"gallery": nobody}), elsewhere) == [
        ("image.gallery.spotAccountId", "INVALID_VALUE")
    ]


@pytest.mark.parametrize(
    ("image", "field"),
    [
        (CUSTOM, "image.custom.name"),
        ({"gallery": GALLERY}, "image.gallery.imageName"),
        ({"marketplace": {**GEN1, "sku": "none"}}, "image.marketplace"),
    ],
)
def test_an_image_that_is_not_there_is_refused_by_its_field(
    image: dict[str, Any], field: str
) -> None:
    assert refused(put(node(), IMAGE, image)) == [(field, "INVALID_VALUE")]


@pytest.mark.parametrize(
    "fault",
    [
        LostRequest(),
        LostReply(),
        Refused(500),
        Refused(503, "ServerBusy", "busy", 9),
        Refused(429, "TooManyRequests", "too many", 17),
        Refused(403, "AuthorizationFailed", "no role"),
        Slow(LOOK_UP_S * 3),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "status", "")),
)
def test_what_azure_does_not_tell_is_not_held_against_the_document(fault: Fault) -> None:
    async def scene(stage: Stage) -> tuple[str, float]:
        def trouble(_call: Call) -> Fault:
            return fault

        began = stage.ports.clock.now()
        stage.wire.hook = trouble
        why = await checked(stage, node())
        stage.wire.hook = None
        return why, (stage.ports.clock.now() - began).total_seconds()

    why, seconds = played(scene)

    assert why
    assert seconds <= LOOK_UP_S


def test_only_what_a_look_up_judges_needs_another_one() -> None:
    before = parse_create(body(node()))
    other_name = parse_create(body(node(name="other")))
    more = parse_create(body(put(node(), f"{LS}.osDisk", {"type": "Premium_LRS", "sizeGB": 64})))

    assert looked_at(before) == looked_at(other_name)
    assert looked_at(before) != looked_at(more)


def test_an_image_that_a_persisted_disk_hid_is_looked_up_once_the_disk_persists_no_more() -> None:
    """R36: what was changed meanwhile is held against it then."""
    before = parse_create(body(node()))
    after = parse_create(body(put(node(), "persistence.shouldPersistOsDisk", False)))

    assert looked_at(before) != looked_at(after)
