"""The simulator against recorded exchanges, and the comparison against itself.

Recordings are not part of the project: MOORING_RECORDINGS names the directory that holds them.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity import compare, differences, served
from tests.fidelity.recordings import SUBSCRIPTION, read, traces

RECORDINGS = os.environ.get("MOORING_RECORDINGS")


@pytest.mark.skipif(
    not RECORDINGS, reason="MOORING_RECORDINGS is unset: it names a directory of recordings"
)
def test_no_recorded_answer_differs_without_a_reason() -> None:
    results = {trace.name: compare.compare(trace) for trace in traces(Path(str(RECORDINGS)))}

    sys.stdout.write("\n".join(compare.table(results)) + "\n")

    assert results
    assert not list(compare.unexplained(results))


GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"
ADDRESS = f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/a"
OPERATION = (
    f"https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network"
    "/locations/westus/operations/11111111-2222-3333-4444-555555555555?api-version=2020-07-01"
)


def exchange(number: int, method: str, path: str, status: int, answer: Any, **more: Any) -> str:
    row = {
        "op": f"{method} {path.rpartition('/providers/')[2].rsplit('/', 1)[0]}/{{}}",
        "seq": number,
        "request": {
            "method": method,
            "path": path,
            "query": {"api-version": "2020-07-01"},
            "body": more.get("body"),
        },
        "response": {"status": status, "headers": more.get("headers", {}), "body": answer},
    }
    return json.dumps(row)


def address(**properties: Any) -> dict[str, Any]:
    shown = {
        "provisioningState": "Updating",
        "resourceGuid": "guid",
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "ipTags": [],
    }
    return {
        "name": "a",
        "id": ADDRESS,
        "etag": 'W/"1"',
        "type": "Microsoft.Network/publicIPAddresses",
        "location": "westus",
        "properties": {**shown, **properties},
        "sku": {"name": "Basic", "tier": "Regional"},
    }


def trace(**properties: Any) -> str:
    body = {"location": "westus", "properties": {"publicIPAllocationMethod": "Static"}}
    followed = {"Azure-AsyncOperation": OPERATION}
    path = OPERATION.split("?", maxsplit=1)[0].removeprefix("https://management.azure.com")
    there = address(provisioningState="Succeeded", ipAddress="1.2.3.4", **properties)
    return "\n".join(
        [
            exchange(0, "PUT", ADDRESS, 201, address(), body=body, headers=followed),
            exchange(1, "GET", path, 200, {"status": "Succeeded"}),
            exchange(2, "GET", ADDRESS, 200, there),
            exchange(3, "GET", f"{GROUP}/providers/Microsoft.Storage/x/y", 200, {}),
        ]
    )


def test_an_equal_trace_matches_and_its_operation_is_followed() -> None:
    verdicts = compare.compare(read("made up", trace()))

    assert [verdict.column for verdict in verdicts] == [*["matched"] * 3, "not covered"]


def test_a_property_that_azure_shows_and_we_do_not_is_a_difference() -> None:
    verdicts = compare.compare(read("made up", trace(sparkling=True)))

    assert verdicts[2].differences == ["/properties/sparkling: missing here"]
    assert verdicts[2].column == "differing"


def test_an_error_alone_gets_its_situation_made() -> None:
    holder = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/n/ipConfigurations/c"
    words = (
        f"Public IP address {ADDRESS} can not be deleted since it is still allocated to resource "
        f"{holder}. In order to delete the public IP, disassociate/detach the Public IP address "
        "from the resource.  To learn how to do this, see aka.ms/deletepublicip."
    )
    error = {"code": "PublicIPAddressCannotBeDeleted", "message": words, "details": []}
    row = json.loads(exchange(0, "DELETE", ADDRESS, 400, {"error": error}))
    del row["seq"]

    verdicts = compare.compare(read("errors", json.dumps(row)))

    assert [(verdict.column, verdict.differences) for verdict in verdicts] == [("matched", [])]


@pytest.mark.parametrize(
    ("recorded", "ours", "found"),
    [
        ({"a": 1}, {"a": 2.5}, []),
        ({"a": 1}, {"a": "1"}, ["/a: number recorded, text here"]),
        (
            {"provisioningState": "A"},
            {"provisioningState": "B"},
            ["/provisioningState: 'A' recorded, 'B' here"],
        ),
        ([{"name": "x"}], [], [": 1 entries recorded, 0 here", "[name=x]: missing here"]),
        ([{"code": "x", "t": 1}], [{"code": "y"}, {"code": "x", "t": 2}], []),
    ],
    ids=["kinds agree", "kinds differ", "exact", "missing entry", "entries by code"],
)
def test_bodies_are_compared_by_keys_and_kinds(recorded: Any, ours: Any, found: list[str]) -> None:
    assert list(differences.bodies(recorded, ours)) == found


def test_the_table_of_served_operations_is_up_to_date() -> None:
    text = served.DOCUMENT.read_text()

    assert served.renewed(text) == text, "run: python -m tests.fidelity.served --write"
