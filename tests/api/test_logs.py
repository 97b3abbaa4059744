"""A node's log as clients read it: endpoint 16 whole, and the filters of the list."""

from datetime import timedelta

import pytest

from shared.model.ids import node_key
from shared.model.run import LogEntry
from store.stores import Stores
from tests.api import in_memory
from tests.api.harness import ACCOUNT, PATH, Api
from tests.store.worlds import NOON
from tests.unit.model.documents import body, node

stores = in_memory.stores
DAY = "fromDate=2026-11-23&toDate=2026-11-24"
DISK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/web-os"
LINES = 1_100


@pytest.fixture
async def node_id(api: Api, stores: Stores) -> str:
    """Make a node with a line in its log each second."""
    made = await api.created(body())
    severities = ("DEBUG", "INFO", "WARN", "ERROR")
    lines = [
        LogEntry(
            at=NOON + timedelta(seconds=number),
            message=f"line {number}",
            severity=severities[number % 4],
            resource_id=DISK if number % 100 == 0 else None,
        )
        for number in range(1, LINES)
    ]
    await stores.log.write(node_key(ACCOUNT, made), lines)
    return made


async def messages(api: Api, node_id: str, query: str) -> list[str]:
    found = await api.call("GET", f"{PATH}/{node_id}/log?{query}")
    assert found.status == 200, found.body
    assert found.body["response"]["kind"] == "spotinst:azure:statefulNode:logs"
    return [one["message"] for one in found.items]


async def test_500_lines_are_read_unless_a_limit_says_otherwise(api: Api, node_id: str) -> None:
    """S109: the log is read newest first, by a limit from 0 to 1000."""
    assert await messages(api, node_id, DAY) == [f"line {n}" for n in range(1_099, 599, -1)]
    for limit in (0, 1, 1_000):
        assert len(await messages(api, node_id, f"{DAY}&limit={limit}")) == limit


async def test_a_severity_keeps_that_severity_and_all_keeps_all(api: Api, node_id: str) -> None:
    """S109: the log is read by severity."""
    for severity in ("DEBUG", "INFO", "WARN", "ERROR", "warn"):
        found = await api.call("GET", f"{PATH}/{node_id}/log?{DAY}&severity={severity}")
        assert {one["severity"] for one in found.items} == {severity.upper()}
    found = await api.call("GET", f"{PATH}/{node_id}/log?{DAY}&severity=ALL")
    assert len({one["severity"] for one in found.items}) == 4


async def test_lines_about_one_resource_are_found_among_many(api: Api, node_id: str) -> None:
    """S109: the log is read by resource."""
    assert len(await messages(api, node_id, f"{DAY}&resourceId={DISK.upper()}")) == 10
    assert await messages(api, node_id, f"{DAY}&resourceId=/other") == []


async def test_the_nodes_own_id_as_resource_is_its_whole_log(api: Api, node_id: str) -> None:
    assert len(await messages(api, node_id, f"{DAY}&resourceId={node_id}")) == 500


@pytest.mark.parametrize(
    "span",
    [
        "fromDate=2026-11-23T12:00:05Z&toDate=2026-11-23T12:00:07Z",
        "fromDate=2026-11-23T13:00:05%2B0100&toDate=2026-11-23T13:00:07.000+01:00",
        "fromDate=1795435205000&toDate=1795435207000",
        "fromDate=20261123T120005Z&toDate=2026-11-23%2012:00:07",
    ],
)
async def test_dates_are_iso_8601_or_unix_milliseconds(api: Api, node_id: str, span: str) -> None:
    """S109: the log is read by dates."""
    assert await messages(api, node_id, span) == ["line 7", "line 6", "line 5"]


@pytest.mark.parametrize("first", ["0", "1700-01-01", "0001-01-01T00:00:00+05:00", "19700101"])
@pytest.mark.parametrize("last", ["9999-12-31T23:59:59-05:00", "20991231", "99999999999999"])
async def test_dates_before_and_after_everything_read_everything(
    api: Api, node_id: str, first: str, last: str
) -> None:
    assert len(await messages(api, node_id, f"fromDate={first}&toDate={last}")) == 500


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", ["fromDate", "toDate"]),
        (f"{DAY}&limit=1001", ["limit"]),
        (f"{DAY}&limit=-1", ["limit"]),
        (f"{DAY}&limit=1e3", ["limit"]),
        (f"{DAY}&limit={'0' * 20}1", ["limit"]),
        (f"{DAY}&limit={'9' * 5_000}", ["limit"]),
        (f"{DAY}&severity=LOUD", ["severity"]),
        ("fromDate=2026-11-24&toDate=2026-11-23", ["fromDate"]),
        (
            "fromDate=2026&toDate=now&severity=x&limit=x",
            ["fromDate", "toDate", "severity", "limit"],
        ),
    ],
)
async def test_bad_parameters_are_refused_all_at_once(
    api: Api, node_id: str, query: str, fields: list[str]
) -> None:
    found = await api.call("GET", f"{PATH}/{node_id}/log?{query}")

    assert (found.status, found.fields) == (400, fields)


async def test_the_list_is_filtered_by_exact_name_and_region(api: Api) -> None:
    """S109: nodes are listed by name and region."""
    for name, region in (("web", "eastus"), ("web", "westeurope"), ("db", "eastus")):
        await api.created(body(node(name=name, region=region)))

    async def count(query: str) -> int:
        return len((await api.call("GET", f"{PATH}?{query}")).items)

    assert await count("") == 3
    assert await count("name=web") == 2
    assert await count("region=eastus") == 2
    assert await count("name=web&region=eastus") == 1
    assert await count("name=we") == await count("name=Web") == await count("region=east") == 0
    assert await count("name=&region=") == 3
