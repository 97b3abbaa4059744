"""The simulated time of the stack, kept over its restarts: it never goes back."""

import json
from pathlib import Path

from local.clock import ScaledClock, from_anchor, scaled_clock
from local.stack.trouble import Trouble


def clock_of(path: Path, speed: float) -> ScaledClock:
    """Return the stack's clock and keep its anchor in `path`.

    Same speed as before: the same clock, which ran on while the stack was down. Another speed: a
    clock that goes on from where the old one stands now.
    """
    try:
        kept = from_anchor(json.loads(path.read_text())["anchor"]) if path.exists() else None
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{path} is damaged: `make clean` starts a new world.") from error
    if kept and kept.speed == speed:
        return kept
    clock = scaled_clock(speed, kept.now() if kept else None)
    path.write_text(json.dumps({"anchor": clock.anchor()}) + "\n")
    return clock
