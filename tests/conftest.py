import sys
from collections.abc import Iterator

import pytest

from tests.azurite import azurite_connection

__all__ = ["azurite_connection"]


@pytest.fixture(autouse=True)
def each_test_is_a_process_of_its_own() -> Iterator[None]:
    """What the product remembers in a process of the calls it made ends with the test."""
    yield
    for module, name in (("activities.azure.polling", "LOOKS"), ("activities.vm_read", "READS")):
        if module in sys.modules:
            buckets = getattr(sys.modules[module], name)
            buckets._used.clear()
            buckets._born = None
