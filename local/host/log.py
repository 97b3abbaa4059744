"""Structured log lines: one event a line, its fields as JSON."""

import json
import logging
import sys
from typing import Any

LOGGER = logging.getLogger("local.host")


def log(level: int, event: str, **fields: Any) -> None:
    """Write one event with its fields; keys are constants, values are printed as JSON."""
    if LOGGER.isEnabledFor(level):
        details = " ".join(f"{key}={_text(value)}" for key, value in fields.items())
        LOGGER.log(level, "%s %s", event, details)


def info(event: str, **fields: Any) -> None:
    """Log what happened."""
    log(logging.INFO, event, **fields)


def warn(event: str, **fields: Any) -> None:
    """Log what somebody should look at some time."""
    log(logging.WARNING, event, **fields)


def error(event: str, **fields: Any) -> None:
    """Log what a person must act upon."""
    log(logging.ERROR, event, **fields)


def configure(level: int = logging.INFO) -> None:
    """Send the process's log lines to standard error."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True
    )
    for noisy in ("azure", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _text(value: Any) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value, default=str)
