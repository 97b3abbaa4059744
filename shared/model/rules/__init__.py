"""Rules between fields of a node document. Each takes the facts and yields problems."""

from collections.abc import Callable, Iterator
from typing import Final

from shared.model.problems import Problem
from shared.model.rules import compute, launch, login, network, scheduling, security, strategy
from shared.model.rules.facts import Facts

Rule = Callable[[Facts], Iterator[Problem]]

RULES: Final[tuple[Rule, ...]] = (
    strategy.back_to_spot,
    strategy.interruptions,
    strategy.signals_once,
    strategy.health,
    compute.zones,
    compute.od_sizes,
    compute.spot_sizes,
    compute.size_lists,
    compute.attribute_ranges,
    launch.image,
    launch.vm_name,
    launch.disks,
    launch.tags,
    launch.extensions,
    launch.vault_secrets,
    launch.boot_diagnostics,
    launch.license_type,
    login.user_name,
    login.credentials,
    login.password,
    network.interfaces,
    network.public_ip_sku,
    network.addresses,
    network.load_balancers,
    network.load_balancer_skus,
    scheduling.tasks_come,
    security.secure_parts,
    security.confidential_sizes,
)
