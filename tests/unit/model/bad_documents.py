"""The table of documents that are refused."""

from typing import Final

from tests.unit.model.bad_basics import BASICS, COMPUTE, PERSISTENCE, STRATEGY
from tests.unit.model.bad_launch import IMAGE_AND_NAME, SCRIPTS_AND_LOGIN
from tests.unit.model.bad_network import NETWORK
from tests.unit.model.bad_rest import REST
from tests.unit.model.bad_upkeep import UPKEEP

TABLE: Final = (
    *BASICS,
    *STRATEGY,
    *PERSISTENCE,
    *COMPUTE,
    *IMAGE_AND_NAME,
    *SCRIPTS_AND_LOGIN,
    *NETWORK,
    *REST,
    *UPKEEP,
)
