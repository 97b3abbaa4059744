"""What the parts of a node document are made of: the base model and the checked texts.

Two rules hold for every part. Wire names are camelCase and python names snake_case, with the
unit where the value has one. A part ignores fields it does not know, because rows written by
a newer release are read while a deploy rolls; the HTTP edge refuses them (shape.py).
"""

import base64
import binascii
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """One object of the node document. Immutable."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )


@dataclass(frozen=True)
class Also:
    """Another spelling that some client uses for the same field."""

    spelling: str


@dataclass(frozen=True)
class EmptyIsNull:
    """Clients send "" for "not set" here."""


@dataclass(frozen=True)
class Internal:
    """Ours alone: never accepted from a client and never shown to one."""


def _integral(value: Any) -> Any:
    """Take 120.0 for 120: JSON has one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _true_or_false(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Flag = Annotated[bool, Strict()]
SpelledFlag = Annotated[bool, BeforeValidator(_true_or_false), Strict()]
"""A flag that Terraform's schema spells as a string."""
Whole = Annotated[int, BeforeValidator(_integral), Strict()]
SECONDS_MAX: Final = 31_536_000
"""A year. Ours: the published API names no bound for these; sums of moments must stay moments."""
Seconds = Annotated[Whole, Field(le=SECONDS_MAX)]
Text = Annotated[str, Strict()]
_HIDDEN: Final = r"\p{Cc}\p{Cf}\p{Zl}\p{Zp}"
"""Characters that nobody sees: control and format (what turns the direction of writing, joins,
tags), line and paragraph separators. Halves of surrogate pairs are no text to begin with."""
_PUBLISHED: Final = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
"""As far as every client's expressions can say it: not all know Unicode's categories."""
Word = Annotated[
    str,
    Strict(),
    Field(
        min_length=1,
        pattern=rf"^[^\s{_HIDDEN}]([^{_HIDDEN}]*[^\s{_HIDDEN}])?$",
        json_schema_extra={"pattern": _PUBLISHED},
    ),
]
"""A text that says something: not empty, no blanks around it, no characters that are not seen."""


def _pattern(pattern: str, must: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(must)
        return value

    return AfterValidator(check)


def _seen(value: str) -> str:
    if any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in value):
        raise ValueError("must not have control characters, nor others that are not seen")
    return value


RESOURCE_GROUP: Final = r"[\w.()-]{0,89}[\w()-]"
"""1 to 90 letters, digits, `_ . ( ) -`, not ending in a period. Source: Azure docs, resource
name rules, Microsoft.Resources/resourceGroups."""
GUID: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_NOT_IN_NAMES: Final = r"<>*%&:;?/\\#\x00-\x1f\x7f-\x9f"
RESOURCE_NAME: Final = rf"(?!\.{{1,2}}\Z)(?!\s)[^{_NOT_IN_NAMES}]{{0,259}}[^\s{_NOT_IN_NAMES}]"
"""What is forbidden in every resource's name. Source: Azure docs, resource name rules."""
RULE_ID: Final = (
    rf"(?i:/subscriptions/{GUID}/resourceGroups/{RESOURCE_GROUP}"
    r"/providers/Microsoft\.Insights/dataCollectionRules/[\w.-]{1,64})"
)

ResourceName = Annotated[
    str,
    Strict(),
    _pattern(
        RESOURCE_NAME,
        "must be the name of an Azure resource: 1 to 260 characters, none of < > * % & : ; ? / \\ "
        "# and no control characters, no blanks around it, not . or ..",
    ),
    AfterValidator(_seen),
]
"""One segment of a resource id: what would be more than one segment is no name."""
ResourceGroupName = Annotated[
    str,
    Strict(),
    _pattern(
        RESOURCE_GROUP,
        "must be a resource group name: 1 to 90 letters, digits, _ . ( ) - and no final period",
    ),
]
Region = Annotated[
    str, Strict(), _pattern(r"[a-z][a-z0-9]{1,39}", "must be an Azure region name such as eastus")
]
VmSize = Annotated[
    str,
    Strict(),
    _pattern(r"[A-Za-z][A-Za-z0-9_-]{2,79}", "must be an Azure VM size such as standard_d2s_v5"),
]
Guid = Annotated[str, Strict(), _pattern(GUID, "must be a GUID")]
SubscriptionId = Annotated[str, Strict(), _pattern(GUID, "must be a subscription id (a GUID)")]
DataCollectionRuleId = Annotated[
    str, Strict(), _pattern(RULE_ID, "must be the Azure resource id of a data collection rule")
]
HttpsUrl = Annotated[
    str, Strict(), _pattern(r"https://[^\s/?#]+\.[^\s]+", "must be an https:// address")
]
ImageVersion = Annotated[
    str, Strict(), _pattern(r"(?i:latest)|\d+\.\d+\.\d+", "must be x.y.z in numbers, or latest")
]


def _ip_address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("must be an IP address") from None
    return value


IpAddress = Annotated[str, Strict(), AfterValidator(_ip_address)]


def decoded_size(value: str) -> int | None:
    """Return how many bytes a base64 text decodes to, or None when it is not base64."""
    try:
        return len(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return None


def _base64(limit_bytes: int | None) -> AfterValidator:
    def check(value: str) -> str:
        size = decoded_size(value)
        if size is None:
            raise ValueError("must be base64, without line breaks")
        if limit_bytes is not None and size > limit_bytes:
            raise ValueError(f"must decode to at most {limit_bytes} bytes, not {size}")
        return value

    return AfterValidator(check)


CUSTOM_DATA_BYTES: Final = 65_535
"""Source: Azure docs, custom-data."""
USER_DATA_BYTES: Final = 65_536
"""64 KB. Source: Azure docs, user-data."""
SHUTDOWN_SCRIPT_BYTES: Final = 65_536
"""Ours: an agent fetches the script whole; as long as user data may be."""

CustomData = Annotated[str, Strict(), _base64(CUSTOM_DATA_BYTES)]
UserData = Annotated[str, Strict(), _base64(USER_DATA_BYTES)]
NEVER_SHOWN: Final = Field(json_schema_extra={"writeOnly": True})
"""Marks what clients send and no answer shows."""
ShutdownScript = Annotated[str, Strict(), _base64(SHUTDOWN_SCRIPT_BYTES)]
