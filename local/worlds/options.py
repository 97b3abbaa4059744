"""How a world is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from local.clock import START
from local.worlds.wire import Span

REPOSITORY: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Options:
    """What differs between worlds, beside the seed and what befalls requests."""

    start: datetime = START
    """The moment at which the world begins."""
    azure_latency_s: Span = (0.01, 0.06)
    """One way between product and Azure: requests overtake each other, as on a real network."""
    table_latency_s: Span = (0.001, 0.006)
    """One call to the tables."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The simulator's: `latency`, `throttle` and so on, as docs/local.md tells."""
    host: Mapping[str, Any] = field(default_factory=dict)
    """Switches of the host (`local.host.options.Options`)."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """More settings of the product."""
    events: bool = True
    """Whether Event Grid is subscribed to; without it only the fleet list sees evictions."""
    directory: Path = REPOSITORY
    """Where `function_app.py` is."""
    lull_s: float = 0.0
    """By how much the product's timers may be late once nothing has happened for `LULL_AFTER_S`.

    0: they are always in time. A quarter of an hour makes an idle month cost seconds; whatever
    happens ends the lull.
    """
