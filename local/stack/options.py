"""What `python -m local.stack` is told on its command line."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.worlds.situations import Situation, named

HIGHEST_PORT = 65_535
USUAL_PORT = 7_071
"""As Azure's own tools use it for a Functions host."""


@dataclass(frozen=True)
class Options:
    """One start of the local stack."""

    once: bool
    """End after the story."""
    speed: float
    """Simulated seconds in a second of wall time."""
    example: Path
    """Node document of the story, in the API's create shape."""
    port: int
    """The host's: API and event webhook."""
    arm_port: int
    """The simulator's."""
    directory: Path
    """Where all state is kept."""
    world: Situation | None = None
    """The situation that begins when the node is up; None: nothing happens by itself."""
    seed: int = 1
    """Decides every draw of the simulated Azure and of the situation."""


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; argparse ends the program with one line if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m local.stack",
        description="Run Mooring on this machine against a simulated Azure.",
    )
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument(
        "--speed", type=_speed, default=30.0, help="simulated seconds a second (default 30)"
    )
    parser.add_argument(
        "--example", type=_node, default="examples/linux-spot.json", help="node of the story"
    )
    parser.add_argument("--port", type=_port, default=USUAL_PORT, help="API (default 7071)")
    parser.add_argument("--arm-port", type=_port, default=7072, help="simulator (default 7072)")
    parser.add_argument("--dir", type=Path, default=Path(".local"), help="state (default .local)")
    parser.add_argument("--world", default="", help="a situation by name")
    parser.add_argument("--seed", type=int, default=1, help="of the world (default 1)")
    told = parser.parse_args(arguments)
    try:
        world = named(told.world) if told.world else None
    except ValueError as error:
        parser.exit(2, f"{error}\n")
    return Options(
        once=told.once,
        speed=told.speed,
        example=told.example,
        port=told.port,
        arm_port=told.arm_port,
        directory=told.dir.resolve(),
        world=world,
        seed=told.seed,
    )


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 200:  # noqa: PLR2004 - slower is a standstill, faster is all jitter
        raise argparse.ArgumentTypeError("must be between 0.1 and 200")
    return speed


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError("must be between 1 and 65535")
    return port


def _node(text: str) -> Path:
    """Return the path of a create call's body; all that is in it is for the API to judge."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a file")
    try:
        node = json.loads(path.read_bytes())["statefulNode"]
        known = all(isinstance(node[name], str) for name in ("name", "resourceGroupName"))
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        must = 'JSON with a "statefulNode" that has a name and a resourceGroupName'
        raise argparse.ArgumentTypeError(f"{text} must be {must}")
    return path
