"""What goes when a node is deleted."""

from datetime import datetime

from shared.model.run import LogEntry, Row, RunState, Status


class Deallocation(Row):
    """What the user chose: kinds of resources, and the VM."""

    terminate_vm: bool
    network: bool = False
    disks: bool = False
    snapshots: bool = False
    public_ips: bool = False


def chosen_resources(run: RunState, chosen: Deallocation) -> tuple[str, ...]:
    """Return the ARM ids to delete, users of others first.

    With the VM kept, its disks, interfaces and addresses cannot go. What a failed launch left
    behind goes in any case: it was never the user's.
    """
    ids = [*run.leftovers]
    if chosen.terminate_vm:
        if chosen.network or chosen.public_ips:
            ids += [nic.id for nic in run.nics]
        if chosen.public_ips:
            ids += [nic.public_ip_id for nic in run.nics if nic.public_ip_id]
        if chosen.disks:
            ids += [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    if chosen.snapshots:
        ids += run.snapshots
    return tuple(dict.fromkeys(ids))


def delete_failed(run: RunState, reason: str, now: datetime) -> tuple[RunState, LogEntry]:
    """Return the state and the log line of a delete that Azure refused."""
    message = f"Deallocate action failed. {reason}"
    state = run.model_copy(
        update={"status": Status.ERROR, "error_reason": message, "updated_at": now}
    )
    return state, LogEntry(at=now, message=message, severity="ERROR")
