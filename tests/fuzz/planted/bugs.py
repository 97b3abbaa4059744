"""Bugs found before, and cures that much hangs on: each taken out again."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Bug:
    """One bug. A cure that reads otherwise now no longer matches: then write the entry anew."""

    name: str
    module: str
    function: str
    """Where the cure is: qualified name of the function."""
    cure: str
    """An expression as it is now."""
    bug: str
    """What takes its place."""
    what: str
    also: tuple[str, str, str] | None = None
    """Function, cure and bug of a second place: what guards against the same thing."""


BUGS: Final = (
    Bug(
        "a-running-vm-in-state-failed-is-deleted",
        "activities.vm_delete",
        "delete_vm",
        "power_of(vm) in UP",
        "power_of(vm) in UP and state_of(vm) != 'Failed'",
        "a VM whose guest was slow to report runs in state Failed, and is deleted",
    ),
    Bug(
        "a-running-vm-in-state-failed-is-down",
        "activities.vm_wait",
        "_is_down",
        "facts.provisioning == 'Failed' and facts.power not in UP",
        "facts.provisioning == 'Failed'",
        "a VM that runs in state Failed counts as down",
    ),
    Bug(
        "another-vm-of-the-name-is-ours",
        "activities.vm_wait",
        "_is_other",
        "not same_id(facts.vm_id, request.vm_id or '')",
        "False",
        "a later VM under our name is taken for the one that was evicted",
    ),
    Bug(
        "the-python-name-of-azures-word",
        "activities.azure.words",
        "word",
        "getattr(value, 'value', value)",
        "value",
        "an enum of the SDK is read by its Python name: no NIC is ever finished",
    ),
    Bug(
        "a-size-by-its-python-name",
        "activities.vm_start",
        "_bring_up",
        "word(vm.properties.hardware_profile.vm_size)",
        "str(vm.properties.hardware_profile.vm_size)",
        "sizes that the SDK knows are always resized before a start in place",
    ),
    Bug(
        "a-failed-start-is-never-started-again",
        "shared.policy.rungs",
        "_unstartable",
        "not body.was_up",
        "not body.was_up or bool(inputs.body and inputs.body.size)",
        "a VM that is down is never started in place",
    ),
    Bug(
        "a-conflict-is-waited-out",
        "activities.azure.errors",
        "answer_to",
        "Changed(code=error.code, message=error.message)",
        "Throttled(retry_after_s=3.0)",
        "a conflict that time does not mend is asked for again and again",
    ),
    Bug(
        "an-old-snapshot-is-taken-for-a-new-one",
        "activities.disk",
        "_job",
        "f'{stem(request.work.key)}-{_state_of(source)}'",
        "stem(request.work.key)",
        "a snapshot made before the disk was written to again is copied from",
    ),
    Bug(
        "a-repeat-is-born-later",
        "activities.vm_launch",
        "create_vm",
        "before or ports.clock.now()",
        "ports.clock.now()",
        "what was heard of a VM before a repeated create is taken for an earlier VM's",
    ),
    Bug(
        "a-repeated-start-is-born-later",
        "activities.vm_start",
        "start_vm",
        "await first_intended(ports, work, 'start_vm')",
        "ports.clock.now()",
        "what was heard of a VM before a repeated start is taken for an earlier VM's",
    ),
    Bug(
        "heard-during-an-operation-and-forgotten",
        "activities.node",
        "settle_operation",
        "heard and heard[-1].key != read",
        "False",
        "what was heard of the new VM while its launch went on is never weighed",
    ),
    Bug(
        "a-lost-start-is-never-found",
        "services.evictions",
        "Evictions._replace",
        "await self.operations.watch(record.key, operation)",
        "None",
        "an operation that was locked and never started holds the node for ever",
    ),
    Bug(
        "copies-of-a-refused-step-are-forgotten",
        "activities.disk",
        "copy_disks",
        "_each((*_ids(request, jobs), *tried))",
        "()",
        "a copy that Azure made before it refused another belongs to nobody",
    ),
    Bug(
        "nics-of-a-refused-step-are-forgotten",
        "activities.nic",
        "ensure_nics",
        "one.model_copy(update={'made': _ids(plans)})",
        "one",
        "an address that Azure made before it refused the NIC belongs to nobody",
    ),
    Bug(
        "a-vm-that-failed-late-is-forgotten",
        "activities.vm_launch",
        "_put",
        "ended_badly(problem, vm_id)",
        "ended_badly(problem, '')",
        "a VM that failed after Azure had accepted it keeps disks and NICs",
    ),
    Bug(
        "disks-of-a-failed-create-stay-in-the-way",
        "orchestrators.launch",
        "create",
        "in_the_way(node, now_on)",
        "()",
        "the empty disks that a failed create has left keep their names, and nobody steps aside",
        also=("weigh", "with_strays(now_on, answer.strays)", "now_on"),
    ),
    Bug(
        "nics-of-a-deleted-vm-are-used-again",
        "shared.policy.footing",
        "without_vm",
        "now_on.nics if persists(node, 'Network') else ()",
        "now_on.nics",
        "a NIC that is not to persist is given to the next VM",
    ),
    Bug(
        "an-annotation-outweighs-an-eviction",
        "shared.policy.verdict",
        "_explained",
        "notice.actor",
        "True",
        "a stop of which nobody is named stands against an eviction",
    ),
    Bug(
        "a-hold-begins-when-it-happened",
        "shared.policy.verdict",
        "_held",
        "notice.heard_at",
        "notice.occurred_at",
        "a stop that was heard late is decided at once, before anybody is named",
    ),
    Bug(
        "an-eviction-outlives-a-restart",
        "shared.policy.verdict",
        "_last_stop",
        "_contradicts(up, notice)",
        "False",
        "a VM that was evicted and started again counts as evicted",
    ),
    Bug(
        "old-notices-are-about-the-new-vm",
        "shared.policy.verdict",
        "_about",
        "notice.occurred_at > vm.launched_at",
        "True",
        "what happened to an earlier VM of the name is held against the present one",
    ),
    Bug(
        "a-stop-of-nobody-is-decided-at-once",
        "shared.policy.verdict",
        "_of_stop",
        "_held(down, now)",
        "None",
        "a VM that is down is replaced before anybody could say that he stopped it",
    ),
    Bug(
        "looked-at-too-eagerly",
        "activities.vm_read",
        "pause_after_read_s",
        "READS.is_eager(vm_resource_id.lower(), clock.now())",
        "True",
        "a VM that is waited for is read until Azure throttles",
    ),
    Bug(
        "operations-looked-at-too-eagerly",
        "activities.azure.polling",
        "ClockedPolling._delay",
        "LOOKS.spend(self._resource(), self._clock.now())",
        "True",
        "an operation is looked at until Azure throttles",
    ),
    Bug(
        "tries-without-a-pause",
        "orchestrators.launch",
        "launch",
        "TRY_EVERY_S",
        "0.0",
        "one VM name is created more often than Azure's bucket bears",
    ),
    Bug(
        "leftovers-are-forgotten",
        "shared.policy.landing",
        "landed",
        "leftovers(node, up, now_on)",
        "()",
        "what an earlier VM had and the new one has not is never cleared away",
    ),
    Bug(
        "what-a-person-took-off-is-a-leftover",
        "shared.policy.landing",
        "landed",
        "_taken_off(node.run, up, rung)",
        "()",
        "a disk that a person took off a VM in Azure is deleted after its next start in place",
    ),
    Bug(
        "traces-of-a-launch-in-vain-are-forgotten",
        "shared.policy.landing",
        "held_up",
        "_extra(node, now_on, nics)",
        "node.run.leftovers",
        "what a launch made before it found no room belongs to nobody",
    ),
    Bug(
        "an-operation-without-an-end",
        "services.tick",
        "Tick._lost",
        "not await starter.is_over(operation.id)",
        "True",
        "a node whose orchestration is no more is never released",
    ),
    Bug(
        "neither-look-nor-condition",
        "activities.vm_launch",
        "create_vm",
        "there is None",
        "True",
        "a create is sent without a look and without a condition",
        also=("_put", "MatchConditions.IfMissing", "None"),
    ),
)
