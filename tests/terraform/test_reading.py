"""Code that somebody wrote, good and bad."""

from typing import Any

import pytest

from services.terraform.reader import Reading
from services.terraform.reading import read
from shared.model.problems import Rejected
from shared.model.rules.facts import Limits

GOOD = """\
# A node, as somebody writes it by hand.
variable "size" {
  default = "standard_d2s_v5"
}

variable "password" {
  type      = string
  sensitive = true
}

resource "spotinst_stateful_node_azure" "web" {
  name                = "web-${var.stage}"
  region              = "eastus"
  resource_group_name = "fleet"
  os = "Linux"
  zones = [1, "2"]

  strategy {
    fallback_to_on_demand = "true" # a text that is a flag
    draining_timeout      = "300"
  }
  signal {
    type    = "vmReady"
    timeout = 20
  }
  vm_sizes {
    od_sizes   = [var.size]
    spot_sizes = [
      var.size, // the same
    ]
  }
  custom_data = base64encode(<<-EOT
    #!/bin/sh
      echo $${HOME}
    EOT
  )
  image {
    marketplace_image {
      publisher = "Canonical"
      offer     = "o"
      sku       = "s"
      version   = "latest"
    }
  }
  login {
    user_name = "mooring"
    password  = var.password
  }
  network {
    network_resource_group_name = "fleet"
    virtual_network_name        = "vnet"
    network_interface {
      subnet_name = "default"
      is_primary  = true
    }
  }
  should_persist_os_disk    = false
  should_persist_data_disks = true
  should_persist_network    = false
}
"""
FIRST_LINE = GOOD.splitlines().index('resource "spotinst_stateful_node_azure" "web" {') + 1


def reading(code: str, **variables: Any) -> Reading:
    return read(code, {"stage": "test", **variables}, "", Limits())


def with_line(line: str) -> str:
    """Return the code with one more line at the top of the resource."""
    head, brace, tail = GOOD.partition('"web" {\n')
    return f"{head}{brace}{line}\n{tail}"


def errors(code: str) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        reading(code)
    return [(one.field, one.message) for one in refused.value.errors]


def test_code_by_hand_is_read_with_its_variables_texts_and_conversions() -> None:
    node = reading(GOOD).node

    assert node["name"] == "web-test"
    assert node["strategy"] == {
        "fallbackToOd": True,
        "drainingTimeout": 300,
        "signals": [{"type": "vmReady", "timeout": 20}],
    }
    compute = node["compute"]
    assert compute["zones"] == ["1", "2"]
    assert compute["vmSizes"]["odSizes"] == ["standard_d2s_v5"]
    launch = compute["launchSpecification"]
    assert launch["customData"] == "IyEvYmluL3NoCiAgZWNobyAke0hPTUV9Cg=="
    assert launch["login"] == {"userName": "mooring"}


def test_a_variable_that_is_sent_goes_before_its_default() -> None:
    node = reading(GOOD, size="standard_d4s_v5").node

    assert node["compute"]["vmSizes"]["spotSizes"] == ["standard_d4s_v5"]


def test_a_secret_is_told_and_never_repeated() -> None:
    code = GOOD.replace("var.password", '"Marked-Secret-1"')

    read_ = reading(code, password="Marked-Secret-2")  # noqa: S106 - made up

    assert "Marked-Secret" not in f"{read_.node} {read_.warnings}"
    assert "login.password" in [one.field for one in read_.warnings]


@pytest.mark.parametrize(
    ("code", "about"),
    [
        ("import_vm {\nresource_group_name = 1\n}", "import_vm"),
        ("attach_data_disk {}", "attach_data_disk"),
        ("detach_data_disk {}", "detach_data_disk"),
        ('update_state {\nstate = "pause"\n}', "update_state"),
        ("delete {\nshould_terminate_vm = true\n}", "delete"),
        ("lifecycle {\nprevent_destroy = true\n}", "lifecycle"),
        ("depends_on = [azurerm_subnet.one]", "depends_on"),
        ("count = 2", "count"),
    ],
)
def test_what_is_no_part_of_the_node_is_read_and_told(code: str, about: str) -> None:
    found = reading(with_line(code))

    told = [one for one in found.warnings if one.field == about]
    assert [one.line for one in told] == [FIRST_LINE + 1]
    assert found.node == reading(GOOD).node


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("vm_admins = []", "strategy.vm_admins", "vmAdmins"),
        ("availability_vs_cost = 0", "strategy.availability_vs_cost", "availabilityVsCost"),
    ],
)
def test_what_the_provider_does_not_send_counts_as_unset(line: str, field: str, value: str) -> None:
    found = reading(GOOD.replace("  strategy {\n", f"  strategy {{\n{line}\n"))

    assert field in [one.field for one in found.warnings]
    assert value not in found.node["strategy"]


def test_one_of_several_resources_is_read_by_its_name() -> None:
    second = GOOD[GOOD.index("resource") :].replace('"web"', '"db"').replace("web-", "db-")

    with pytest.raises(Rejected, match=r"web, db"):
        read(GOOD + second, {"stage": "x"}, "", Limits())

    assert read(GOOD + second, {"stage": "x"}, "db", Limits()).node["name"] == "db-x"


def test_a_node_that_exists_may_leave_out_what_persistence_fixes() -> None:
    code = GOOD.replace("should_persist_os_disk    = false", "should_persist_os_disk = true")
    start, end = code.index("  image {"), code.index("  login {")

    assert "image" not in reading(code[:start] + code[end:]).node["compute"]["launchSpecification"]


@pytest.mark.parametrize(
    ("code", "field", "said"),
    [
        ("", "hcl", "no resource"),
        ("not code", "hcl", "line 1"),
        ("a = [1,\n2", "hcl", "line 2: the code ends"),
        ('x {\n a = "open\n}', "hcl", "line 2: the text that begins here"),
        ("a = <<EOT\nopen", "hcl", "line 1: the text that begins here does not end with EOT"),
        ("/* open", "hcl", "line 1: the comment"),
        ("a = 'x'", "hcl", "line 1"),
        ('a = "\\q"', "hcl", "escape"),
        ('a = "\\ud800"', "hcl", "escape"),
        ("a = " + "[" * 40, "hcl", "brackets"),
        ("a = [" + "1, " * 20_000 + "]", "hcl", "characters of code"),
        ('a = "' + '${"' * 20, "hcl", "nested"),
        ("\n" * 10_001, "hcl", "more than 10000 lines"),
        ('a = "' + "x" * 600_000 + '"', "hcl", "more than 524288 characters"),
        ('resource "azurerm_virtual_network" "x" {}', "hcl", "no resource"),
    ],
)
def test_what_is_no_code_of_a_node_is_refused_with_its_line(
    code: str, field: str, said: str
) -> None:
    (found,) = errors(code)

    assert found[0] == field
    assert said in found[1]


@pytest.mark.parametrize(
    ("line", "field", "said"),
    [
        ('nmae = "x"', "nmae", "is no attribute"),
        ('name = "x"', "name", "is written twice"),
        ("tag = []", "tag", "is a block"),
        ("description {\n}", "description", "is an attribute"),
        ("tags {\n}", "tags", "is no block"),
        ('dynamic "tag" {\n}', "dynamic", "cannot be read"),
        ("preferred_zone = local.zone", "preferred_zone", "is not known here"),
        ("preferred_zone = 1 + 1", "preferred_zone", "is an expression"),
        ("preferred_zone = x" + ".a" * 9_000, "preferred_zone", "too long an expression"),
        ("preferred_zone = var.zone", "preferred_zone", "send it in variables"),
        ('description = upper("x")', "description", "only the function base64encode"),
        ('description = "%{ if true }x%{ endif }"', "description", "has an expression"),
        ("vm_name = [1]", "vm_name", "must be a text"),
        ("vm_name_prefix = {}", "vm_name_prefix", "must be a text"),
        ("spot_sizes = []", "spot_sizes", "stands in vm_sizes"),
        ("strategy {\nfallback_to_on_demand = true\n}", "strategy", "once only"),
        ('preferred_zone = "9"', "preferred_zone", "must be '1', '2' or '3'"),
        ('tag {\ntag_value = "x"\n}', "tag[0].tag_key", "is required"),
        ("health {\n}", "health.auto_healing", "is required"),
        ('user_data = "no base64!"', "user_data", "must be base64"),
        ("data_disk {\nsize_gb = -1\nlun = 0\ntype = 1\n}", "data_disk[0].size_gb", "at least 1"),
        (
            "data_disk {\nsize_gb = 1.5\nlun = 0\ntype = 1\n}",
            "data_disk[0].size_gb",
            "whole number",
        ),
        ("os_disk {\ntype = 1\nsize_gb = " + "9" * 30 + "\n}", "os_disk.size_gb", "digits"),
        ("preferred_zone = 3", "preferred_zone", "must be one of compute.zones"),
    ],
)
def test_what_is_wrong_inside_a_node_names_its_attribute_and_line(
    line: str, field: str, said: str
) -> None:
    found = dict(errors(with_line(line)))

    assert said in found[field]
    assert found[field].startswith("line ")


def test_a_block_that_is_missing_is_named() -> None:
    start, end = GOOD.index("  strategy {"), GOOD.index("  signal {")

    assert errors(GOOD[:start] + GOOD[end:]) == [("strategy", f"line {FIRST_LINE}: is required")]


def test_lines_are_counted_over_texts_and_comments_of_several_lines() -> None:
    code = with_line('/* one\n two */\ndescription = <<EOT\nthree\nfour\nEOT\nnmae = "x"')

    assert errors(code) == [("nmae", f"line {FIRST_LINE + 7}: is no attribute of this block")]


def test_line_ends_of_windows_are_read() -> None:
    assert reading(GOOD.replace("\n", "\r\n")).node == reading(GOOD).node
