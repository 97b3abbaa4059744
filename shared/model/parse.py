"""From a request body to a node document, or to everything that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.model.merge import merge
from shared.model.node import NodeDocument
from shared.model.problems import Code, FieldError, Problem, Rejected
from shared.model.rules.facts import Limits, value_at
from shared.model.shape import Shaped, shape
from shared.model.validate import validate
from shared.policy.edit_locks import Change, refusals

ROOT: Final = "statefulNode"
_LOGIN: Final = "compute.launchSpecification.login"
_EXTENSIONS: Final = "compute.launchSpecification.extensions"


def parse_create(body: object, limits: Limits | None = None) -> NodeDocument:
    """Return the document of a create request, defaults filled in, secrets still in it.

    `body` is the whole decoded JSON, `{"statefulNode": {...}}`. Raises `Rejected` with every
    problem. null, absent and {} all mean "not set" here.
    """
    shaped = _shaped(body)
    document = merge(NodeDocument, {}, shaped.value)
    result, problems = validate(document, limits or Limits(), creating=True)
    return _accepted(result, shaped, problems)


@dataclass(frozen=True)
class Present:
    """What an update is judged against."""

    stored: dict[str, Any]
    """The document as stored: secrets by reference."""
    persistence_editable: bool = True
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets in force by reference, as far as they are known: one sent again unchanged is no
    change."""


def parse_update(present: Present, body: object, limits: Limits | None = None) -> NodeDocument:
    """Return the stored document with the change of an update request in it.

    Raises `Rejected` with every problem: of the resulting document, and of fields that must
    not change. New secrets are still in the result.
    """
    shaped = _shaped(body)
    merged = merge(NodeDocument, present.stored, shaped.value)
    _keep_password(merged, shaped.value, present)
    _keep_extension_secrets(merged, shaped.value, present)
    result, problems = validate(merged, limits or Limits(), creating=False)
    after = merged if result is None else _comparable(result)
    problems += refusals(
        Change(present.stored, after), persistence_editable=present.persistence_editable
    )
    return _accepted(result, shaped, problems)


def _comparable(result: NodeDocument) -> dict[str, Any]:
    """Return the result as JSON values, in which a secret is a row of stars."""
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


def body_root(body: object, root: str) -> dict[str, Any]:
    """Return the object under the one key that a body has. Raises `Rejected`."""
    if not isinstance(body, dict):
        raise Rejected([FieldError(Code.TYPE, f'must be an object: {{"{root}": ...}}', root)])
    errors = [
        FieldError(Code.UNKNOWN, "is not a known field", str(key)) for key in body if key != root
    ]
    inner = body.get(root)
    if inner is None:
        errors.append(FieldError(Code.REQUIRED, "is required", root))
    elif not isinstance(inner, dict):
        errors.append(FieldError(Code.TYPE, "must be an object", root))
    if errors or not isinstance(inner, dict):
        raise Rejected(errors)
    return inner


def _shaped(body: object) -> Shaped:
    return shape(NodeDocument, body_root(body, ROOT), ROOT)


def _accepted(result: NodeDocument | None, shaped: Shaped, problems: list[Problem]) -> NodeDocument:
    errors = [shaped.error(one) for one in (*shaped.problems, *problems)]
    if result is None or errors:
        raise Rejected(dict.fromkeys(errors))
    return result


def _keep_password(merged: dict[str, Any], change: dict[str, Any], present: Present) -> None:
    """Let a password that was sent replace the reference, unless it is the one in force."""
    asked, login = value_at(change, _LOGIN), value_at(merged, _LOGIN)
    if not isinstance(asked, dict) or not isinstance(login, dict) or "password" not in asked:
        return
    known = present.secrets.get(login.get("passwordRef", ""))
    if known is not None and known == asked["password"]:
        del login["password"]
    else:
        login.pop("passwordRef", None)


def _keep_extension_secrets(
    merged: dict[str, Any], change: dict[str, Any], present: Present
) -> None:
    """Carry references over where the client, who cannot read secrets, sent none."""
    sent = value_at(change, _EXTENSIONS)
    result = value_at(merged, _EXTENSIONS)
    if not isinstance(sent, list) or not isinstance(result, list):
        return
    before = {
        one["name"]: one.get("protectedSettingsRef")
        for one in value_at(present.stored, _EXTENSIONS) or ()
    }
    for asked, one in zip(sent, result, strict=True):
        if not isinstance(asked, dict) or "protectedSettings" in asked:
            continue
        name = asked.get("name")
        if isinstance(name, str) and before.get(name) is not None:
            one["protectedSettingsRef"] = before[name]
