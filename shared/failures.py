"""Azure's refusals, sorted: one ordered table, read top to bottom, the first fit decides.

A refusal comes in two forms, at once (4xx on the call) or later (an operation that Failed, polled
with 200). Both reach the table as (code, message, status); every capacity code is known in both.
Codes and texts: Azure docs, error-codes-spot and troubleshooting pages; recorded replies.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.model.run import Lifecycle


class Kind(StrEnum):
    """What a refusal means, and whose reaction it asks for."""

    TRANSIENT = "transient"
    """Broken connection, Azure unwell: raised, repeated by the durable retry."""
    THROTTLED = "throttled"
    """Too many calls: waited out by timer."""
    CAPACITY = "capacity"
    """No such VM here now: shun the scope, try the next market."""
    QUOTA = "quota"
    """We may have no more: shun the scope, try the next market, tell a person if the limit is 0."""
    CONFLICT = "conflict"
    """Someone else is at it: wait `wait_s`; where that is 0, re-read and decide from facts."""
    GONE = "gone"
    """404: done for a delete; a fact for a read."""
    GUEST = "guest"
    """The VM was had, and failed: a few other VMs are worth a try, then it is not the market's
    fault. Shuns nothing: another node's image may boot there."""
    PERMANENT = "permanent"
    """Asking again will not help: stop, and show Azure's code and words."""


class Scope(StrEnum):
    """How many markets a refusal rules out besides the one that was tried."""

    NONE = "none"
    SIZE_IN_ZONE = "size_in_zone"
    """That market alone."""
    SIZE = "size"
    """The size in every zone, in that lifecycle."""
    FAMILY_IN_ZONE = "family_in_zone"
    """Sizes of the family with as many vCPUs or more in that zone, in that lifecycle."""
    FAMILY = "family"
    """Sizes of the family with as many vCPUs or more in every zone, in that lifecycle."""
    LIFECYCLE = "lifecycle"
    """Every size with as many vCPUs or more in that lifecycle."""


SHUN_ALLOCATION_S: Final = 3_600
"""Seconds to pass over a market that had no room. Source: karpenter-provider-azure, allocation
failures and Spot SKUs, 1 hour."""
SHUN_OD_SKU_S: Final = 82_800
"""On-demand SKUs come back slowly. Source: karpenter-provider-azure, 23 hours."""
SHUN_QUOTA_S: Final = 600
"""Quota frees when another VM goes. Source: karpenter-provider-azure, 10 minutes."""
SHUN_NO_QUOTA_S: Final = 3_600
"""A limit of 0 is raised by people. Source: karpenter-provider-azure, 1 hour."""
NIC_RESERVED_S: Final = 180.0
"""Azure keeps a NIC for the VM whose create failed. Source: the refusal's own text."""
BUSY_S: Final = 5.0
"""Between two tries while another operation is at the resource: updates of a deallocated VM take
0.8 s, disk detaches up to 18 s, by recordings."""


@dataclass(frozen=True)
class Rule:
    """One row. `code` and `text` compare without case; empty fits any."""

    code: str
    text: str
    kind: Kind
    scope: Scope = Scope.NONE
    shun_s: int = 0
    also: str = ""
    """A second text that must stand in the message."""
    status: tuple[int, int] | None = None
    """Range of HTTP statuses, inclusive; None fits any, and failed operations."""
    od_shun_s: int | None = None
    """Where on-demand is shunned for another time than Spot."""
    wait_s: float = 0.0
    """For a conflict: how long until it is worth asking again; 0: waiting alone does not help."""

    @property
    def name(self) -> str:
        """The row's name: for logs, and for its file of examples."""
        any_code = "any-code" if self.text and not self.code else ""
        parts = [self.code or any_code, self.text, self.also]
        if self.status:
            low, high = self.status
            parts.append(f"http-{low}" if low == high else f"http-{low}-{high}")
        slugs = [re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") for part in parts if part]
        return ".".join(slugs) or "anything-else"

    def shun_for(self, lifecycle: Lifecycle) -> int:
        """Return for how many seconds the scope is passed over in a lifecycle."""
        if lifecycle is Lifecycle.OD and self.od_shun_s is not None:
            return self.od_shun_s
        return self.shun_s

    def fits(self, code: str, message: str, status: int | None) -> bool:
        """Tell whether this row is about such a refusal."""
        if self.code and self.code.casefold() != code.casefold():
            return False
        if self.status and not self.status[0] <= (status or 0) <= self.status[1]:
            return False
        words = message.casefold()
        return self.text.casefold() in words and self.also.casefold() in words


def _permanent(*codes: str) -> tuple[Rule, ...]:
    return tuple(Rule(code, "", Kind.PERMANENT) for code in codes)


def _gone(*codes: str) -> tuple[Rule, ...]:
    return tuple(Rule(code, "", Kind.GONE) for code in codes)


def _transient(*codes: str) -> tuple[Rule, ...]:
    return tuple(Rule(code, "", Kind.TRANSIENT) for code in codes)


def _quota(text: str, scope: Scope) -> tuple[Rule, ...]:
    code, kind = "OperationNotAllowed", Kind.QUOTA
    return (
        Rule(code, text, kind, scope, SHUN_NO_QUOTA_S, also="Current Limit: 0,"),
        Rule(code, text, kind, scope, SHUN_QUOTA_S),
    )


def _busy(code: str, text: str = "", wait_s: float = BUSY_S) -> Rule:
    return Rule(code, text, Kind.CONFLICT, wait_s=wait_s)


def _no_room(code: str, scope: Scope = Scope.SIZE_IN_ZONE) -> Rule:
    return Rule(code, "", Kind.CAPACITY, scope, SHUN_ALLOCATION_S)


CAPACITY: Final = (
    # The last two are our own words for what Azure does without a word: it accepts a Spot VM and
    # takes it back before we have read it running.
    Rule(
        "SkuNotAvailable",
        "",
        Kind.CAPACITY,
        Scope.SIZE_IN_ZONE,
        SHUN_ALLOCATION_S,
        od_shun_s=SHUN_OD_SKU_S,
    ),
    _no_room("AllocationFailed"),
    _no_room("ZonalAllocationFailed", Scope.FAMILY_IN_ZONE),
    _no_room("OverconstrainedAllocationRequest"),
    _no_room("OverconstrainedZonalAllocationRequest"),
    _no_room("SpotPriceGreaterThanProvidedMaxPrice", Scope.SIZE),
    _no_room("AzureSpotIsNotSupportedForThisVMSize", Scope.SIZE),
    _no_room("AzureSpotFeatureNotEnabledForSubscription", Scope.LIFECYCLE),
    Rule("EvictedAtOnce", "", Kind.CAPACITY, Scope.SIZE_IN_ZONE, SHUN_QUOTA_S),
    Rule("VmVanished", "", Kind.CAPACITY, Scope.SIZE_IN_ZONE, SHUN_QUOTA_S),
)
QUOTA: Final = (
    *_quota("approved LowPriorityCores quota", Scope.LIFECYCLE),
    *_quota("approved Total Regional Cores quota", Scope.LIFECYCLE),
    *_quota("Family Cores quota", Scope.FAMILY),
    *_quota("exceeding approved", Scope.SIZE_IN_ZONE),
    Rule("QuotaExceeded", "", Kind.QUOTA, Scope.SIZE_IN_ZONE, SHUN_QUOTA_S),
    Rule("", "QuotaExceeded", Kind.QUOTA, Scope.SIZE_IN_ZONE, SHUN_QUOTA_S),
)
WAITS: Final = (
    _busy("RetryableErrorDueToAnotherOperation"),
    _busy("RetryableError", "is not in Succeeded state"),
    _busy("AnotherOperationInProgress"),
    _busy("NicReservedForAnotherVm", wait_s=NIC_RESERVED_S),
    _busy("AttachDiskWhileBeingDetached"),
    Rule("TooManyRequests", "", Kind.THROTTLED),
    Rule("OperationNotAllowed", "too many requests", Kind.THROTTLED),
    Rule("", "", Kind.THROTTLED, status=(429, 429)),
    _busy("OperationNotAllowed", "another operation"),
    _busy("OperationNotAllowed", "in progress"),
    _busy("OperationNotAllowed", "marked for deletion"),
    _busy("OperationNotAllowed", "being detached"),
    _busy("Conflict"),
)
REREADS: Final = (
    Rule("ConflictingUserInput", "", Kind.CONFLICT),
    Rule("OperationPreempted", "", Kind.CONFLICT),
    Rule("OperationNotAllowed", "not running", Kind.CONFLICT),
    Rule("OperationNotAllowed", "is attached to VM", Kind.CONFLICT),
    Rule("BadRequest", "not in the same zone", Kind.CONFLICT),
    Rule("BadRequest", "is not in zone", Kind.CONFLICT),
)
"""What we believed of the VM or disk is not so: look again, decide again."""
GONE: Final = _gone(
    "ResourceGroupNotFound", "ResourceNotFound", "NotFound", "ParentResourceNotFound"
)
GUEST: Final = (
    # Azure's two for a guest that did not report in time; ours for a failure without a word.
    Rule("OSProvisioningTimedOut", "", Kind.GUEST),
    Rule("VMStartTimedOut", "", Kind.GUEST),
    Rule("VMProvisioningFailed", "", Kind.GUEST),
)
UNWELL: Final = _transient(
    "InternalExecutionError", "InternalServerError", "ServerTimeout", "OperationTimedOut"
)
PLAIN: Final = (
    *_permanent(
        "MaxPriceValueInvalid",
        "MaxPriceIsSupportedOnlyForAzureSpotVirtualMachines",
        "MaxPriceChangeNotAllowed",
        "MaxPriceChangeNotAllowedForAllocatedVMs",
        "EvictionPolicyCanBeSetOnlyOnAzureSpotVirtualMachines",
        "AzureSpotVMNotSupportedInAvailabilitySet",
        "AzureSpotIsNotSupportedForThisAPIVersion",
        "VMPriorityCannotBeApplied",
        "MoveResourcesWithAzureSpotVMNotSupported",
    ),
    Rule("OperationNotAllowed", "Max price change is not allowed", Kind.PERMANENT),
    Rule("OperationNotAllowed", "maximum number of data disks", Kind.PERMANENT),
    *_permanent(
        "OperationNotAllowed",
        "PropertyChangeNotAllowed",
        "NicInUse",
        "PrivateIPAddressIsAllocated",
        "PublicIPAddressInUse",
    ),
    Rule("", "is referencing public IP address", Kind.PERMANENT, also="already allocated"),
    *_permanent(
        "PublicIPAddressCannotBeDeleted",
        "DiskProcessingError",
        "InvalidParameter",
        "VMExtensionProvisioningError",
        "VMMarketplaceInvalidInput",
        "AuthorizationFailed",
        "LinkedAuthorizationFailed",
        "ScopeLocked",
        "RequestDisallowedByPolicy",
    ),
)
BY_STATUS: Final = (
    Rule("", "", Kind.TRANSIENT, status=(500, 599)),
    Rule("", "", Kind.TRANSIENT, status=(408, 408)),
    Rule("", "", Kind.GONE, status=(404, 404)),
    Rule("", "", Kind.CONFLICT, status=(409, 409), wait_s=BUSY_S),
    Rule("", "", Kind.CONFLICT, status=(412, 412)),
    Rule("", "", Kind.PERMANENT),
)
RULES: Final = (
    *(*CAPACITY, *QUOTA, *WAITS, *REREADS, *GONE, *GUEST, *UNWELL),
    *(*PLAIN, *BY_STATUS),
)
"""The whole table. The last row fits whatever came so far: a refusal we never saw is permanent."""

_FAMILY = re.compile(r"approved (\S+Family) Cores quota", re.IGNORECASE)


def classify(code: str, message: str, status: int | None = None) -> Rule:
    """Return the row that decides about a refusal; `status` is None or 200 for a failed operation.

    Never raises: the last row fits everything.
    """
    return next(rule for rule in RULES if rule.fits(code, message, status))


def quota_family(message: str) -> str | None:
    """Return the quota family that a refusal names (`standardDSv3Family`), or None."""
    found = _FAMILY.search(message)
    return found.group(1) if found else None
