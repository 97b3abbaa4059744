"""schemathesis over the API's own document: no 5xx, no breach of the envelope, whatever is sent.

    .venv/bin/python -m tests.api.fuzzing --cases 3000 --seed 1

Cases are drawn from the document, half of them to fit it and half to break it. A path that names
a node names one that is there every other time.
"""

import argparse
import sys
from asyncio import Runner
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.whole import Whole, whole_api
from triggers.openapi import document

ORIGIN: Final = "http://127.0.0.1"
CHECKS: Final = [content_type_conformance, response_schema_conformance, status_code_conformance]
SERVER_ERROR: Final = 500
CASES_OF_ONE_API: Final = 100
"""Cases after which the next ones meet a new API: nodes come to stand in the way of others."""
STRAY: Final = 10
"""Of so many cases one names an account, which is hardly ever one that the token opens."""


@dataclass
class Tally:
    """What was asked and answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> int:
        return self.statuses.total()


def operations() -> Iterator[Any]:
    """Return every operation of the document."""
    schema = schemathesis.openapi.from_dict(document())
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def fuzz(cases: int, seed_: int, routes: Collection[str] = ()) -> Tally:
    """Send about so many cases. AssertionError, with the case, at the first breach.

    `routes` are names of operations; none: all.
    """
    tally = Tally()
    every = [
        one for one in operations() if not routes or one.definition.raw["operationId"] in routes
    ]
    each = ceil(cases / len(every) / 2)
    for some in batched(every, max(1, CASES_OF_ONE_API // each)):
        with whole_api() as (runner, whole):
            run = _Run(runner, whole, tally)
            for operation in some:
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    _fuzz(operation, mode, run, (each, seed_))
    return tally


def batched(every: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(every), size):
        yield every[start : start + size]


@dataclass
class _Run:
    runner: Runner
    whole: Whole
    tally: Tally
    number: int = 0

    def send(self, case: Case[Any]) -> None:
        """Send one case and hold the answer to the document."""
        self.number += 1
        if "id" in (case.path_parameters or {}) and self.number % 2:
            known = self.whole.node_ids
            case.path_parameters["id"] = known[self.number // 2 % len(known)]
        case.headers.pop("Authorization", None)  # who may call is tested elsewhere
        if self.number % STRAY:
            case.query.pop("accountId", None)
        arguments = case.as_transport_kwargs(base_url=ORIGIN)
        names = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
        asked = {name: arguments[name] for name in names if name in arguments}
        prepared = requests.Request(**asked).prepare()
        self._check(case, prepared)

    def _check(self, case: Case[Any], prepared: requests.PreparedRequest) -> None:
        sent = prepared.body or b""
        assert isinstance(sent, str | bytes)
        raw = sent.encode() if isinstance(sent, str) else sent
        headers = {str(name): str(value) for name, value in prepared.headers.items()}
        method, url = str(prepared.method), str(prepared.url)
        answered = self.runner.run(self.whole.ask(method, url, headers, raw))
        told = {name: [value] for name, value in answered.headers.items()}
        told["content-type"] = [answered.mimetype]
        self.tally.statuses[answered.status_code] += 1
        self.tally.routes[case.operation.label] += 1
        assert answered.status_code < SERVER_ERROR, (method, url, raw, answered.get_body())
        response = Response(
            answered.status_code, told, answered.get_body(), prepared, 0.0, verify=False
        )
        case.validate_response(response, checks=CHECKS)


def _fuzz(operation: Any, mode: GenerationMode, run: _Run, bounds: tuple[int, int]) -> None:
    each, seed_ = bounds
    strategy = operation.as_strategy(generation_mode=mode)

    @seed(seed_)
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def cases(case: Case[Any]) -> None:
        run.send(case)

    cases()


def main() -> None:
    """Fuzz as the words say; tell what was answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.api.fuzzing")
    parser.add_argument("--cases", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    tally = fuzz(chosen.cases, chosen.seed)
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    sys.stdout.write(f"{tally.cases} cases over {len(tally.routes)} routes: {statuses}\n")


if __name__ == "__main__":
    main()
