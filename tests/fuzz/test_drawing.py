"""What lives are drawn from: most are plain, each feature is met now and then, all are valid."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.arm.sku.state import catalogue
from local.worlds.faults import Call, Reset, Stale
from local.worlds.ground import NETWORK
from shared.model.parse import parse_create
from tests.fuzz import attaching, documents, features, ground, imported, last_trouble, refused
from tests.fuzz.ambush import READ, Lag
from tests.fuzz.deeds import DiskAttached
from tests.fuzz.documents import SIZES
from tests.fuzz.features import launch_of, nics_of
from tests.fuzz.life import KINDS, draw
from tests.fuzz.steps import FailedUnheard, Fault, RoomChanges

Json = dict[str, Any]
SEEDS = range(1, 801)


def dice(seed: object) -> random.Random:
    return random.Random(str(seed))  # noqa: S311 - chance


def plain(seed: int) -> Json:
    return documents.draw(dice(seed), "mooring-demo", f"life-{seed}")


def featured(seed: int) -> Json:
    document = plain(seed)
    features.add(dice(f"{seed}/features"), document)
    return document


DRAWN = [featured(seed) for seed in SEEDS]
MET: dict[str, Callable[[Json], Any]] = {
    "several NICs": lambda node: len(nics_of(node)) > 1,
    "more IP configurations": lambda node: _any(node, "additionalIpConfigurations"),
    "IPv6": lambda node: launch_of(node)["network"]["virtualNetworkName"] == features.DUAL,
    "security groups": lambda node: _any(node, "networkSecurityGroup"),
    "application groups": lambda node: _any(node, "applicationSecurityGroups"),
    "private pool": lambda node: _any(node, "privateIpAddresses"),
    "public pool": lambda node: _any(node, "publicIps"),
    "Basic address": lambda node: any(nic.get("publicIpSku") == "Basic" for nic in nics_of(node)),
    "load balancer": lambda node: "loadBalancer" in _balancers(node),
    "application gateway": lambda node: "applicationGateway" in _balancers(node),
    "slow size": lambda node: features.SLOW_SIZE in json.dumps(node["compute"]["vmSizes"]),
    "custom image": lambda node: "custom" in launch_of(node)["image"],
    "gallery image": lambda node: "gallery" in launch_of(node)["image"],
    "specialized image": lambda node: "login" not in launch_of(node),
    "trusted launch": lambda node: _security(node).get("securityType") == "TrustedLaunch",
    "confidential": lambda node: _security(node).get("securityType") == "ConfidentialVM",
    "encryption at host": lambda node: _security(node).get("encryptionAtHost"),
    "identities": lambda node: launch_of(node).get("managedServiceIdentities"),
    "protected settings": lambda node: "protectedSettings" in json.dumps(launch_of(node)),
    "name of its own": lambda node: launch_of(node).get("vmName"),
    "placement group": lambda node: launch_of(node).get("proximityPlacementGroups"),
    "user data": lambda node: launch_of(node).get("userData"),
}


def _any(node: Json, name: str) -> bool:
    return any(nic.get(name) for nic in nics_of(node))


def _balancers(node: Json) -> list[str]:
    config = launch_of(node).get("loadBalancersConfig") or {}
    return [one["type"] for one in config.get("loadBalancers") or ()]


def _security(node: Json) -> Json:
    return launch_of(node).get("security") or {}


@pytest.mark.parametrize("feature", MET)
def test_each_feature_is_drawn_now_and_then(feature: str) -> None:
    met = sum(bool(MET[feature](node)) for node in DRAWN)

    assert 0.01 <= met / len(DRAWN) <= 0.15


def test_most_lives_are_plain() -> None:
    same = sum(featured(seed) == plain(seed) for seed in SEEDS)

    assert same > 0.5 * len(SEEDS)


def test_lives_are_of_each_kind() -> None:
    kinds = Counter(draw(seed).kind for seed in SEEDS)

    assert set(kinds) == set(KINDS)
    assert kinds["plain"] > 0.45 * len(SEEDS)
    assert kinds["imports"] < 0.18 * len(SEEDS)


def test_in_one_life_in_six_azure_refuses_something_for_good_and_each_plot_comes_up() -> None:
    lives = [draw(seed) for seed in SEEDS]
    found = [step for life in lives for step in life.steps if isinstance(step, refused.Refused)]

    assert 0.12 <= len(found) / len(SEEDS) <= 0.22
    assert {one.operation for one in found} >= {plot.operation for plot in refused.PLOTS}
    assert {(one.status, one.code) for one in found} == {word[:2] for word in refused.WORDS}


def test_each_document_is_one_that_a_create_takes() -> None:
    for node in DRAWN:
        parse_create({"statefulNode": node})


def test_plain_documents_need_no_ground_and_only_the_short_lists_of_all_lives() -> None:
    assert [list(ground.layers(plain(seed))) for seed in range(20)] == [[]] * 20
    lists = {"vcpus_max": ground.VCPUS_MAX}
    assert [ground.settings(plain(seed)) for seed in range(20)] == [lists] * 20


def test_each_size_that_a_document_names_is_in_the_short_lists() -> None:
    sizes = [node["compute"]["vmSizes"] for node in DRAWN]
    named = {one for part in sizes for key in ("spotSizes", "odSizes") for one in part.get(key, ())}

    assert len(named) > len(SIZES)
    assert {one for one in named if catalogue()[one].vcpus > ground.VCPUS_MAX} == set()


def test_what_is_made_comes_after_what_it_names() -> None:
    """Each path that a body refers to is made in an earlier layer, or lies in every world."""
    for node in DRAWN:
        made: set[str] = set()
        for layer in ground.layers(node):
            for _, body in layer:
                assert {one for one in _named(body) if one not in made} <= set(ALWAYS)
            made |= {path for path, _ in layer}


ALWAYS = (f"{ground.SUBNETS}/default", f"{NETWORK}/virtualNetworks/{features.DUAL}")


def _named(value: Any) -> set[str]:
    """Return the ids that a body names; of a subnet of the second network that network's."""
    if isinstance(value, dict):
        return {one for name, part in value.items() for one in _ids(name, part)}
    return {one for part in value for one in _named(part)} if isinstance(value, list) else set()


def _ids(name: str, part: Any) -> set[str]:
    if name == "id" and isinstance(part, str):
        return {part.removesuffix("/subnets/default") if features.DUAL in part else part}
    return _named(part)


def test_imports_are_some_in_a_hundred_and_say_nothing_of_what_comes_with_the_vm() -> None:
    drawn = []
    for seed in SEEDS:
        document = plain(seed)
        source = imported.draw(dice(f"{seed}/import"), document)
        if source:
            drawn.append((source, document))
    assert 0.1 <= len(drawn) / len(SEEDS) <= 0.22
    for name in ("running", "unmanaged", "public", "pooled", "goes_with_vm"):
        assert {getattr(source, name) for source, _ in drawn} == {True, False}
    for _, document in drawn:
        launch, kept = launch_of(document), document["persistence"]
        assert not (kept["shouldPersistOsDisk"] and {"image", "login"} & {*launch})
        assert not (kept["shouldPersistNetwork"] and "network" in launch)
        assert not (kept["shouldPersistDataDisks"] and "dataDisks" in launch)


def test_in_few_lives_a_vm_fails_unheard_and_in_few_its_reads_lag() -> None:
    lives = [draw(seed) for seed in SEEDS]
    unheard = sum(any(isinstance(step, FailedUnheard) for step in one.steps) for one in lives)

    assert 0.05 <= unheard / len(lives) <= 0.15
    assert 0.05 <= sum(bool(one.lags) for one in lives) / len(lives) <= 0.15


def test_a_part_of_a_deletion_in_trouble_is_refused_or_has_no_room_now_and_then() -> None:
    drawn = [one.ends_in for one in map(draw, SEEDS) if one.dies_in_trouble]
    steps = [step for one in drawn for step in one]
    refusals = [one.operation for one in steps if isinstance(one, refused.Refused)]
    full = [one for one in steps if isinstance(one, RoomChanges)]

    assert 0.15 <= len(refusals) / len(drawn) <= 0.45
    assert {*refusals} == {*last_trouble.ENDS}
    assert 0.03 <= len(full) / len(drawn) <= 0.2


def test_at_the_end_of_some_lives_with_data_disks_a_person_takes_one_off() -> None:
    lives = [one for one in map(draw, SEEDS) if one.takes_off]

    assert 0.03 <= len(lives) / len(SEEDS) <= 0.15
    assert not any(one.deleted or one.imported or one.may_err for one in lives)


def test_no_two_reads_of_a_vm_lag_in_a_row_whatever_befalls_them_besides() -> None:
    lag = Lag(1.0, dice("lag"))
    read = Call("GET", "/vm", "", 1, READ, "vm")
    write = replace(read, method="PUT", operation="Microsoft.Compute/virtualMachines/write")

    assert lag.strike(read, None) == Stale()
    assert lag.strike(write, None) is None
    assert lag.strike(read, None) is None
    assert lag.strike(read, Reset()) == Reset()
    assert lag.strike(read, None) is None
    lag.lift()
    assert lag.strike(read, None) is None


def test_most_of_the_imports_are_doomed_each_in_a_way_that_its_source_allows() -> None:
    drawn = [imported.draw(dice(f"{seed}/import"), plain(seed)) for seed in range(1, 4_001)]
    sources = [one for one in drawn if one]
    dooms = [(one, one.doom) for one in sources if one.doom]

    assert 0.5 <= len(dooms) / len(sources) <= 0.7
    assert len({doom.name for _, doom in dooms}) > 20
    for source, doom in dooms:
        assert source.alone
        assert not source.full
        assert source.running or "it may not start" not in doom.name
        assert doom.at[0] or not (doom.then or doom.person or doom.kills)


def test_what_a_waylaid_import_needs_its_source_has_and_such_a_life_is_brief() -> None:
    lives = [draw(seed) for seed in range(1, 1_001)]
    waylaid = [(one, one.imported) for one in lives if one.imported and one.imported.brief]
    names = {source.doom.name for _, source in waylaid if source.doom}

    assert 0.02 <= len(waylaid) / len(lives) <= 0.07
    assert len(names) == 7
    for life, source in waylaid:
        told = source.doom.name if source.doom else ""
        network = life.document["persistence"]["shouldPersistNetwork"]
        assert source.alone
        assert len(life.steps) <= 1
        assert not life.flaky
        assert "pool" not in told or (source.running and source.pooled and source.drain_s)
        assert "conver" not in told or (source.unmanaged and source.zone is None)
        assert "NICs" not in told or (network and not source.unmanaged)


def test_half_of_the_other_imports_of_a_running_vm_are_doomed_by_dice_of_their_own() -> None:
    drawn = [(imported.draw(dice(f"{seed}/import"), plain(seed)), seed) for seed in SEEDS]
    sources = [(one, seed) for one, seed in drawn if one]
    then = [
        (one, imported.doom_else(dice(f"{seed}/doom"), one, plain(seed))) for one, seed in sources
    ]
    fresh = [one for before, one in then if one.doom and not before.doom]
    others = [one for before, one in then if not before.doom and one.running]

    assert 0.4 <= len(fresh) / len(others) <= 0.7
    assert all(one.running and one.alone and not one.full for one in fresh)
    assert all(before.doom in (None, one.doom) for before, one in then)


def test_in_few_lives_a_data_disk_comes_or_goes_in_trouble_and_each_plot_comes_up() -> None:
    plots = [attaching.draw(dice(f"{seed}/attaching")) for seed in range(1, 1_001)]
    drawn = [one for one in plots if one]

    assert 0.03 <= len(drawn) / len(plots) <= 0.09
    assert {type(one[1]) for one in drawn} == {Fault, attaching.VmUnseen}
    assert {type(one[-1]) for one in drawn} == {refused.Allowed, DiskAttached, attaching.SeenLate}
