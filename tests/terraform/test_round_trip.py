"""What a document says comes back from its Terraform code, but for what no code can say."""

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.terraform.reading import read
from services.terraform.unsayable import UNSAYABLE
from services.terraform.writing import Present, write
from shared.model.node import NodeDocument
from shared.model.parse import parse_create
from shared.model.paths import leaf_paths, values_at
from shared.model.rules.facts import Limits
from tests.terraform.drawn import drawn
from tests.terraform.fmt import formatted
from tests.unit.model.documents import body, node
from tests.unit.model.whole_document import whole

Json = dict[str, Any]
LS = "compute.launchSpecification"
CANNOT_BE_SAID = {
    "strategy.shouldUtilizeCommitments",
    "strategy.availabilityVsCost",  # 0 only
    "strategy.vmAdmins",  # empty only
    f"{LS}.purchasePlan",
    f"{LS}.dataDisks[].caching",
    f"{LS}.extensions[].enableAutomaticUpgrade",
    f"{LS}.extensions[].protectedSettingsFromKeyVault",
    f"{LS}.extensions[].publicSettings.*",  # what is no text
    "integrations.insights",
}
BATCHES = 10
TERRAFORM = shutil.which("terraform")


def model(document: Json) -> NodeDocument:
    return parse_create({"statefulNode": document})


def plain(document: NodeDocument) -> Json:
    """Return what the document says, secrets aside."""
    said: Json = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    launch = said["compute"]["launchSpecification"]
    launch.get("login", {}).pop("password", None)
    for extension in launch.get("extensions", ()):
        extension.pop("protectedSettings", None)
    return said


def sayable(document: NodeDocument) -> tuple[Json, set[str]]:
    """Return what code can say of a document, and the places of what it cannot."""
    said = plain(document)
    lost = {place for place, holder, name in unsaid(said) if holder.pop(name, None) is not None}
    if said.get("health"):
        said["health"].setdefault("autoHealing", False)
    return without_nothing(said), lost


def unsaid(said: Json) -> list[tuple[str, Json, str]]:
    """Return each place that code has no word for, the object it is in, and its name there."""
    strategy, launch = said["strategy"], said["compute"]["launchSpecification"]
    found = [
        ("strategy.shouldUtilizeCommitments", strategy, "shouldUtilizeCommitments"),
        (f"{LS}.purchasePlan", launch, "purchasePlan"),
        ("integrations.insights", said.get("integrations", {}), "insights"),
    ]
    for name, value in (("availabilityVsCost", 0), ("vmAdmins", [])):
        if strategy.get(name) == value:
            found.append((f"strategy.{name}", strategy, name))
    for index, disk in enumerate(launch.get("dataDisks", ())):
        found.append((f"{LS}.dataDisks[{index}].caching", disk, "caching"))
    for index, extension in enumerate(launch.get("extensions", ())):
        at, settings = f"{LS}.extensions[{index}]", extension.get("publicSettings", {})
        names = ("enableAutomaticUpgrade", "protectedSettingsFromKeyVault")
        found += [(f"{at}.{name}", extension, name) for name in names]
        numbers = [name for name, one in settings.items() if not isinstance(one, str)]
        found += [(f"{at}.publicSettings.{name}", settings, name) for name in numbers]
    return found


def without_nothing(value: Any) -> Any:
    """Return JSON without what means nothing: empty texts, lists, objects."""
    if isinstance(value, dict):
        inside = {name: without_nothing(one) for name, one in value.items()}
        return {name: one for name, one in inside.items() if one not in ("", [], {})}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def back(code: str) -> Json:
    return read(code, {}, "", Limits()).node


@pytest.mark.parametrize("batch", range(BATCHES))
def test_500_documents_come_back_from_their_code(batch: int) -> None:
    """R110: the Terraform code of a node says what the node says, and tells what it cannot."""
    for seed in range(batch * 50, batch * 50 + 50):
        document = model(drawn(seed))
        expected, lost = sayable(document)

        written = write(document)

        assert back(written.hcl) == expected, seed
        warned = {one.field for one in written.warnings}
        assert lost <= warned, seed
        assert formatted(written.hcl) == written.hcl, seed


@pytest.mark.parametrize("batch", range(BATCHES))
def test_code_of_nodes_that_exist_leaves_out_what_persistence_fixes(batch: int) -> None:
    for seed in range(1_000 + batch * 20, 1_000 + batch * 20 + 20):
        document = model(drawn(seed))
        expected, _ = sayable(document)
        launch, kept = expected["compute"]["launchSpecification"], document.persistence
        fixed = ["shutdownScript"]
        fixed += ["image", "login", "customData"] if kept.should_persist_os_disk else []
        fixed += ["network"] if kept.should_persist_network else []
        gone = [name for name in fixed if launch.pop(name, None)]

        written = write(document, Present("ssn-0a1b2c3d"))

        assert without_nothing(back(written.hcl)) == without_nothing(expected), seed
        assert {f"{LS}.{name}" for name in gone} <= {one.field for one in written.warnings}
        assert formatted(written.hcl) == written.hcl, seed


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed on this machine")
def test_terraform_itself_leaves_the_code_as_it_is(tmp_path: Path) -> None:
    """`tests.terraform.fmt` tells its rules; where there is a Terraform, it is asked as well."""
    for seed in range(100):
        (tmp_path / f"new{seed}.tf").write_text(write(model(drawn(seed))).hcl)
        present = Present("ssn-0a1b2c3d")
        (tmp_path / f"known{seed}.tf").write_text(write(model(drawn(1_000 + seed)), present).hcl)

    judged, spoiled = terraform_fmt(tmp_path), tmp_path / "spoiled.tf"
    spoiled.write_text('a="b"\n')

    assert (judged.returncode, judged.stdout) == (0, "")
    assert terraform_fmt(tmp_path).returncode != 0  # it looks


def terraform_fmt(folder: Path) -> subprocess.CompletedProcess[str]:
    words = [str(TERRAFORM), "fmt", "-check", "-diff", str(folder)]
    quiet = {"CHECKPOINT_DISABLE": "1", "HOME": str(folder)}
    return subprocess.run(words, capture_output=True, text=True, env=quiet, check=False)


def test_the_drawing_draws_each_field_in_every_word_that_it_takes() -> None:
    """What is never drawn is never compared: each field, there and away, in two values or more."""
    documents = [drawn(seed) for seed in range(500)]
    for path in leaf_paths(NodeDocument):
        values = [[one for _, one in values_at(document, path)] for document in documents]
        told = {json.dumps(one, sort_keys=True) for found in values for one in found}

        assert len(told) > 1, path
        assert all(values) is is_required(path), path
        assert {json.dumps(one) for one in words(path)} <= told, path


def test_every_document_that_is_drawn_is_one_that_the_api_takes() -> None:
    for seed in range(500, 1_000):
        model(drawn(seed))


ALWAYS = {"name", "region", "resourceGroupName", "strategy.fallbackToOd"}
ALWAYS |= {"compute.os", "compute.vmSizes.odSizes", f"{LS}.login.userName"}
ALWAYS |= {f"persistence.shouldPersist{one}" for one in ("OsDisk", "DataDisks", "Network")}
ALWAYS |= {f"{LS}.network.{one}" for one in ("resourceGroupName", "virtualNetworkName")}
ALWAYS |= {f"{LS}.network.networkInterfaces[].{one}" for one in ("isPrimary", "subnetName")}


def is_required(path: str) -> bool:
    """Tell whether a document that is drawn always has a field: as a node from an image must."""
    return path in ALWAYS


def words(path: str) -> list[Any]:
    """Return the values of a field that takes no others; none if it takes many."""
    schema: Json = NodeDocument.model_json_schema()
    here: Json = schema
    for step in path.split("."):
        here = inner(schema, here)["properties"][step.removesuffix("[]")]
        if step.endswith("[]"):
            here = inner(schema, here)["items"]
    found = inner(schema, here)
    if found.get("type") == "boolean":
        return [True, False]
    return list(found.get("enum", ()))


def inner(schema: Json, part: Json) -> Json:
    """Return what a part of the schema says, without the way it says it: references, nulls."""
    for one in part.get("anyOf", ()):
        if one.get("type") != "null":
            return inner(schema, one)
    name = part.get("$ref", "").rpartition("/")[2]
    return inner(schema, schema["$defs"][name]) if name else part


def test_what_code_cannot_say_is_this_list() -> None:
    assert {one.path for one in UNSAYABLE} == CANNOT_BE_SAID


def test_each_field_of_the_document_is_in_the_code_or_on_the_list() -> None:
    """Take each field away in turn: the code changes, or the warning about it goes."""
    document = whole()
    launch = document["compute"]["launchSpecification"]
    launch["shutdownScript"] = "aGVsbG8="
    launch["image"]["marketplace"]["version"] = "1.2.3"
    for place in leaves(document):
        changed = copy.deepcopy(document)
        holder: Any = changed
        for step in place[:-1]:
            holder = holder[step]
        before = write(NodeDocument.model_validate(changed))
        del holder[place[-1]]
        try:
            after = write(NodeDocument.model_validate(changed))
        except ValueError:  # the field is required
            continue

        assert after != before, place


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [one for name, inner in value.items() for one in leaves(inner, (*at, name))]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return leaves(value[0], (*at, 0))
    return [at]


def test_secrets_are_variables_and_never_in_the_code() -> None:
    launch = node()["compute"]["launchSpecification"]
    launch["login"] = {"userName": "mooring", "password": "Marked-Secret-1"}
    launch["extensions"] = [
        {
            "name": name,
            "type": "t",
            "publisher": "p",
            "apiVersion": "1",
            "minorVersionAutoUpgrade": True,
            "protectedSettings": {"key": "Marked-Secret-2"},
        }
        for name in ("a-b", "a_b")
    ]
    document = node(compute__launchSpecification=launch)

    written = write(parse_create(body(document)))

    assert "Marked-Secret" not in written.hcl + str(written.warnings)
    assert "password  = var.web_password" in written.hcl
    assert written.hcl.count('variable "web_a_b_protected_settings') == 2
    assert "sensitive = true" in written.hcl


def test_an_os_disk_without_size_is_told_and_takes_the_disks_own() -> None:
    document = parse_create(
        body(node(compute__launchSpecification__osDisk={"type": "Premium_LRS"}))
    )

    new, known = write(document), write(document, Present("ssn-0a1b2c3d", os_disk_gib=30))

    assert "size_gb" not in new.hcl
    assert "size_gb = 30" in known.hcl
    for one in (new, known):
        assert f"{LS}.osDisk.sizeGB" in {warning.field for warning in one.warnings}


def test_the_least_code_of_a_node_has_what_the_resource_requires() -> None:
    code = write(model(node())).hcl

    for name in ("name", "region", "resource_group_name", "os", "fallback_to_on_demand"):
        assert f"  {name} " in code
    for name in ("od_sizes", "should_persist_network", "delete {", "should_terminate_vm"):
        assert f"  {name}" in code
