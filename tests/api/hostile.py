"""120 hand-made inputs that nobody sends by accident, and what each must be refused with.

A row: what it is, which call it is sent with, the body (bytes as they are, else JSON), and the
error's code and field.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from shared.model.problems import Code
from tests.api.hostile_bodies import NO_JSON, ROOT, WRONG_SHAPES
from tests.unit.model.documents import LS, body, node, put

NODES: Final = "/azure/compute/statefulNode"
IMPORT: Final = f"{NODES}/import"
CREDENTIALS: Final = "/azure/setup/credentials"
TOKENS: Final = "/mooring/tokens"
DAY: Final = "fromDate=2026-11-23&toDate=2026-11-24"
GUID: Final = "0a1b2c3d-0000-4000-8000-00000000000{}"
BAD_JSON: Final = "INVALID_JSON"
MARKET: Final = {"publisher": "p", "offer": "o", "sku": "s", "version": "latest"}
BIDI: Final = "web\u202egnp.exe"


@dataclass(frozen=True)
class Hostile:
    """One input. `{id}` in the path is a node that is ACTIVE."""

    name: str
    method: str
    path: str
    sent: bytes
    code: str
    fields: tuple[str, ...] = ("body",)
    headers: dict[str, str] = field(default_factory=dict)


IN_DOCUMENTS: Final[dict[str, tuple[str, Any, str]]] = {
    "a prototype": ("__proto__", {"isAdmin": True}, Code.UNKNOWN),
    "a constructor": ("constructor", {"prototype": {"x": 1}}, Code.UNKNOWN),
    "a dunder": ("__class__", "os", Code.UNKNOWN),
    "a stored reference": (f"{LS}.login.passwordRef", "ssn-00000001-login", Code.UNKNOWN),
    "a python name": ("resource_group_name", "fleet", Code.UNKNOWN),
    "a key with a dot": ("strategy.a b", 1, Code.UNKNOWN),
    "a name that is a number": ("name", 7, Code.TYPE),
    "a name that is an object": ("name", {"$ne": None}, Code.TYPE),
    "a name that is blank": ("name", "   ", Code.VALUE),
    "a name with a null": ("name", "we\u0000b", Code.VALUE),
    "a name with an escape sequence": ("name", "\u001b[2Jweb", Code.VALUE),
    "a name with a line break": ("name", "web\r\nSet-Cookie: a=b", Code.VALUE),
    "a name that runs backwards": ("name", BIDI, Code.VALUE),
    "a name of 100,000 characters": ("name", "x" * 100_000, Code.RANGE),
    "a region up the tree": ("region", "../../eastus", Code.VALUE),
    "a region with a host": ("region", "eastus.evil.example", Code.VALUE),
    "a region in Cyrillic": ("region", "e\u0430stus", Code.VALUE),
    "a group up the tree": ("resourceGroupName", "../other", Code.VALUE),
    "a group with a slash": ("resourceGroupName", "fleet/providers/x", Code.VALUE),
    "a group with an encoded slash": ("resourceGroupName", "fleet%2Fx", Code.VALUE),
    "a group with a query": ("resourceGroupName", "fleet?api-version=1", Code.VALUE),
    "a group that ends in a period": ("resourceGroupName", "fleet.", Code.VALUE),
    "a flag that is a text": ("strategy.fallbackToOd", "true", Code.TYPE),
    "a flag that is a number": ("strategy.fallbackToOd", 1, Code.TYPE),
    "a strategy of nulls": ("strategy", {"fallbackToOd": None}, Code.REQUIRED),
    "seconds that are a flag": ("strategy.drainingTimeout", True, Code.TYPE),
    "seconds with a fraction": ("strategy.drainingTimeout", 1.5, Code.TYPE),
    "negative seconds": ("strategy.drainingTimeout", -1, Code.RANGE),
    "seconds as a text": ("strategy.drainingTimeout", "120", Code.TYPE),
    "a percentage beyond 100": ("strategy.availabilityVsCost", 101, Code.RANGE),
    "revertToSpot as a text": ("strategy.revertToSpot", "never", Code.TYPE),
    "a window without an end": ("strategy.odWindows", ["Sun:25:00-Mon:02:30"], Code.VALUE),
    "a window that is an object": ("strategy.odWindows", {"0": "Sun:00:00-Mon:00:00"}, Code.TYPE),
    "admins that are a text": ("strategy.vmAdmins", "*", Code.TYPE),
    "a null among admins": ("strategy.vmAdmins", [None], Code.TYPE),
    "an empty admin, part of every name": ("strategy.vmAdmins", [""], Code.VALUE),
    "a size up the tree": ("compute.vmSizes.odSizes", ["../../standard_d2s_v5"], Code.VALUE),
    "sizes that are an object": ("compute.vmSizes.odSizes", {"a": "b"}, Code.TYPE),
    "a zone that is a number": ("compute.zones", [1], Code.VALUE),
    "a fourth zone": ("compute.zones", ["4"], Code.VALUE),
    "an operating system in lower case": ("compute.os", "linux", Code.VALUE),
    "a VM name up the tree": (f"{LS}.vmName", "../../../etc/passwd", Code.VALUE),
    "a VM name in emoji": (f"{LS}.vmName", "web-\U0001f600", Code.VALUE),
    "a VM name that runs backwards": (f"{LS}.vmName", BIDI, Code.VALUE),
    "custom data that is no base64": (f"{LS}.customData", "#!/bin/sh", Code.VALUE),
    "base64 of the other alphabet": (f"{LS}.customData", "-_-_", Code.VALUE),
    "base64 with line breaks": (f"{LS}.customData", "aGVs\nbG8=", Code.VALUE),
    "base64 without its padding": (f"{LS}.userData", "aGVsbG8", Code.VALUE),
    "base64 that lies of its length": (f"{LS}.userData", "aGVsbG8=" * 2, Code.VALUE),
    "custom data too large": (f"{LS}.customData", "QUFB" * 21_846, Code.VALUE),
    "an image of two kinds": (
        f"{LS}.image",
        {"custom": {"name": "i", "resourceGroupName": "g"}, "gallery": {}, "marketplace": MARKET},
        Code.CONFLICT,
    ),
    "an offer up the tree": (f"{LS}.image.marketplace.offer", "../../skus", Code.VALUE),
    "a network up the tree": (f"{LS}.network.virtualNetworkName", "../../x", Code.VALUE),
    "a subnet that is a path": (
        f"{LS}.network.networkInterfaces.0.subnetName",
        "default/../../other/subnets/x",
        Code.VALUE,
    ),
    "a subnet with an encoded slash": (
        f"{LS}.network.networkInterfaces.0.subnetName",
        "default%2f..%2fx",
        Code.VALUE,
    ),
    "a subnet that is two points": (
        f"{LS}.network.networkInterfaces.0.subnetName",
        "..",
        Code.VALUE,
    ),
    "no network interfaces": (f"{LS}.network.networkInterfaces", [], Code.REQUIRED),
    "an address that is none": (
        f"{LS}.network.networkInterfaces.0.privateIpAddresses",
        ["127.0.0.1/8"],
        Code.VALUE,
    ),
    "a disk of 2^63 GB": (f"{LS}.osDisk", {"type": "Premium_LRS", "sizeGB": 2**63}, Code.RANGE),
    "a disk of 0 GB": (f"{LS}.osDisk", {"type": "Premium_LRS", "sizeGB": 0}, Code.RANGE),
    "a tag without a key": (f"{LS}.tags", [{"tagKey": "", "tagValue": "x"}], Code.VALUE),
    "a tag of 513 characters": (
        f"{LS}.tags",
        [{"tagKey": "k", "tagValue": "x" * 513}],
        Code.RANGE,
    ),
    "a cron line with a command": (
        "scheduling.tasks",
        [{"isEnabled": True, "type": "pause", "cronExpression": "* * * * * rm -rf /"}],
        Code.VALUE,
    ),
    "a storage address without TLS": (
        f"{LS}.bootDiagnostics",
        {"isEnabled": True, "type": "unmanaged", "storageUri": "http://169.254.169.254/"},
        Code.VALUE,
    ),
}
"""A document that is good but for one place: what is wrong, where, with what."""

QUERIES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "no dates": ("", Code.REQUIRED, ("fromDate", "toDate")),
    "a date before its end": (
        "fromDate=2026-11-24&toDate=2026-11-23",
        Code.CONFLICT,
        ("fromDate",),
    ),
    "a date that is none": ("fromDate=NaN&toDate=2026-11-23", Code.VALUE, ("fromDate",)),
    "a moment beyond time": (f"fromDate={'9' * 30}&toDate=2026-11-23", Code.VALUE, ("fromDate",)),
    "a negative limit": (f"{DAY}&limit=-1", Code.RANGE, ("limit",)),
    "a limit in other digits": (f"{DAY}&limit=%D9%A3", Code.RANGE, ("limit",)),
    "a limit beyond bounds": (f"{DAY}&limit=1001", Code.RANGE, ("limit",)),
    "a severity that is a filter": (
        f"{DAY}&severity=ALL'%20or%201%20eq%201",
        Code.VALUE,
        ("severity",),
    ),
}

NO_NODES: Final = {
    "up the tree": "..%2F..%2Fact-0000bbbb.ssn-00000001",
    "a filter": "ssn-00000001'%20or%20PartitionKey%20ne%20'",
    "a null": "ssn-00000001%00",
    "4,000 characters": "ssn-" + "0" * 4_000,
    "another script": "ssn-%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0",
    "another case": "SSN-00000001",
    "another partition": "act-0000aaaa.ssn-00000001",
}

OTHER_BODIES: Final[dict[str, tuple[str, str, Any, str, str]]] = {
    "a state that is none": (
        "PUT",
        f"{NODES}/{{id}}/state",
        {"state": "destroy"},
        Code.VALUE,
        "state",
    ),
    "a state that is a list": (
        "PUT",
        f"{NODES}/{{id}}/state",
        {"state": ["pause"]},
        Code.VALUE,
        "state",
    ),
    "a delete that keeps and reverts nothing": (
        "DELETE",
        f"{NODES}/{{id}}",
        {"deallocationConfig": {}},
        Code.REQUIRED,
        "deallocationConfig.shouldTerminateVm",
    ),
    "a delete after 372 hours": (
        "DELETE",
        f"{NODES}/{{id}}",
        {
            "deallocationConfig": {
                "shouldTerminateVm": True,
                "diskDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 372},
            }
        },
        Code.RANGE,
        "deallocationConfig.diskDeallocationConfig.ttlInHours",
    ),
    "a disk that is a path": (
        "PUT",
        f"{NODES}/{{id}}/dataDisk/attach",
        {
            "dataDiskName": "../x",
            "dataDiskResourceGroupName": "fleet",
            "sizeGB": 8,
            "storageAccountType": "Premium_LRS",
        },
        Code.VALUE,
        "dataDiskName",
    ),
    "a role of one's own": (
        "POST",
        TOKENS,
        {"token": {"name": "x", "roles": {"act-0000aaaa": "root"}}},
        Code.VALUE,
        "token.roles.act-0000aaaa",
    ),
    "a token that brings its secret": (
        "POST",
        TOKENS,
        {"token": {"name": "x", "roles": {"act-0000aaaa": "admin"}, "secret": "mrg_x"}},
        Code.UNKNOWN,
        "token.secret",
    ),
    "a tenant that is a host": (
        "POST",
        CREDENTIALS,
        {
            "clientId": GUID.format(1),
            "clientSecret": "x",
            "tenantId": "evil.example/x",
            "subscriptionId": GUID.format(1),
        },
        Code.VALUE,
        "tenantId",
    ),
}

TYPES: Final = (
    "text/plain",
    "text/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)


def bracketed(path: str) -> str:
    """Write indexes as the API does: `a.0.b` is `a[0].b`."""
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split("."))[1:]


def _documents() -> Iterator[Hostile]:
    for name, (path, value, code) in IN_DOCUMENTS.items():
        sent = json.dumps(body(put(node(), path, value))).encode()
        yield Hostile(name, "POST", NODES, sent, code, (f"{ROOT}.{bracketed(path)}",))


def every() -> tuple[Hostile, ...]:
    """Return all inputs."""
    listed = [Hostile(n, "POST", NODES, sent, BAD_JSON) for n, sent in NO_JSON.items()]
    listed += [
        Hostile(n, "POST", NODES, sent, code, tuple(where.split()) or ("body",))
        for n, (sent, code, where) in WRONG_SHAPES.items()
    ]
    listed += _documents()
    listed += [
        Hostile(n, "GET", f"{NODES}/{{id}}/log?{query}", b"", code, fields)
        for n, (query, code, fields) in QUERIES.items()
    ]
    listed += [
        Hostile(n, "GET", f"{NODES}/{node_id}", b"", "GROUP_DOESNT_EXIST", ("", ""))
        for n, node_id in NO_NODES.items()
    ]
    listed += [
        Hostile(n, method, path, json.dumps(sent).encode(), code, (where,))
        for n, (method, path, sent, code, where) in OTHER_BODIES.items()
    ]
    sent = json.dumps(body()).encode()
    listed += [
        Hostile(
            kind,
            "POST",
            NODES,
            sent,
            "INVALID_CONTENT_TYPE",
            ("Content-Type",),
            {"Content-Type": kind},
        )
        for kind in TYPES
    ]
    return tuple(listed)
