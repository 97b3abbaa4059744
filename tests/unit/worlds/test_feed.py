from datetime import timedelta
from typing import Any

from local.arm.chronicle import Dip, Happening, to_json
from local.worlds.invariants import feed
from tests.unit.worlds.history import NOON


async def test_a_feed_reads_page_after_page_and_goes_on_where_it_stood() -> None:
    kept = [Dip(NOON + timedelta(seconds=at), f"bucket-{at}", 1.0, 12) for at in range(5_000)]
    asked: list[str] = []
    heard: list[Happening] = []

    async def want(method: str, path: str) -> dict[str, Any]:
        asked.append(f"{method} {path}")
        query = dict(one.split("=") for one in path.split("?")[1].split("&"))
        since, limit = int(query.get("since", 0)), int(query["limit"])
        page = [{"serial": at + 1, **to_json(kept[at])} for at in range(since, len(kept))][:limit]
        return {"history": page, "last": len(kept), "now": NOON.isoformat()}

    reader = feed.Feed(want, heard.append)
    first = await reader.read()
    kept.append(Dip(NOON, "one-more", 1.0, 12))
    await reader.read()
    await reader.read()

    assert first == NOON
    assert heard == kept
    assert len(asked) == 3 + 2


async def test_what_was_before_can_be_left_out() -> None:
    heard: list[Happening] = []

    async def want(_method: str, path: str) -> dict[str, Any]:
        news = [{"serial": 8, **to_json(Dip(NOON, "b", 1.0, 12))}] if "since=7" in path else []
        return {"history": news, "last": 8 if news else 7, "now": NOON.isoformat()}

    reader = feed.Feed(want, heard.append)
    await reader.skip()
    await reader.read()

    assert heard == [Dip(NOON, "b", 1.0, 12)]
