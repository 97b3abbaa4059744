"""Resource groups on the wire."""

import re

from local.arm.wire import Json
from local.arm.world import Resource

TYPE = "Microsoft.Resources/resourceGroups"
TAG_FILTER = re.compile(r"tagname eq '([^']*)'(?: and tagvalue eq '([^']*)')?", re.IGNORECASE)


def parse(document: Json) -> Json:
    """Return the parts of a PUT body or PATCH body that a group keeps."""
    kept: Json = {key: document[key] for key in ("managedBy", "tags") if document.get(key)}
    if "tags" in document:
        kept["tags"] = document["tags"] or {}
    return kept


def fits(group: Resource, odata_filter: str) -> bool:
    """Tell whether a group passes a `$filter` by tag; no filter passes all."""
    found = TAG_FILTER.search(odata_filter)
    if not found:
        return True
    tags = group.body.get("tags") or {}
    name, value = found.groups()
    return name in tags and (value is None or tags[name] == value)
