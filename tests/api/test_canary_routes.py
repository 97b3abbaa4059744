"""Every call that takes a secret, by the API's own document: sent well and badly, and hunted.

`TAKEN` is every place of every body that takes one; a new one fails the first test until it is sent
here. What workflows do with secrets is test_canary_life.py's.
"""

import copy
import json
import logging
from asyncio import Runner
from collections.abc import Iterator
from typing import Any, Final

import pytest

from local.arm.login.state import put as put_application
from local.arm.subscription.state import TENANT
from tests.api.harness import ACCOUNT
from tests.api.whole import Whole, whole_api
from tests.simulator import SUBSCRIPTION
from tests.unit.model.documents import LS, body, node, put
from triggers.openapi import document

DOCUMENT: Final = document()
MARK: Final = "Canary-9-abcdefgh"
HCL_MARK: Final = "Canary-8-abcdefgh"
NODES: Final = "/azure/compute/statefulNode"
CLIENT: Final = "c11e0000-0000-4000-8000-000000000001"
NODE_SECRETS: Final = (f"{LS}.login.password", f"{LS}.extensions[].protectedSettings")
SCRIPT: Final = f"{LS}.shutdownScript"
"""Written only, and no secret: it stands in the document as it was sent, and no answer shows it."""
TAKEN: Final = {
    *(("azureStatefulNodeCreate", f"statefulNode.{one}") for one in NODE_SECRETS),
    *(("azureStatefulNodeUpdate", f"statefulNode.{one}") for one in NODE_SECRETS),
    *(("azureStatefulNodeImportVm", f"statefulNodeImport.node.{one}") for one in NODE_SECRETS),
    *(("mooringStatefulNodePlan", f"statefulNode.{one}") for one in NODE_SECRETS),
    *(("mooringStatefulNodePlan", f"statefulNodeImport.node.{one}") for one in NODE_SECRETS),
    ("mooringStatefulNodeConvertTerraform", "node"),
    ("mooringStatefulNodeConvertTerraform", "hcl"),
    ("mooringStatefulNodeConvertTerraform", "variables"),
    ("SetCloudCredentialsForAzure", "clientSecret"),
    ("ValidateCloudCredentialsForAzure", "clientSecret"),
    ("SetTenantCredentials", "clientSecret"),
    ("ValidateTenantCredentials", "clientSecret"),
}
FREE: Final = {("mooringStatefulNodeConvertTerraform", one) for one in ("node", "hcl", "variables")}
"""Take whole documents and code: whatever is in them may be a secret."""


def places(schema: Any, at: str = "", seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Return every place below a schema that is written only."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        if name not in seen:
            yield from places(DOCUMENT["components"]["schemas"][name], at, seen | {name})
        return
    ways = schema.get("anyOf", ())
    if any(one.get("writeOnly") for one in (schema, *ways)):
        yield at
    for one in ways:
        yield from places(one, at, seen)
    for field, one in schema.get("properties", {}).items():
        yield from places(one, f"{at}.{field}".strip("."), seen)
    if "items" in schema:
        yield from places(schema["items"], f"{at}[]", seen)


def test_every_place_that_takes_a_secret_is_sent_here() -> None:
    """R51, S78, S96."""
    found = {
        (operation["operationId"], at)
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
        for at in places(operation["requestBody"]["content"]["application/json"]["schema"])
        if not at.endswith("shutdownScript")
    }

    assert found | FREE == TAKEN


@pytest.fixture
def lent() -> Iterator[tuple[Runner, Whole]]:
    with whole_api() as (runner, whole):
        runner.run(_application(whole))
        yield runner, whole


async def _application(whole: Whole) -> None:
    put_application(
        whole.world,
        CLIENT,
        {"tenant": TENANT, "secrets": {MARK: None}, "subscriptions": [SUBSCRIPTION]},
    )


def marked(document: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a node with a marked password and marked settings, whose OS disk does not persist."""
    made = put(document or node(), "persistence.shouldPersistOsDisk", False)
    login = {"userName": "mooring", "password": MARK}
    return put(put(made, f"{LS}.login", login), f"{LS}.extensions", [extension()])


def extension() -> dict[str, Any]:
    return {
        "name": "script",
        "type": "CustomScript",
        "publisher": "Microsoft.Azure.Extensions",
        "apiVersion": "2.1",
        "minorVersionAutoUpgrade": True,
        "protectedSettings": {"commandToExecute": MARK, "deep": [{"key": MARK}]},
    }


def code() -> str:
    """Return Terraform code with a marked password, in the code and as a variable's default."""
    return f"""
variable "settings" {{
  default = "{HCL_MARK}"
}}
resource "spotinst_stateful_node_azure" "web" {{
  name                = "web"
  region              = "eastus"
  resource_group_name = "fleet"
  os                  = "Linux"
  login {{
    user_name = "mooring"
    password  = "{HCL_MARK}"
  }}
  extension {{
    name                       = "script"
    type                       = "CustomScript"
    publisher                  = "p"
    api_version                = "1.0"
    minor_version_auto_upgrade = true
    protected_settings         = {{ "script" = var.settings, "other" = var.given }}
  }}
}}
"""


def good() -> list[tuple[str, str, dict[str, Any], frozenset[int]]]:
    """Return calls that carry marks where secrets belong, and the statuses that they may have."""
    part = {"compute": {"launchSpecification": marked()["compute"]["launchSpecification"]}}
    part["compute"]["launchSpecification"].pop("network", None)
    source = {"originalVmName": "absent", "resourceGroupName": "fleet", "node": part}
    change = put(put({}, f"{LS}.login.password", MARK), f"{LS}.extensions", [extension()])
    tenant = {"clientId": CLIENT, "clientSecret": MARK, "tenantId": TENANT}
    account = tenant | {"subscriptionId": SUBSCRIPTION}
    ok, refused, either = frozenset({200}), frozenset({400}), frozenset({200, 400})
    return [
        ("POST", NODES, body(marked()), ok),
        ("PUT", f"{NODES}/{{id}}", {"statefulNode": change}, either),
        ("POST", f"{NODES}/import", {"statefulNodeImport": source}, refused),
        ("POST", f"{NODES}/plan", {"action": "create", **body(marked())}, either),
        ("POST", f"{NODES}/plan", {"action": "import", "statefulNodeImport": source}, refused),
        (
            "POST",
            f"{NODES}/plan",
            {"action": "update", "nodeId": "{id}", "statefulNode": change},
            either,
        ),
        ("POST", f"{NODES}/terraform", {"node": marked()}, ok),
        ("POST", f"{NODES}/terraform", {"hcl": code(), "variables": {"given": MARK}}, either),
        ("POST", "/azure/setup/credentials/validation", account, ok),
        ("POST", "/azure/setup/credentials", account, ok),
        ("POST", "/azure/setup/tenant/credentials/validation", tenant, ok),
        ("POST", "/azure/setup/tenant/credentials", tenant, either),
    ]


def bad() -> Iterator[tuple[str, str, Any]]:
    """Return the same calls broken in one place each: the mark is where it cannot be taken."""
    for method, path, sent, _ in good():
        for place in leaves(sent):
            for wrong in ({"x": MARK}, [MARK], [[{"y": MARK}]]):
                broken = copy.deepcopy(sent)
                holder: Any = broken
                for step in place[:-1]:
                    holder = holder[step]
                holder[place[-1]] = wrong
                yield method, path, broken
    for method, path in CALLS:
        for body_ in (MARK, [MARK], {"x": MARK}, {"statefulNode": MARK}, {"state": MARK}):
            yield method, path, body_


CALLS: Final = (
    ("PUT", f"{NODES}/{{id}}/state"),
    ("PUT", f"{NODES}/{{id}}/dataDisk/attach"),
    ("PUT", f"{NODES}/{{id}}/dataDisk/detach"),
    ("PUT", f"{NODES}/{{id}}/osDisk/swap"),
    ("DELETE", f"{NODES}/{{id}}"),
    ("POST", "/azure/compute/vm/signal"),
    ("POST", "/mooring/tokens"),
    ("POST", f"{NODES}/plan"),
)


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the place of each value that is no object and no list."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for step, one in items:
        if isinstance(one, dict | list):
            yield from leaves(one, (*at, step))
        else:
            yield (*at, step)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def hunt(place: str, text: str) -> None:
    for mark in (MARK, HCL_MARK):
        at = text.find(mark)
        assert at < 0, (place, text[max(0, at - 200) : at + 40])


def call(runner: Runner, whole: Whole, method: str, path: str, sent: Any) -> tuple[int, str]:
    node_id = whole.node_ids[0]
    content = json.dumps(sent).replace("{id}", node_id).encode()
    url = f"http://127.0.0.1{path}".replace("{id}", node_id)
    headers = {"Content-Type": "application/json"}
    answer = runner.run(whole.ask(method, f"{url}?accountId={ACCOUNT}", headers, content))
    return answer.status_code, answer.get_body().decode()


def test_marks_are_in_the_secret_store_alone_when_calls_are_good(
    lent: tuple[Runner, Whole], told: pytest.LogCaptureFixture
) -> None:
    """R51, S78, S96: no table, no answer and no log record shows a secret of any call."""
    runner, whole = lent

    for method, path, sent, allowed in good():
        status, answer = call(runner, whole, method, path, sent)
        assert status in allowed, (path, answer)
        hunt(f"answer of {path}", answer)

    kept = [runner.run(whole.kept.secrets.get(name)) for name in whole.kept.secrets.names()]
    assert sum(MARK in one.get_secret_value() for one in kept if one) >= 3  # the hunt can find
    hunt("tables", repr(whole.kept.rows()))
    hunt("secrets as they show themselves", repr(kept))
    hunt("log", told.text + repr([vars(one) for one in told.records]))


def test_no_error_repeats_what_was_sent_in_the_wrong_place(
    lent: tuple[Runner, Whole], told: pytest.LogCaptureFixture
) -> None:
    """R51, S78, S96: each value of each body replaced, one at a time, by a mark of a wrong type."""
    runner, whole = lent
    refused = 0

    for method, path, sent in bad():
        status, answer = call(runner, whole, method, path, sent)
        assert status < 500, (path, answer)
        if status == 400:
            refused += 1
            hunt(f"answer of {path}", answer)

    assert refused > 150
    hunt("tables", repr(whole.kept.rows()))
    hunt("log", told.text + repr([vars(one) for one in told.records]))
