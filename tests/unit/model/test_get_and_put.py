"""A document that is read and sent back changes nothing, whatever is in it."""

import json
import random
from typing import Any

import pytest

from shared.model.node import NodeDocument
from shared.model.parse import Present, parse_create, parse_update
from shared.model.secrets import references, split_secrets
from shared.model.wire import from_stored, launch_digest, to_stored, to_wire
from tests.terraform.drawn import Draw
from tests.unit.model.documents import body

BATCHES, OF = 5, 100
MOMENT = "2026-01-01T00:00:00.000Z"


def drawn(seed: int) -> dict[str, Any]:
    return Draw(random.Random(seed)).document()  # noqa: S311 - repeatable on purpose


def stored(document: dict[str, Any]) -> NodeDocument:
    """Return a document as it is after a create: its secrets by name."""
    plain, _ = split_secrets(parse_create(body(document)), "ssn-1")
    return from_stored(to_stored(plain))


def untold(document: dict[str, Any]) -> list[str]:
    """Return what a document holds that no answer may show, as JSON."""
    launch = document["compute"]["launchSpecification"]
    secrets = [(launch.get("login") or {}).get("password"), launch.get("shutdownScript")]
    return ['protectedSettings"', 'Ref"', ": null", *(json.dumps(one) for one in secrets if one)]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_500_documents_sent_back_as_read_change_nothing(batch: int) -> None:
    """Not the document, not a secret, not what a VM is made of; whatever the node's status."""
    for seed in range(batch * OF, (batch + 1) * OF):
        document = drawn(seed)
        before = stored(document)
        read = {"id": "ssn-1", **to_wire(before), "createdAt": MOMENT, "updatedAt": MOMENT}
        text = json.dumps(read)
        present = Present(to_stored(before), persistence_editable=False)

        after = parse_update(present, body(json.loads(text)))

        assert after == before, seed
        assert references(after) == references(before), seed
        assert launch_digest(after) == launch_digest(before), seed
        assert [one for one in untold(document) if one in text] == [], seed
