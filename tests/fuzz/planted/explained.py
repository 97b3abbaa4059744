"""Why a mutant may live on: patterns of ids, and reasons in words."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True)
class Reason:
    """Why the mutants whose ids match a pattern are not caught."""

    pattern: str
    why: str
    harmless: bool = False
    """True: it breaks no promise, so there is nothing to see, and it does not count."""


LAYERS: Final = "two things guard against it, and each alone is enough: "

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "*/doubled/*",
        "a step may be taken twice: I6 asks that of it, and all it costs is a call or a pause",
        harmless=True,
    ),
    Reason(
        "*/other-name/*",
        "a name that is always the same serves as well as another; `new-name` shows that it must"
        " be derived",
        harmless=True,
    ),
    Reason(
        "activities.disk/new-name/*",
        LAYERS + "the name, and the lineage of disks: each copy is journalled before it is made,"
        " and what came of no use is cleared by it under whatever name",
        harmless=True,
    ),
    Reason(
        "*/no-look/*",
        LAYERS + "the look, and the write, which is conditional or changes nothing where the"
        " thing is there; found/neither-look-nor-condition takes both away",
        harmless=True,
    ),
    Reason(
        "*/no-etag/*",
        LAYERS + "the condition, and the look before; found/neither-look-nor-condition takes"
        " both away",
        harmless=True,
    ),
    Reason(
        "activities.vm_launch/believed/_finished/*",
        LAYERS + "the wait until a VM is made, and `up`, which asks to be asked again",
        harmless=True,
    ),
    Reason(
        "activities.vm_launch/no-read-back/_put/2",
        "the market is left all the same; only its memory is lost, which saves tries",
        harmless=True,
    ),
    Reason(
        "shared.durable/skipped/Activity.__call__/2",
        "the pause between two looks saves calls; I8 sees it where they are too many",
        harmless=True,
    ),
    Reason(
        "orchestrators.delete/swapped/_insist/*",
        "the pause between two tries saves calls; the order of both matters to nobody",
        harmless=True,
    ),
    Reason(
        "orchestrators.launch/swapped/launch/1",
        "the pause between two tries saves calls; the order of both matters to nobody",
        harmless=True,
    ),
    *(
        Reason(
            pattern,
            "the step is taken once more before its answer is looked at, which I6 asks that it"
            " bears; then as many tries follow, one pause fewer between them",
            harmless=True,
        )
        for pattern in (
            "orchestrators.give_back/swapped/_start/3",
            "orchestrators.ready/swapped/join/2",
            "orchestrators.release/swapped/leave/3",
            "orchestrators.stop/swapped/_deallocated/2",
        )
    ),
    Reason(
        "orchestrators.retire/skipped/retire/2",
        LAYERS + "the deletion at once, and the due item, written before it, by which what the row"
        " still names is deleted within a minute",
        harmless=True,
    ),
    Reason(
        "orchestrators.place/swapped/attempt/2",
        "as many rankings follow with as many pauses, and no step believes what was ranked: each"
        " looks for itself; at most the last one comes a pause of five seconds too early",
        harmless=True,
    ),
    Reason(
        "orchestrators.launch/swapped/climb/2",
        "the disks outlive their VM: where copies are refused, a start in place is lost, no data",
    ),
    Reason(
        "activities.node/found/heard-during-an-operation-and-forgotten",
        LAYERS + "the due item, and the fleet list, which sees each minute what is down",
        harmless=True,
    ),
    Reason(
        "activities.*/found/a-repeat*-is-born-later",
        LAYERS + "the notice, and the fleet list, which sees each minute what is down",
        harmless=True,
    ),
    Reason(
        "activities.vm_stop/believed/deallocate_vm/[346]",
        "a VM that goes down is told to once more, and followed to its end, as a repeat of the"
        " step does; a refusal because it is busy is waited out by the seam",
        harmless=True,
    ),
    Reason(
        "activities.vm_start/believed/start_vm/2",
        "Azure answers a start of a VM that runs, and does nothing; one that somebody has stopped"
        " since is not started, whatever its power",
        harmless=True,
    ),
    Reason(
        "activities.vm_stop/believed/deallocate_vm/7",
        "the seam asks again, and the first look of `deallocate_vm` finds it down: a read more",
        harmless=True,
    ),
    Reason(
        "activities.vm_stop/no-read-back/deallocate_vm/5",
        "the seam asks again, and the first look of `deallocate_vm` finds it down: a read more",
        harmless=True,
    ),
    Reason(
        "activities.snapshots/swallowed/_Troubles.apart/2",
        "that Azure did not answer is only told: the snapshot is looked at by the next round in"
        " any case, and is taken then",
        harmless=True,
    ),
    Reason(
        "orchestrators.to_on_demand/swapped/_round/2",
        "that the VM is not on demand is told a call later, and by the end of the operation too",
        harmless=True,
    ),
    Reason(
        "activities.vm_up/believed/up/[78]",
        "a word of a message that nobody shows: the log tells the code, the node how many markets",
        harmless=True,
    ),
    Reason(
        "activities.data_disk/no-read-back/attach_data_disk/3",
        LAYERS + "the look, and the read behind the change, also behind a refused one: what the VM"
        " has by then is the answer",
        harmless=True,
    ),
    Reason(
        "activities.vm_stop/read-once/deallocate_vm/1",
        "the seam asks again, and the first look of `deallocate_vm` finds it down: a read more",
        harmless=True,
    ),
    Reason(
        "activities.disk_fit/read-once/_fit/1",
        "the seam asks again, and the first look of `_fit` finds the disk as wanted: a read more",
        harmless=True,
    ),
    Reason(
        "activities.data_disk/no-read-back/make_data_disk/1",
        "`made` is a field of Refused and Changed alone: of any other answer it is not sent, and"
        " `attach_disk` asks no other for it; all it costs is a look into the journal",
        harmless=True,
    ),
    Reason(
        "orchestrators.take_over/swapped/insist/2",
        "the pause between two tries saves calls; as many tries are made, and no promise says when",
        harmless=True,
    ),
    Reason(
        "orchestrators.import_vm/swapped/import_vm/11",
        "both are of step 8, and neither asks how the other went: the VM is up and shown, the"
        " source adopted, and leftovers that stay are named by the row that `SETTLE` writes last",
        harmless=True,
    ),
    Reason(
        "activities.addresses/no-read-back/_delete_unused/2",
        "a NIC of the node that no VM has, of a network that does not persist, is left over by the"
        " launch and deleted behind it, whatever it holds: it only goes sooner",
        harmless=True,
    ),
    Reason(
        "activities.vm_stop/no-read-back/deallocate_vm/3",
        "a VM that is down is told to go down: nothing changes in Azure, and the read that follows"
        " says the same; a call more",
        harmless=True,
    ),
    Reason(
        "activities.source_secure/other-zone/_facts/1",
        "each zone that the document names serves for the copies; that of the VM is a preference"
        " that nothing promises, and one that the document does not name is passed over",
        harmless=True,
    ),
    Reason(
        "activities.data_disk/no-read-back/_outcome/2",
        "the model shows the disk from the beginning of the change, and after its end, also a bad"
        " one, what it shows is believed as well: the answer is the same, some seconds sooner",
        harmless=True,
    ),
    Reason(
        "shared.policy.verdict/found/old-notices-are-about-the-new-vm",
        "three things guard against it: the moment of the launch, the notices that the operation"
        " has read, and the look at Azure; a stop that is named between a recycle and three minutes"
        " later would show it, for as long: no life has one",
    ),
    Reason(
        "activities.source_handover/no-read-back/_freed/4",
        "the simulated Azure gives NICs free with the write that exchanges them, and nobody takes"
        " one for another VM in the middle: only reads that lag come by, which are right later",
    ),
    Reason(
        "activities.vm_launch/no-read-back/_landed/1",
        "I9 would see it, by its tag: too few lives have another's VM under the very name",
    ),
)
"""The first that fits counts."""

UNEXPLAINED: Final = Reason("*", "not explained")


def reason(mutant_id: str) -> Reason:
    """Return why the mutant with this id may live on."""
    fitting = (one for one in REASONS if fnmatchcase(mutant_id, one.pattern))
    return next(fitting, UNEXPLAINED)
