import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from openapi_spec_validator import validate

from shared.model.parse import parse_create
from tests.api.harness import PATH, Api
from tests.unit.model.documents import TERRAFORM_CREATE, body
from triggers.handlers import HANDLERS
from triggers.openapi import OURS, PUBLISHED, document
from triggers.openapi_examples import CREATE
from triggers.routes import ROUTES, Route

DOCUMENT = document()
NAMES = [route.name for route in ROUTES]


def operation_of(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][f"/{route.path}"][route.method.lower()]
    return operation


def conforms(value: Any, model: str) -> None:
    schema = {"$ref": f"#/components/schemas/{model}", "components": DOCUMENT["components"]}
    jsonschema.validate(value, schema)


def test_the_document_is_valid_openapi_and_says_what_is_served() -> None:
    validate(DOCUMENT)

    told = {
        (method.upper(), path.strip("/"))
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert told == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_each_route_says_who_may_what_it_does_and_what_it_takes(route: Route) -> None:
    operation = operation_of(route)

    assert operation["summary"]
    assert f"Role: {route.role}." in operation["description"]
    assert operation["tags"] == [OURS if route.ours else PUBLISHED]
    assert ("requestBody" in operation) or route.method in ("GET", "DELETE")
    told = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert told == {step.strip("{}") for step in route.path.split("/") if step.startswith("{")}


@pytest.mark.parametrize("route", [one for one in ROUTES if one.takes], ids=lambda one: one.name)
def test_each_request_has_an_example_that_its_schema_and_its_model_take(route: Route) -> None:
    assert route.takes
    content = operation_of(route)["requestBody"]["content"]["application/json"]
    example = content["example"]

    conforms(example, content["schema"]["$ref"].rpartition("/")[2])
    inner = example[route.takes.under] if route.takes.under else example
    if isinstance(route.takes.model, type) and not route.takes.partial:
        route.takes.model.model_validate(inner)


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_each_answer_has_an_example_that_its_schema_takes(route: Route) -> None:
    content = operation_of(route)["responses"]["200"]["content"]["application/json"]

    assert bool(content["example"]["response"]["items"]) is (route.gives is not None)
    conforms(content["example"], content["schema"]["$ref"].rpartition("/")[2])


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_each_failure_has_examples_that_its_schema_takes(route: Route) -> None:
    told = operation_of(route)["responses"]

    assert {"400", "401", "403", "429", "500"} < told.keys()
    assert "Retry-After" in told["429"]["headers"]
    for status in told.keys() - {"200"}:
        examples = told[status]["content"]["application/json"]["examples"]
        assert examples
        for one in examples.values():
            assert one["value"]["response"]["status"]["code"] == int(status)
            conforms(one["value"], "Failure")


def test_what_no_answer_shows_is_write_only() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    hidden = {
        (name, field)
        for name, schema in schemas.items()
        for field, one in schema.get("properties", {}).items()
        if any(part.get("writeOnly") for part in (one, *one.get("anyOf", ())))
    }

    assert hidden == {
        ("Credentials", "clientSecret"),
        ("CredentialsToTry", "clientSecret"),
        ("Extension", "protectedSettings"),
        ("LaunchSpecification", "shutdownScript"),
        ("LaunchSpecificationChange", "shutdownScript"),
        ("Login", "password"),
        ("LoginChange", "password"),
        ("TenantCredentials", "clientSecret"),
        ("TenantCredentialsToTry", "clientSecret"),
    }


def test_names_of_operations_and_of_bodies_are_nobody_elses() -> None:
    operations = [route.name for route in ROUTES]
    bodies = [route.takes.name for route in ROUTES if route.takes]

    assert len(set(operations)) == len(operations)
    assert len(set(bodies)) == len(bodies)


def test_each_route_has_a_handler_and_nothing_else_has_one() -> None:
    assert {route.name for route in ROUTES} == set(HANDLERS)


def test_extensions_stand_apart_under_paths_or_words_of_ours() -> None:
    ours = {route.name for route in ROUTES if route.ours}

    assert ours
    assert {route.name for route in ROUTES if route.name.startswith("mooring")} <= ours


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_each_route_is_told_in_the_docs_with_its_role(route: Route) -> None:
    text = Path("docs/api.md").read_text()
    published, _, extensions = text.partition("## Extensions")

    row = f"| {route.method} | `/{route.path}` | {route.role} | {route.summary} |"
    assert row in (extensions if route.ours else published)


def test_the_docs_tell_no_route_that_is_not_served() -> None:
    text = Path("docs/api.md").read_text()

    assert len(re.findall(r"^\| (GET|POST|PUT|DELETE) \| `/", text, re.MULTILINE)) == len(ROUTES)


def test_secret_references_are_not_part_of_the_document() -> None:
    assert 'Ref"' not in json.dumps(DOCUMENT).replace('"$ref"', "")


async def test_answers_conform_to_the_document(api: Api) -> None:
    made = await api.call("POST", PATH, body())
    node_id = made.items[0]["id"]

    conforms(made.body, "NodeAnswer")
    conforms((await api.call("GET", f"{PATH}/{node_id}/status")).body, "StatusAnswer")
    conforms((await api.call("GET", f"{PATH}/ssn-0")).body, "Failure")
    conforms((await api.call("GET", "/nowhere")).body, "Failure")


@pytest.mark.parametrize("sent", [CREATE, body()])
def test_good_bodies_conform_to_the_document(sent: dict[str, Any]) -> None:
    conforms(sent, "CreateNode")


def test_terraforms_body_without_its_nulls_conforms() -> None:
    shown = parse_create(TERRAFORM_CREATE).model_dump(mode="json", by_alias=True, exclude_none=True)

    conforms({"statefulNode": shown}, "CreateNode")
