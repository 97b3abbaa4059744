from pathlib import Path

from local.arm.app import NOUNS
from local.arm.routing import ROUTES

LOCAL = (Path(__file__).parents[2] / "docs" / "local.md").read_text(encoding="utf-8")


def test_every_route_of_the_world_api_is_in_the_documentation() -> None:
    assert "worldapi" in NOUNS
    paths = {one.template.split("/{")[0] for one in ROUTES if one.template.startswith("/_world/")}

    missing = [path for path in sorted(paths) if f"$W{path.removeprefix('/_world')}" not in LOCAL]

    assert missing == []
