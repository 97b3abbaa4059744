"""Reasons: what is not compared, and which differences are meant to be."""

import json
import re
from typing import NamedTuple

from tests.fidelity.recordings import Exchange


class NotCovered(NamedTuple):
    """Requests of a kind that the simulator does not serve."""

    op: str
    reason: str


class Reason(NamedTuple):
    """A difference that is meant to be: `op` and `difference` are regular expressions."""

    op: str
    difference: str
    why: str
    where: str = ""
    """A text that the recorded answer must hold."""


NOT_COVERED = (
    NotCovered(
        r"Microsoft\.Resources/deployments",
        "templates are not served; the tool makes what they make",
    ),
    NotCovered(r"GET Microsoft\.(Network|Compute|Storage)$", "provider metadata, asked by the CLI"),
    NotCovered(r"GET /resources", "search over all resources, asked by the CLI"),
    NotCovered(r"exportTemplate", "templates are not served"),
    NotCovered(r"Microsoft\.Storage", "storage accounts"),
    NotCovered(r"virtualMachineScaleSets", "scale sets"),
    NotCovered(
        r"ddosProtectionPlans|serviceEndpointPolicies|applicationGateways",
        "other network resources",
    ),
)

REASONS = (
    Reason(r"", r"^duration: ", "how long an operation takes is drawn, not replayed"),
    Reason(
        r"GET Microsoft\.Network/networkInterfaces$",
        r"^/value\[name=.*\]: missing here",
        "resources of other tests in the recorder's subscription",
    ),
    Reason(
        r"Microsoft\.Network/virtualNetworks",
        r"/subnetID: missing here",
        "appeared in answers of October 2020, and in none of December 2020",
    ),
    Reason(
        r"",
        r"^error message: .* was not found\.[\"'] recorded",
        "before 2020 the sentence ended there: the link was added since",
    ),
    Reason(
        r"Microsoft\.Compute/(disks|snapshots)|DiskOperations",
        r"/(publicNetworkAccess|supportedCapabilities|incrementalSnapshotFamilyId"
        r"|LastOwnershipUpdateTime): not recorded",
        "shown by later api-versions than the recorded ones (2020), here by every one",
    ),
    Reason(
        r"Microsoft\.Compute/virtualMachines",
        r"/(etag|timeCreated|deleteOption|assessmentMode|networkInterfaces\[\]/properties): "
        r"not recorded",
        "shown by later api-versions than the recorded ones (2020), here by every one",
    ),
    Reason(
        r"Microsoft\.Compute/virtualMachines",
        r"/osDisk/(vhd: missing|managedDisk: not recorded|diskSizeGB: missing)",
        "the recorded disk is a page blob: Azure retired those, the tool makes a managed disk",
        where=".vhd",
    ),
    Reason(
        r"GET Microsoft\.Compute/virtualMachines",
        r"/instanceView/vmAgent/|/instanceView/(osName|osVersion|computerName): not recorded",
        "how soon the guest agent reports is drawn, not replayed",
    ),
)


def not_covered(exchange: Exchange) -> str | None:
    """Return why an exchange cannot be compared, or None."""
    if exchange.status in {500, 503, 504}:
        return "Azure's own failure"
    if isinstance(exchange.answer, str):
        return "a web server's page, not ARM's answer"
    for entry in NOT_COVERED:
        if re.search(entry.op, exchange.op):
            return entry.reason
    return None


def reason(exchange: Exchange, difference: str) -> str | None:
    """Return why this difference is meant to be, or None."""
    for entry in REASONS:
        fits = re.search(entry.op, exchange.op) and re.search(entry.difference, difference)
        if fits and entry.where in json.dumps(exchange.answer):
            return entry.why
    return None
