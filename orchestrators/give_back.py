"""Give back: an import that cannot be completed leaves its source as it was.

A part of import VM; it ends the operation. The source comes first, for its user waits for it.
"""

from orchestrators.take_over import Taking, insist
from shared.contracts.base import Changed, Done, Ended, NoCapacity, Refused
from shared.contracts.disk import DELETE_RESOURCES, LET_GO, DeleteResources, LetGo
from shared.contracts.node import SETTLE, SettleOperation
from shared.contracts.source import (
    END_IMPORT,
    GIVE_BACK_NICS,
    JOIN_POOLS,
    RELEASE_SOURCE,
    START_SOURCE,
    EndImport,
    GiveBackNics,
    ImportState,
    JoinPools,
    ReleaseSource,
    StartSource,
)
from shared.contracts.vm import DELETE_VM, DeleteVm
from shared.durable import Context, Durable, pause
from shared.model.run import Vm
from shared.policy.imported import (
    ROUSED,
    START_AGAIN_S,
    STARTS_MAX,
    Remains,
    made_by,
    rolled_back,
    story_of_source,
    trouble_of,
)
from shared.policy.parting import NOT_OURS

Trouble = list[str]
"""What could not be taken back, in words for the source's user."""


def give_back(context: Context, taking: Taking) -> Durable[Ended]:
    """Undo what was done to the source, delete what was made, and say why."""
    trouble = Trouble([ROUSED] if taking.roused else ())

    # 1. Delete the VMs that did not become the node's: they may hold the source's interfaces.
    bodies = yield from _end_bodies(context, taking, trouble)

    # 2. Give the source its interfaces back.
    whole = (not taking.freeing) or (yield from _return_nics(context, taking, trouble))
    lent = () if whole else (yield from _let_go(context, taking, trouble))

    # 3. Start it again, if it ran and is whole, and put it into its backend pools.
    starts = taking.is_secured and taking.running
    if starts and whole:
        yield from _try(trouble, "it does not run, start it by hand", _start(context, taking))
    if taking.left_pools:
        yield from _rejoin(context, taking, trouble)

    # 4. Take the mark off it: another import may have it.
    release = ReleaseSource(work=taking.node.work.at("release", 90), source=taking.source)
    yield from _try(trouble, "it is still marked", insist(context, RELEASE_SOURCE, release))
    over = EndImport(work=taking.node.work.at("end", 92), state=ImportState.FAILED)
    yield from END_IMPORT(context, over)

    # 5. Delete what was made for the node.
    left = yield from _delete_made(context, taking, trouble)

    # 6. Show the node in ERROR, with nothing but the reason.
    now = context.current_utc_datetime
    told = story_of_source(started=starts, trouble=trouble)
    remains = Remains(told=told, vm=next(iter(bodies), None), leftovers=left, lent=lent)
    run, line = rolled_back(taking.node.run, taking.failed, remains, now)
    settle = SettleOperation(work=taking.node.work.at("settle", 100), run=run, log=(line,))
    yield from SETTLE(context, settle)
    return Ended(outcome="refused", reason=taking.failed)


def _try(
    trouble: Trouble, what: str, asking: Durable[Done | NoCapacity | Refused | Changed]
) -> Durable[bool]:
    """Await an answer; note what it means if it is not Done."""
    answer = yield from asking
    if isinstance(answer, Done):
        return True
    text = trouble_of(what, answer)
    if text not in trouble:
        trouble.append(text)
    return False


def _end_bodies(context: Context, taking: Taking, trouble: Trouble) -> Durable[list[Vm]]:
    """Delete those that are the node's; return those that Azure would not delete."""
    left = []
    for index, body in enumerate(taking.bodies):
        end = DeleteVm(
            work=taking.node.work.at(f"undo-vm-{index}", 60),
            vm_resource_id=body.id,
            even_if_running=True,
        )
        gone = yield from insist(context, DELETE_VM, end)
        if isinstance(gone, Done) or gone.code == NOT_OURS:
            continue
        trouble.append(f"{body.name}, which was to take its place, is still there ({_why(gone)})")
        left.append(body)
    return left


def _why(answer: NoCapacity | Refused | Changed) -> str:
    return f"{answer.code}: {answer.message}"


def _return_nics(context: Context, taking: Taking, trouble: Trouble) -> Durable[bool]:
    request = GiveBackNics(
        work=taking.node.work.at("return-nics", 65),
        source=taking.source,
        nics=taking.secured.nics,
    )
    what = "it is down, with a placeholder for its network interfaces"
    return (yield from _try(trouble, what, insist(context, GIVE_BACK_NICS, request)))


def _let_go(context: Context, taking: Taking, trouble: Trouble) -> Durable[tuple[str, ...]]:
    """Take the node's tag off the source's interfaces; return those that may carry it still.

    Whoever has them now: no delete of the node may find them.
    """
    nics = tuple(nic.id for nic in taking.secured.nics)
    request = LetGo(work=taking.node.work.at("let-go", 70), resource_ids=nics)
    what = "its network interfaces carry the node's tag"
    free = yield from _try(trouble, what, insist(context, LET_GO, request))
    return () if free else nics


def _start(context: Context, taking: Taking) -> Durable[Done | NoCapacity | Refused | Changed]:
    """Start the source; where Azure has no room for it now, again for a while.

    What was made for the node goes before that: it may be half an hour.
    """
    work = taking.node.work.at("start", 75)
    request = StartSource(work=work, source=taking.source)
    answer = yield from insist(context, START_SOURCE, request)
    if isinstance(answer, NoCapacity):
        yield from _delete_made(context, taking, Trouble())
    for _ in range(STARTS_MAX - 1):
        if not isinstance(answer, NoCapacity):
            break
        yield from pause(context, START_AGAIN_S)
        answer = yield from insist(context, START_SOURCE, request)
    return answer


def _rejoin(context: Context, taking: Taking, trouble: Trouble) -> Durable[None]:
    join = JoinPools(
        work=taking.node.work.at("rejoin", 80), source=taking.source, pools=taking.secured.pools
    )
    yield from _try(trouble, "it is in no backend pool", insist(context, JOIN_POOLS, join))


def _delete_made(context: Context, taking: Taking, trouble: Trouble) -> Durable[tuple[str, ...]]:
    """Delete copies, snapshots, NICs and addresses of ours; return what may still be there."""
    more = (*taking.made, *([taking.placeholder_id] if taking.placeholder_id else []))
    made = made_by(taking.node.run, more, taking.secured.nics)
    if not made:
        return ()
    work = taking.node.work.at("delete-made", 95)
    request = DeleteResources(work=work, resource_ids=made)
    asking = insist(context, DELETE_RESOURCES, request)
    deleted = yield from _try(trouble, "its copies are not all deleted", asking)
    return () if deleted else made
