from typing import Any

import pytest

from shared.model.parse import Present, parse_create, parse_update
from shared.model.problems import Rejected
from shared.model.secrets import references, split_secrets
from shared.model.wire import from_stored, to_stored, to_wire
from tests.unit.model.documents import (
    LS,
    OTHER_KEY,
    PASSWORD,
    PUBLIC_KEY,
    body,
    drop,
    node,
    put,
    windows,
)

EXTENSION = {
    "name": "script",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
}


def stored_of(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    plain, secrets = split_secrets(parse_create(body(document)), "ssn-1")
    return to_stored(plain), secrets


def updated(document: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    stored, secrets = stored_of(document)
    return to_wire(
        split_secrets(parse_update(Present(stored, secrets=secrets), body(change)), "n")[0]
    )


def refused(document: dict[str, Any], change: dict[str, Any], **present: Any) -> list[str]:
    stored, secrets = stored_of(document)
    with pytest.raises(Rejected) as answer:
        parse_update(Present(stored, **({"secrets": secrets} | present)), body(change))
    return [one.field.removeprefix("statefulNode.") for one in answer.value.errors]


def free(**changes: Any) -> dict[str, Any]:
    """Return a document with nothing persisted, so nothing is locked."""
    return put(node(**changes), "persistence.shouldPersistOsDisk", False)


def change(path: str, value: Any) -> dict[str, Any]:
    return put({}, path, value)


def test_absent_keeps_null_clears_and_an_empty_object_changes_nothing() -> None:
    document = free(health={"gracePeriod": 5}, description="old", scheduling={"tasks": []})
    put(document, "strategy.availabilityVsCost", 40)

    assert updated(document, {"health": {}, "strategy": {}, "persistence": {}}) == updated(
        document, {}
    )
    assert updated(document, {}) == to_wire(parse_create(body(document)))
    assert "health" not in updated(document, {"health": None})
    assert "description" not in updated(document, {"description": None})
    assert (
        "availabilityVsCost"
        not in updated(document, change("strategy.availabilityVsCost", None))["strategy"]
    )


def test_clearing_the_last_field_of_an_object_unsets_the_object() -> None:
    document = free(health={"gracePeriod": 5})

    assert "health" not in updated(document, {"health": {"gracePeriod": None}})


def test_a_default_comes_back_when_its_field_is_cleared() -> None:
    document = free()
    put(document, "strategy.revertToSpot", {"performAt": "never"})

    assert updated(document, change("strategy.revertToSpot", None))["strategy"]["revertToSpot"] == {
        "performAt": "always"
    }


def test_arrays_are_replaced_whole_and_objects_deeply_merged() -> None:
    tags = [{"tagKey": "a", "tagValue": "1"}, {"tagKey": "b", "tagValue": "2"}]
    document = put(free(), f"{LS}.tags", tags)

    after = updated(document, change(f"{LS}.tags", [{"tagKey": "c"}]))

    launch = after["compute"]["launchSpecification"]
    assert launch["tags"] == [{"tagKey": "c"}]
    assert launch["login"] == {"userName": "mooring", "sshPublicKey": PUBLIC_KEY}


def test_naming_another_kind_of_image_takes_the_first_away() -> None:
    custom = {"resourceGroupName": "fleet", "name": "golden"}

    after = updated(free(), change(f"{LS}.image", {"custom": custom}))

    assert after["compute"]["launchSpecification"]["image"] == {"custom": custom}


def test_changing_one_field_of_the_same_image_keeps_its_others() -> None:
    after = updated(free(), change(f"{LS}.image.marketplace.version", "1.2.3"))

    image = after["compute"]["launchSpecification"]["image"]["marketplace"]
    assert (image["publisher"], image["version"]) == ("Canonical", "1.2.3")


def test_from_listed_to_described_sizes_takes_a_null_for_the_list() -> None:
    attributes = {"minCpu": 2}

    after = updated(
        free(), change("compute.vmSizes", {"spotSizes": None, "spotSizeAttributes": attributes})
    )

    assert after["compute"]["vmSizes"] == {
        "odSizes": ["standard_d2s_v5"],
        "spotSizeAttributes": attributes,
    }
    assert refused(free(), change("compute.vmSizes.spotSizeAttributes", attributes)) == [
        "compute.vmSizes.spotSizeAttributes"
    ]


def test_the_result_is_judged_whole_and_named_as_the_client_spelled_it() -> None:
    assert refused(free(), change("compute.preferredZone", "2")) == ["compute.preferredZone"]
    assert refused(free(), {"name": None}) == ["name"]
    assert refused(free(), change("compute.loadBalancersConfig", 7)) == [
        "compute.loadBalancersConfig"
    ]
    assert refused(free(), {"hue": 1}) == ["hue"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("region", "westus2"), ("resourceGroupName", "other"), ("compute.os", "Windows")],
)
def test_what_the_node_is_cannot_be_changed_but_may_be_repeated(path: str, value: str) -> None:
    """S43."""
    assert path in refused(free(), change(path, value))
    same = {"region": "eastus", "resourceGroupName": "fleet", "compute.os": "Linux"}[path]
    assert updated(free(), change(path, same)) == updated(free(), {})


LOCKED_BY_OS_DISK = [
    pytest.param(
        "image", {"custom": {"name": "a", "resourceGroupName": "b"}}, "image.custom", id="R17-image"
    ),
    pytest.param("image.marketplace.sku", "other", "image.marketplace.sku", id="R17-sku"),
    pytest.param("login.userName", "ann", "login.userName", id="R16-user"),
    pytest.param("login.sshPublicKey", OTHER_KEY, "login.sshPublicKey", id="R16-key"),
    pytest.param("login.password", PASSWORD, "login.password", id="R16-password"),
    pytest.param("login", None, "login", id="R16-clear"),
    pytest.param("customData", "bmV3", "customData", id="R18-custom-data"),
    pytest.param("customData", None, "customData", id="R94-clear"),
    pytest.param("shutdownScript", "bmV3", "shutdownScript", id="R97-shutdown-script"),
]


@pytest.mark.parametrize(("name", "value", "field"), LOCKED_BY_OS_DISK)
def test_a_persisted_os_disk_locks_what_it_carries(name: str, value: Any, field: str) -> None:
    """R16, R17, R18, R35, R52, R94, R97."""
    document = node()
    put(document, f"{LS}.customData", "b2xk")
    put(document, f"{LS}.shutdownScript", "b2xk")
    unlocked = put(dict(document), "name", "web")

    assert refused(document, change(f"{LS}.{name}", value)) == [f"{LS}.{field}"]
    off = put(change(f"{LS}.{name}", value), "persistence.shouldPersistOsDisk", False)
    assert updated(unlocked, off)["persistence"]["shouldPersistOsDisk"] is False


NICS = f"{LS}.network.networkInterfaces"
LOCKED_BY_NETWORK = [
    pytest.param(
        f"{LS}.network.virtualNetworkName", "other", f"{LS}.network.virtualNetworkName", id="vnet"
    ),
    pytest.param(
        NICS, [{"isPrimary": True, "subnetName": "b"}], f"{NICS}[0].subnetName", id="subnet"
    ),
    pytest.param(
        NICS,
        [{"isPrimary": True, "subnetName": "default"}, {"isPrimary": False, "subnetName": "b"}],
        NICS,
        id="one-more",
    ),
    pytest.param(
        NICS,
        [{"isPrimary": True, "subnetName": "default", "enableIpForwarding": True}],
        f"{NICS}[0].enableIpForwarding",
        id="forwarding",
    ),
]


@pytest.mark.parametrize(("path", "value", "field"), LOCKED_BY_NETWORK)
def test_a_persisted_network_locks_every_nic_setting(path: str, value: Any, field: str) -> None:
    """R22, R85."""
    document = put(node(), "persistence.shouldPersistNetwork", True)

    assert refused(document, change(path, value)) == [field]
    off = put(change(path, value), "persistence.shouldPersistNetwork", False)
    assert updated(document, off)["persistence"]["shouldPersistNetwork"] is False


def test_user_data_and_all_else_stay_editable_under_full_persistence() -> None:
    """R89, R94, S42, S98."""
    document = put(node(), "persistence.shouldPersistNetwork", True)
    change_ = put({}, f"{LS}.userData", "bmV3")
    put(change_, f"{LS}.osDisk", {"type": "Premium_LRS", "sizeGB": 256})
    put(change_, "compute.zones", ["1"])

    after = updated(document, change_)

    assert after["compute"]["launchSpecification"]["userData"] == "bmV3"


def test_switching_persistence_on_and_changing_the_image_at_once_is_refused() -> None:
    change_ = put(
        change(f"{LS}.image.marketplace.sku", "x"), "persistence.shouldPersistOsDisk", True
    )

    assert refused(free(), change_) == [f"{LS}.image.marketplace.sku"]


def test_persistence_is_fixed_while_the_node_is_not_active() -> None:
    """R20, R24."""
    change_ = change("persistence.shouldPersistNetwork", True)

    assert refused(node(), change_, persistence_editable=False) == [
        "persistence.shouldPersistNetwork"
    ]
    same = change("persistence.shouldPersistNetwork", False)
    stored, _ = stored_of(node())
    assert parse_update(Present(stored, persistence_editable=False), body(same)) == from_stored(
        stored
    )


def test_what_was_read_can_be_sent_back_and_changes_nothing() -> None:
    document = put(windows(), f"{LS}.extensions", [EXTENSION | {"protectedSettings": {"a": 1}}])
    put(document, f"{LS}.bootDiagnostics", {"isEnabled": True, "type": "managed"})
    stored, _ = stored_of(document)
    shown = to_wire(from_stored(stored)) | {"id": "ssn-1", "createdAt": "x"}

    assert parse_update(Present(stored), body(shown)) == from_stored(stored)


def test_a_password_sent_again_is_no_change_and_another_one_is() -> None:
    stored, secrets = stored_of(windows())
    again = body(change(f"{LS}.login.password", PASSWORD))

    assert parse_update(Present(stored, secrets=secrets), again) == from_stored(stored)
    assert refused(windows(), change(f"{LS}.login.password", PASSWORD + "x")) == [
        f"{LS}.login.password"
    ]


def test_a_new_password_of_an_unpersisted_node_takes_the_place_of_the_old() -> None:
    stored, secrets = stored_of(put(windows(), "persistence.shouldPersistOsDisk", False))
    sent = body(change(f"{LS}.login.password", PASSWORD + "x"))

    plain, new = split_secrets(parse_update(Present(stored, secrets=secrets), sent), "ssn-2")

    assert new == {"ssn-2-login": PASSWORD + "x"}
    assert references(plain) == {"ssn-2-login"}


def test_an_extension_of_the_same_name_keeps_its_secret_unless_cleared() -> None:
    """S75, S78."""
    document = put(node(), f"{LS}.extensions", [EXTENSION | {"protectedSettings": {"a": 1}}])
    stored, _ = stored_of(document)

    def refs(extensions: list[dict[str, Any]]) -> frozenset[str]:
        sent = body(change(f"{LS}.extensions", extensions))
        return references(split_secrets(parse_update(Present(stored), sent), "ssn-2")[0])

    kept = references(from_stored(stored))
    assert len(kept) == 1
    assert refs([EXTENSION | {"apiVersion": "2.2"}]) == kept
    assert refs([EXTENSION | {"protectedSettings": None}]) == frozenset()
    assert refs([EXTENSION | {"name": "other"}]) == frozenset()
    assert refs([EXTENSION | {"protectedSettings": {"a": 2}}]) == {
        ref.replace("ssn-1", "ssn-2") for ref in kept
    }


def test_a_node_without_an_image_stays_editable_while_its_os_disk_is_kept() -> None:
    stored, _ = stored_of(node())
    drop(stored, f"{LS}.image")

    assert parse_update(Present(stored), body({"name": "new"})).name == "new"
