import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from openapi_spec_validator import validate

from shared.model.deallocation import parse_deallocation
from shared.model.parse import parse_create
from tests.api.harness import PATH, Api
from tests.unit.model.documents import TERRAFORM_CREATE, body
from triggers.openapi import document
from triggers.openapi_examples import CREATE, DELETE
from triggers.routes import SERVED

DOCUMENT = document()


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
    assert told == {(route.method, route.path) for route in SERVED}


def test_each_request_with_a_body_has_an_example_that_works() -> None:
    examples = [
        one["requestBody"]["content"]["application/json"]["example"]
        for methods in DOCUMENT["paths"].values()
        for one in methods.values()
        if "requestBody" in one
    ]

    assert len(examples) == 3
    parse_create(CREATE)
    parse_deallocation(DELETE)


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
