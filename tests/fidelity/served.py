"""The table of served operations in docs/fidelity.md: `python -m tests.fidelity.served --write`."""

import re
import sys
from collections import defaultdict
from pathlib import Path

import local.arm.app  # noqa: F401 - importing it registers every route
from local.arm.routing import ROUTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "fidelity.md"
BEGIN, END = "<!-- served: begin -->", "<!-- served: end -->"
_ORDER = ("PUT", "GET", "PATCH", "DELETE", "HEAD")


def _place(method: str, template: str) -> tuple[str, str]:
    """Return the kind of resource that a route is about, and the operation."""
    path = template.removeprefix("/subscriptions/{subscription}")
    in_group = path.startswith("/resourceGroups/{group}/providers/")
    if in_group:
        path = path.removeprefix("/resourceGroups/{group}")
    path = path.removeprefix("/providers/")
    segments = [part for part in path.strip("/").split("/") if part]
    if not segments or not segments[0].startswith("Microsoft."):
        return "/".join(part for part in segments if "{" not in part) or "subscriptions", method
    kind = "/".join([segments[0], *(part for part in segments[1:] if "{" not in part)])
    if segments[-1].startswith("{"):
        return kind, method
    if method == "GET" and in_group and re.search("s$", segments[-1]):
        return kind, "list"
    if method == "GET" and len(segments) == 2:
        return kind, "list all"
    if method == "POST":
        return kind.rpartition("/")[0], segments[-1]
    return kind, method


def table() -> str:
    """Return the table in Markdown: a row for each kind of resource."""
    served: dict[str, set[str]] = defaultdict(set)
    for entry in ROUTES:
        if not entry.template.startswith(("/_world", "/api", "/metadata")):
            kind, operation = _place(entry.method, entry.template)
            served[kind].add(operation)
    rows = ["| Resource | Operations |", "|---|---|"]
    for kind in sorted(served, key=str.lower):
        verbs = [verb for verb in _ORDER if verb in served[kind]]
        others = sorted(served[kind] - set(_ORDER))
        rows.append(f"| `{kind}` | {', '.join([*verbs, *others])} |")
    return "\n".join(rows)


def renewed(text: str) -> str:
    """Return the document with its table as the routes are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Renew the document if told so; tell whether it was out of date."""
    text = DOCUMENT.read_text()
    if "--write" in arguments:
        DOCUMENT.write_text(renewed(text))
        return 0
    return int(renewed(text) != text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
