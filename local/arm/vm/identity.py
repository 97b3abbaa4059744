"""Managed identities of a VM: the system-assigned one lives and dies with the VM object."""

from local.arm.subscription.state import TENANT
from local.arm.wire import Json
from local.arm.world import World


def merge(world: World, known: Json | None, wanted: Json | None) -> Json | None:
    """Return the identity after a request; a principal once minted stays. None: no identity."""
    if wanted is None:
        return known
    kinds = {part.strip().lower() for part in str(wanted.get("type") or "None").split(",")}
    system, user = "systemassigned" in kinds, "userassigned" in kinds
    if not system and not user:
        return None
    merged: Json = {"type": ", ".join(["SystemAssigned"] * system + ["UserAssigned"] * user)}
    if system:
        merged["principalId"] = (known or {}).get("principalId") or world.new_uuid()
        merged["tenantId"] = TENANT
    if user:
        had = (known or {}).get("userAssignedIdentities") or {}
        before = {identity_id.lower(): value for identity_id, value in had.items()}
        given = wanted.get("userAssignedIdentities") or {}
        kept = {} if given else dict(had)
        for identity_id, value in given.items():
            if value is not None:
                kept[identity_id] = before.get(identity_id.lower()) or {
                    "principalId": world.new_uuid(),
                    "clientId": world.new_uuid(),
                }
        merged["userAssignedIdentities"] = kept
    return merged
