from typing import Any

import pytest

from shared.model.node import NodeDocument
from shared.model.parse import parse_create
from shared.model.problems import Rejected
from shared.model.rules.facts import Limits
from shared.model.secrets import split_secrets
from shared.model.wire import from_stored, to_stored, to_wire
from tests.unit.model.documents import (
    LS,
    PASSWORD,
    TERRAFORM_CREATE,
    body,
    drop,
    node,
    put,
    windows,
)
from tests.unit.model.whole_document import LAUNCH, whole


def test_every_field_of_the_document_survives_create_store_and_echo() -> None:
    """R5, R9, R10, R27, R45, R46, R48, R64, R71, R76, R81, R82, R83, R87, R89, R92, R98, S107."""
    document = parse_create(body(whole()))

    stored = to_stored(document)

    assert stored == whole()
    assert from_stored(stored) == document
    assert to_wire(document) == whole()


def test_what_a_newer_release_wrote_is_ignored_when_read() -> None:
    stored = to_stored(parse_create(body())) | {"mood": "good", "createdAt": "2026"}

    assert from_stored(stored) == parse_create(body())


def test_a_schedule_that_never_comes_is_refused_and_yet_readable_where_it_is_stored() -> None:
    task = {"isEnabled": True, "type": "pause", "cronExpression": "0 0 30 2 *"}
    stored = to_stored(parse_create(body())) | {"scheduling": {"tasks": [task]}}

    assert to_stored(from_stored(stored)) == stored
    with pytest.raises(Rejected, match=r"cronExpression: never comes"):
        parse_create(body(node(scheduling__tasks=[task])))


@pytest.mark.parametrize("expression", ["0 0 29 2 *", "0 0 30 2,3 *", "0 0 30 2 1", "0 0 31 */2 *"])
def test_a_schedule_that_comes_if_only_now_and_then_is_taken(expression: str) -> None:
    task = {"isEnabled": True, "type": "pause", "cronExpression": expression}

    parsed = parse_create(body(node(scheduling__tasks=[task])))

    assert parsed.scheduling is not None
    assert parsed.scheduling.tasks is not None
    assert parsed.scheduling.tasks[0].cron_expression == expression


def test_a_description_is_free_and_a_name_may_have_any_script() -> None:
    family = "\U0001f468\u200d\U0001f469\n\u202eweb\t"

    parsed = parse_create(body(node(name="bl\u00e5 \u7db2 \U0001f600", description=family)))

    assert (parsed.name, parsed.description) == ("bl\u00e5 \u7db2 \U0001f600", family)


def test_null_absent_and_an_empty_object_all_mean_unset_at_creation() -> None:
    """R86."""
    empty = node(scheduling={}, health={"gracePeriod": None}, integrations=None)
    put(empty, f"{LS}.loadBalancersConfig", {})
    put(empty, f"{LS}.osDisk", {})
    put(empty, "strategy.interruptionToleration", {})

    assert parse_create(body(empty)) == parse_create(body())


def test_vm_admins_null_is_everybody_and_empty_is_nobody() -> None:
    """S16."""
    assert parse_create(body(node(strategy__vmAdmins=None))).strategy.vm_admins is None
    assert parse_create(body(node(strategy__vmAdmins=[]))).strategy.vm_admins == ()
    assert to_wire(parse_create(body(node(strategy__vmAdmins=[]))))["strategy"]["vmAdmins"] == []


def test_only_the_defaults_that_clients_expect_are_filled_in() -> None:
    shown = to_wire(parse_create(body()))

    added = shown["strategy"].keys() - node()["strategy"].keys()
    assert added == {"drainingTimeout", "revertToSpot"}
    assert shown["strategy"]["drainingTimeout"] == 120
    assert shown["strategy"]["revertToSpot"] == {"performAt": "always"}
    assert shown["compute"].keys() == node()["compute"].keys()


def test_sizes_keep_case_and_order() -> None:
    sizes = ["Standard_D4s_v5", "standard_d2s_v5", "STANDARD_B1s"]

    document = parse_create(body(node(compute__vmSizes__spotSizes=sizes)))

    assert to_wire(document)["compute"]["vmSizes"]["spotSizes"] == sizes


def test_sizes_may_be_described_instead_of_listed() -> None:
    """R53, R54, A3."""
    sizes = {
        "odSizes": ["standard_d2s_v5"],
        "spotSizes": [],
        "spotSizeAttributes": {"minCpu": 2, "MaxStorage": 64},
        "excludedVmSizes": ["standard_b1s"],
    }

    shown = to_wire(parse_create(body(node(compute__vmSizes=sizes))))["compute"]["vmSizes"]

    assert shown["spotSizeAttributes"] == {"minCpu": 2, "maxStorage": 64}


@pytest.mark.parametrize("sku", ["STANDARD", "standard", "Standard"])
def test_the_public_ip_sku_is_read_without_case(sku: str) -> None:
    """R79."""
    nic = {"isPrimary": True, "subnetName": "a", "assignPublicIp": True, "publicIpSku": sku}

    document = parse_create(body(put(node(), f"{LS}.network.networkInterfaces", [nic])))

    found = document.compute.launch_specification.network.network_interfaces[0]
    assert found.public_ip_sku == "Standard"


@pytest.mark.parametrize("name", ["storageUri", "storageUrl"])
def test_boot_diagnostics_speak_both_names_of_the_address(name: str) -> None:
    """A4."""
    sent = {"isEnabled": True, "type": "unmanaged", name: "https://x.blob.core.windows.net/"}

    shown = to_wire(parse_create(body(put(node(), f"{LS}.bootDiagnostics", sent))))

    echoed = shown["compute"]["launchSpecification"]["bootDiagnostics"]
    assert echoed["storageUri"] == echoed["storageUrl"] == "https://x.blob.core.windows.net/"


def test_load_balancers_under_compute_are_those_of_the_launch_specification() -> None:
    balancers = LAUNCH["loadBalancersConfig"]

    document = parse_create(body(node(compute__loadBalancersConfig=balancers)))

    assert to_stored(document)["compute"]["launchSpecification"]["loadBalancersConfig"] == balancers


def test_numbers_come_back_as_whole_numbers_though_sent_with_a_fraction_of_zero() -> None:
    document = parse_create(body(node(strategy__drainingTimeout=240.0)))

    shown = to_wire(document)["strategy"]["drainingTimeout"]

    assert (shown, type(shown)) == (240, int)


def test_id_and_moments_in_a_body_are_ignored() -> None:
    document = node(id="ssn-ffffffff", createdAt="x", updatedAt=None)

    assert parse_create(body(document)) == parse_create(body())


def test_limits_of_disks_can_be_widened() -> None:
    """A11."""
    disks = [{"lun": lun, "sizeGB": 4096, "type": "Premium_LRS"} for lun in range(6)]

    document = parse_create(
        body(put(node(), f"{LS}.dataDisks", disks)), Limits(max_disk_gib=32_767, max_data_disks=64)
    )

    assert len(document.compute.launch_specification.data_disks or ()) == 6


@pytest.mark.parametrize(
    "image",
    [
        {"custom": {"resourceGroupName": "fleet", "name": "golden"}},
        {
            "gallery": {
                "resourceGroupName": "fleet",
                "galleryName": "gallery",
                "imageName": "golden",
                "versionName": "Latest",
                "spotAccountId": "act-0000beef",
            }
        },
        {
            "marketplace": {"publisher": "a", "offer": "b", "sku": "c"},
            "custom": {},
            "gallery": None,
        },
    ],
)
def test_one_image_of_any_kind_is_taken(image: dict[str, Any]) -> None:
    """R25, R28, R29, R30, R31, S80."""
    document = drop(put(node(), f"{LS}.image", image), f"{LS}.login")

    assert parse_create(body(document)).compute.launch_specification.image


def test_terraforms_explicit_nulls_and_empty_blocks_are_taken() -> None:
    shown = to_wire(parse_create(TERRAFORM_CREATE))

    assert shown["strategy"]["signals"] == [{"type": "vmReady", "timeout": 20}]
    assert "userData" not in shown["compute"]["launchSpecification"]


def test_secrets_split_off_leave_only_names_behind() -> None:
    """S78."""
    document = parse_create(body(windows()))

    plain, secrets = split_secrets(document, "ssn-00000001-abc")

    assert secrets == {"ssn-00000001-abc-login": PASSWORD}
    assert PASSWORD not in repr(document)
    assert PASSWORD not in str(to_stored(plain))
    assert isinstance(plain, NodeDocument)
    with pytest.raises(Exception, match="split the secrets off"):
        to_stored(document)
