"""`python -m local.host`: serve one app until told to stop."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from local.clock import from_environment
from local.host import log
from local.host.durable.database import DatabaseBusyError
from local.host.host import Host
from local.host.index import App, AppError
from local.host.invoke import THREADS
from local.host.options import Keys, Options
from local.host.server import Server
from local.host.settings import describe_app, load_local_settings, read_document


def main() -> int:
    """Read the command line, serve, and return the exit code."""
    arguments = _parser().parse_args()
    log.configure(logging.DEBUG if arguments.verbose else logging.INFO)
    directory = Path(arguments.app).resolve()
    try:
        load_local_settings(directory, os.environ)
        describe_app(directory, os.environ)
        options = _options(arguments)
        arguments.db = Path(arguments.db).resolve()
        if directory.is_dir():
            os.chdir(directory)  # apps open their own files by relative paths, as on Azure
        return _leave(asyncio.run(_serve(arguments, directory, options)))
    except (AppError, DatabaseBusyError) as problem:
        return _refuse(str(problem))
    except OSError as problem:
        return _refuse(f"cannot listen on {arguments.bind}:{arguments.port}: {problem.strerror}")


async def _serve(arguments: argparse.Namespace, directory: Path, options: Options) -> int:
    host = Host(App.load(directory), from_environment(), arguments.db, options)
    server = Server(host, arguments.bind, arguments.port)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await server.start()
    print(f"host ready on {server.origin}", flush=True)  # noqa: T201 - callers wait for this line
    await stop.wait()
    log.info("stopping")
    await server.stop()
    return 0


def _leave(code: int) -> int:
    """Do not wait for a synchronous function that still runs: its work is given out again."""
    if any(thread.name.startswith(THREADS) for thread in threading.enumerate()):
        logging.shutdown()
        os._exit(code)
    return code


def _options(arguments: argparse.Namespace) -> Options:
    keys_file = arguments.keys_file
    document = read_document(Path(keys_file)) if keys_file else {}
    keys = Keys.of(document, os.environ)
    if arguments.enforce_keys and not (keys.master and keys.system):
        raise AppError(
            "--enforce-keys needs keys: set FUNCTIONS_MASTER_KEY and FUNCTIONS_SYSTEM_KEY"
            " (and FUNCTIONS_DEFAULT_KEY), or give --keys-file"
        )
    return Options(
        enforce_keys=arguments.enforce_keys,
        keys=keys,
        hold_events=arguments.hold_events,
        strict=arguments.strict,
        redelivery_delay_s=arguments.redelivery_delay_s,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=__doc__)
    parser.add_argument("--app", default=".", help="directory with function_app.py")
    parser.add_argument("--port", type=int, default=7071, help="0 lets the system choose")
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--db", default="durable.sqlite", help="SQLite file for all state")
    parser.add_argument("--enforce-keys", action="store_true", help="ask callers for keys")
    parser.add_argument("--keys-file", help='JSON: {"master","function","system","functions"}')
    parser.add_argument("--strict", action="store_true", help="fail what would hang in production")
    parser.add_argument("--hold-events", action="store_true", help="keep events for their waiters")
    parser.add_argument("--redelivery-delay-s", type=float, default=0.0, help="300 in production")
    parser.add_argument("--verbose", action="store_true", help="log more, with tracebacks")
    return parser


def _refuse(text: str) -> int:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the one line a user needs
    return 1


if __name__ == "__main__":
    sys.exit(main())
