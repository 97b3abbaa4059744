"""Azure Tables behind the `Table` protocol: the same client for Azure and for Azurite."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.data.tables import TableEntity, UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from store.errors import BadConnection, Conflict, Gone, StoreError, TooLarge, Unavailable
from store.limits import require_writable
from store.rows import PAGE_ROWS_MAX, RETRIES, Mode, Span, Stored, Value, Values, Write

BACKOFF_S: Final = 0.2
"""Makes waits of 0, 0.4, 0.8 and 1.6 s before the RETRIES: longer ones belong to the caller's
durable retry."""

DEVELOPMENT: Final = (
    "AccountName=devstoreaccount1;AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1"
)
"""What UseDevelopmentStorage=true stands for, which this client does not know: the emulator's
public account and port. Source: Azure docs, storage/common, Azurite connection strings."""

FORBIDDEN: Final = 403
ROLE: Final = "Storage Table Data Contributor"
"""What an identity must be to make tables and to change rows. Source: Azure docs,
storage/tables/assign-azure-role-data-access."""

_REPEATED: Final = frozenset({"GET", "PUT", "DELETE", "POST", "PATCH", "MERGE"})
"""Methods repeated when the connection broke: all, as each write here may be done twice."""
_KEYS: Final = frozenset({"PartitionKey", "RowKey"})
_MODES: Final = {
    Mode.UPSERT: UpdateMode.REPLACE,
    Mode.UPSERT_MERGE: UpdateMode.MERGE,
    Mode.REPLACE: UpdateMode.REPLACE,
    Mode.MERGE: UpdateMode.MERGE,
}
_VERBS: Final = {
    Mode.INSERT: "create",
    Mode.UPSERT: "upsert",
    Mode.UPSERT_MERGE: "upsert",
    Mode.REPLACE: "update",
    Mode.MERGE: "update",
    Mode.DELETE: "delete",
}


@dataclass(frozen=True)
class Endpoint:
    """A storage account's table endpoint (`https://…`) and who asks; used where no key is."""

    url: str
    credential: AsyncTokenCredential
    transport: AsyncHttpTransport[Any, Any] | None = None
    """None: the SDK's own connections."""


def service_client(connection: str | Endpoint, retries: int = RETRIES) -> TableServiceClient:
    """Make the client for a connection string (http or https) or an endpoint with an identity.

    Raises BadConnection if it can be neither.
    """
    options: dict[str, Any] = {"retry_total": retries, "retry_backoff_factor": BACKOFF_S}
    try:
        return _client(connection, options)
    except ValueError as error:
        raise BadConnection(
            "not a storage connection: give AccountName and AccountKey, or TableEndpoint and "
            "SharedAccessSignature, or an https endpoint with an identity"
        ) from error


def _client(connection: str | Endpoint, options: dict[str, Any]) -> TableServiceClient:
    if isinstance(connection, Endpoint):
        if "?" in connection.url:  # a signature: whose rights would it be then?
            raise ValueError("an endpoint has no query")
        if connection.transport is not None:
            options["transport"] = connection.transport
        return TableServiceClient(connection.url, credential=connection.credential, **options)
    text = DEVELOPMENT if connection.strip(" ;") == "UseDevelopmentStorage=true" else connection
    return TableServiceClient.from_connection_string(text, **options)


async def create_missing(service: TableServiceClient, names: tuple[str, ...]) -> None:
    """Create the tables that are not there yet; safe to repeat and to race."""
    with translated():
        there = {table.name async for table in service.list_tables()}
        missing = (name for name in names if name not in there)
        await asyncio.gather(*(service.create_table_if_not_exists(name) for name in missing))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the client's exceptions into the store's."""
    try:
        yield
    except HttpResponseError as error:
        raise _kind(error.status_code or 0)(_told(error)) from error
    except AzureError as error:
        raise Unavailable(error.message) from error


def _told(error: HttpResponseError) -> str:
    if error.status_code != FORBIDDEN:
        return error.message
    return f"{error.message}\nWho signs in there needs the role {ROLE} on the storage account"


def _kind(status: int) -> type[StoreError]:
    known = {404: Gone, 409: Conflict, 412: Conflict, 413: TooLarge, 429: Unavailable}
    return known.get(status, Unavailable if status >= 500 or not status else StoreError)  # noqa: PLR2004


class AzureTable:
    """One table of Azure Tables or Azurite."""

    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def get(self, partition: str, row: str) -> Stored | None:
        """Read one row."""
        try:
            with translated():
                return _stored(await self._client.get_entity(partition, row))
        except Gone:
            return None

    async def query(self, span: Span, page_rows: int = PAGE_ROWS_MAX) -> AsyncIterator[Stored]:
        """Read rows in key order."""
        text, parameters = _filter(span)
        pages = self._client.query_entities(
            text,
            parameters=parameters,
            results_per_page=min(page_rows, PAGE_ROWS_MAX),
            select=["PartitionKey", "RowKey", *span.columns] if span.columns else None,
        )
        with translated():
            async for entity in pages:
                yield _stored(entity)

    async def write(self, *writes: Write) -> tuple[str, ...]:
        """Do all or nothing of at most 100 writes to one partition; return their new ETags."""
        require_writable(writes)
        with translated():
            if len(writes) == 1:
                return (await self._one(writes[0]),)
            operations = [(_VERBS[w.mode], _entity(w), _options(w)) for w in writes]
            answers = await self._client.submit_transaction(operations, retry_on_methods=_REPEATED)
        return tuple(str(answer.get("etag") or "") for answer in answers)

    async def _one(self, write: Write) -> str:
        options = _options(write) | {"retry_on_methods": _REPEATED}
        answer: Mapping[str, Any] | None
        match write.mode:
            case Mode.INSERT:
                answer = await self._client.create_entity(_entity(write), **options)
            case Mode.UPSERT | Mode.UPSERT_MERGE:
                answer = await self._client.upsert_entity(_entity(write), **options)
            case Mode.REPLACE | Mode.MERGE:
                answer = await self._client.update_entity(_entity(write), **options)
            case Mode.DELETE:
                await self._client.delete_entity(write.partition, write.row, **options)
                answer = None
        return str(answer["etag"]) if answer else ""


def _entity(write: Write) -> dict[str, Any]:
    return {**write.values, "PartitionKey": write.partition, "RowKey": write.row}


def _options(write: Write) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if write.mode in _MODES:
        options["mode"] = _MODES[write.mode]
    if write.etag is not None:
        options |= {"etag": write.etag, "match_condition": MatchConditions.IfNotModified}
    return options


def _stored(entity: TableEntity) -> Stored:
    values: Values = {k: v for k, v in entity.items() if v is not None and k not in _KEYS}
    etag = entity.metadata["etag"]
    return Stored(entity["PartitionKey"], entity["RowKey"], values, str(etag))


def _filter(span: Span) -> tuple[str, dict[str, Any]]:
    tests: dict[str, Value | None] = {}
    if span.partition_low == span.partition_high:
        tests["PartitionKey eq"] = span.partition_low
    else:
        tests |= {"PartitionKey ge": span.partition_low, "PartitionKey lt": span.partition_high}
    tests |= {"RowKey ge": span.row_low or None, "RowKey lt": span.row_high}
    tests |= {f"{name} eq": value for name, value in span.only.items()}
    given = {test: value for test, value in tests.items() if value is not None}
    text = " and ".join(f"{test} @p{index}" for index, test in enumerate(given))
    return text, {f"p{index}": value for index, value in enumerate(given.values())}
