"""The two liberties this host takes with the SDK in its process; results do not show them."""

import importlib
import warnings
from datetime import datetime
from typing import Any, Final

from azure.durable_functions.models.history.HistoryEvent import HistoryEvent

NOTICES: Final = (
    "Potential duplicate Task completion",  # also said of any event that has no waiter yet
    "azure.functions df_loads was called without expected_type",  # advice to authors, once
)
_filters: list[Any] = []
"""The filters that stood first once the notices were hushed."""


def read_timestamps_quickly() -> None:
    """Let the SDK parse timestamps with the standard library: ten times the speed, same moments."""
    module = importlib.import_module(HistoryEvent.__module__)
    vars(module)["dt_parse"] = datetime.fromisoformat


def hush() -> None:
    """Keep the SDK's notices out of the log.

    Called before each use of the SDK: where warnings are errors, as in test suites, and filters
    are reset now and then, such a notice would otherwise surface inside a replay and fail it.
    """
    if _filters and [*warnings.filters[: len(NOTICES)]] == _filters:
        return
    for notice in NOTICES:
        warnings.filterwarnings("ignore", notice)
    _filters[:] = warnings.filters[: len(NOTICES)]
