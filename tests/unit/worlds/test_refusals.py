"""What Azure refuses for good: told in its words, and not asked for without end."""

from dataclasses import replace
from datetime import datetime, timedelta

from local.arm.chronicle import Asked, Change
from local.arm.portrait import NIC
from local.worlds.invariants import NodeView, Records, Watch
from local.worlds.invariants.refusals import ASKED_MAX, LASTS, TOLD_WITHIN, Ban
from tests.unit.worlds.history import NODE, NOON, id_of, nic

WRITE = "Microsoft.Network/networkInterfaces/write"
OPERATION, IMPORT = f"{NODE}-pause-1", f"{NODE}-import_vm-1"
CODE = "ScopeLocked"
MINUTE = timedelta(minutes=1)
LATE = NOON + TOLD_WITHIN + MINUTE
Lines = list[tuple[datetime, str]]


def asked(status: int = 409, operation: str = OPERATION, step: int = 0) -> Asked:
    request_id = f"mooring/{operation}/deregister-{step}"
    return Asked(
        NOON, "service", "PUT", WRITE, id_of(NIC, "nic"), request_id, status, "digest", "", ""
    )


def forbidden(times: int, call: Asked | None = None) -> Watch:
    watch = Watch()
    watch.refusals.forbid(Ban(WRITE, 409, CODE, NOON))
    for step in range(times):
        watch.hear(call or asked(step=step))
    return watch


def told(watch: Watch, lines: Lines, at: datetime = LATE, running: str = "") -> list[str]:
    watch.refusals.reckon(at, {running}, lambda: lines)
    return [one.invariant for one in watch.breaches]


def test_what_is_refused_and_never_told_is_a_breach_once_its_time_is_over() -> None:
    watch = forbidden(1)

    assert told(watch, [], NOON + MINUTE) == []
    assert told(watch, [(NOON - 6 * MINUTE, CODE), (LATE, "stopped")]) == ["L"]


def test_a_line_with_azures_code_tells_it() -> None:
    assert told(forbidden(1), [(NOON + MINUTE, f"not attached: {CODE}: locked")]) == []


def test_an_import_tells_it_when_it_has_ended() -> None:
    watch = forbidden(1, asked(operation=IMPORT))

    assert told(watch, [], running=IMPORT) == []
    assert told(watch, []) == ["L"]


def test_what_was_allowed_again_at_once_need_not_be_told() -> None:
    at_once, late = forbidden(1), forbidden(1)
    at_once.refusals.lift(NOON + MINUTE)
    late.refusals.lift(NOON + LASTS + MINUTE)

    assert told(at_once, []) == []
    assert told(late, []) == ["L"]


def test_an_operation_that_asks_without_end_is_a_breach_and_a_few_tries_are_none() -> None:
    assert forbidden(ASKED_MAX).breaches == []
    assert [one.invariant for one in forbidden(ASKED_MAX + 3).breaches] == ["I8"]


def test_a_step_that_runs_twice_asks_twice_and_not_without_end() -> None:
    assert forbidden(2 * ASKED_MAX, asked()).breaches == []
    assert [one.invariant for one in forbidden(2 * ASKED_MAX + 1, asked()).breaches] == ["I8"]


def test_other_answers_and_other_operations_count_by_themselves() -> None:
    watch = forbidden(ASKED_MAX)
    for step in range(ASKED_MAX):
        watch.hear(asked(operation=f"{NODE}-resume-2", step=step))
        watch.hear(asked(500, step=ASKED_MAX + step))

    assert watch.breaches == []


def test_a_nic_that_azure_would_not_change_is_barred_until_a_write_succeeds() -> None:
    watch = forbidden(1)

    barred = set(watch.refusals.barred)
    watch.hear(asked(200))

    assert barred == {id_of(NIC, "nic")}
    assert watch.refusals.barred == set()


def test_a_node_whose_nic_azure_would_not_change_may_be_in_its_pools() -> None:
    pooled = replace(nic(), pools=("/resourcegroups/rg/lb/pool",))
    rests = Records(nodes={NODE: NodeView(NODE, "PAUSED", holds=frozenset((pooled.id,)))})
    free, barred = Watch(), forbidden(1)
    for watch in (free, barred):
        watch.hear(Change(NOON, pooled.id, None, pooled))
        watch.reckon(NOON, rests)

    assert "I12" in [one.invariant for one in free.breaches]
    assert "I12" not in [one.invariant for one in barred.breaches]
