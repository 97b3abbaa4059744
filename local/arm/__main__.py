"""`python -m local.arm --port 7072 --db PATH --seed N`: the simulated Azure, until SIGINT."""

import argparse
import asyncio
import errno
import signal
import sys
from pathlib import Path

from local.arm.app import Simulator
from local.arm.persistence import NoJournal, SqliteJournal
from local.arm.server import Server
from local.arm.subscription import state as subscriptions
from local.arm.world import Journal, World
from local.clock import from_environment


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.arm", description=__doc__)
    parser.add_argument("--port", type=int, default=7072, help="0 takes a free port")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--db", type=Path, help="SQLite file; without it nothing is kept")
    parser.add_argument("--seed", type=int, default=1, help="decides every draw of the dice")
    parser.add_argument("--subscription", action="append", default=[], help="further id to know")
    return parser.parse_args()


async def serve(arguments: argparse.Namespace) -> int:
    """Run until a signal; return the exit status."""
    journal: Journal = SqliteJournal(arguments.db) if arguments.db else NoJournal()
    world = World(from_environment(), arguments.seed, journal)
    for subscription in arguments.subscription:
        subscriptions.add(world, subscription, "Mooring local")
    server = Server(Simulator(world))
    try:
        await server.start(arguments.bind, arguments.port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.stderr.write(f"arm: port {arguments.port} on {arguments.bind} is busy\n")
        return 1
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    sys.stdout.write(f"arm ready on http://{arguments.bind}:{server.port}\n")
    sys.stdout.flush()
    await stopped.wait()
    await server.stop()
    if isinstance(journal, SqliteJournal):
        journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(_arguments())))
