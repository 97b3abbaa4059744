"""What Azure surely does not have is refused when the document is written, by its field."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from local.worlds.faults import Call, Fault, LostReply
from local.worlds.faults import Refused as Answered
from services.networks import Networks, looked_at
from shared.model.problems import Rejected
from shared.model.wire import from_stored
from tests.activities.acts import LAUNCH
from tests.activities.balancers import BALANCER, CONFIG, balancer, build
from tests.activities.nic_scenes import FIRST, dual, interfaces, named, put_address
from tests.activities.scenes import Scenery, left_by, played
from tests.activities.stage import KEY, NETWORK, Stage
from tests.unit.model.documents import node

AT = "statefulNode.compute.launchSpecification"
NIC = f"{AT}.network.networkInterfaces[0]"
LB = f"{AT}.loadBalancersConfig.loadBalancers[0]"
WEST = "westeurope"


async def furnished(stage: Stage) -> None:
    """A network with groups, addresses, balancers; some of them in another region."""
    await dual(stage)
    await build(stage)
    await stage.arm("PUT", f"{BALANCER}-basic", balancer("Basic"))
    for region, ending in (("eastus", ""), (WEST, "-west")):
        body = {"location": region, "properties": {}}
        await stage.arm("PUT", f"{NETWORK}/networkSecurityGroups/guard{ending}", body)
        await stage.arm("PUT", f"{NETWORK}/applicationSecurityGroups/web{ending}", body)
        space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": []}
        vnet = f"{NETWORK}/virtualNetworks/vnet{ending}"
        if ending:
            await stage.arm("PUT", vnet, {"location": region, "properties": space})
    await put_address(stage, "standard")
    await put_address(stage, "basic", "Basic")


@cache
def scenery() -> Scenery:
    return left_by(furnished)


def checked(hook: Callable[[Call], Fault | None] | None = None, /, **document: Any) -> Any:
    """Look a document's network up; return the doubt, or the problems by field."""

    async def scene(stage: Stage) -> Any:
        networks = Networks(stage.ports.stores.accounts, stage.ports.azure, stage.ports.clock)
        stage.wire.hook = hook
        try:
            return await networks.check(KEY.account_id, from_stored(node(**document)))
        except Rejected as rejected:
            return {one.field: one.message for one in rejected.errors}

    return played(scene, scenery())


def with_nic(**fields: Any) -> dict[str, Any]:
    return interfaces({**FIRST, **fields})


def with_balancer(index: int = 0, **fields: Any) -> dict[str, Any]:
    one = {**CONFIG["loadBalancers"][index], **fields}
    return {f"{LAUNCH}__loadBalancersConfig": {"loadBalancers": [one]}}


def test_a_document_that_azure_can_serve_is_taken_without_a_doubt() -> None:
    wanted = with_nic(
        networkSecurityGroup=named("GUARD")[0],
        applicationSecurityGroups=named("web"),
        assignPublicIp=True,
        publicIpSku="Standard",
        publicIps=named("standard"),
        privateIpAddresses=["10.0.1.50", "fd00:1::50"],
        additionalIpConfigurations=[{"name": "six", "privateIpAddressVersion": "IPv6"}],
    )

    assert checked(**wanted, **{f"{LAUNCH}__loadBalancersConfig": CONFIG}) == ""


VNET = f"{LAUNCH}__network__virtualNetworkName"
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no group of its own": (
        {"resourceGroupName": "none"},
        "statefulNode.resourceGroupName",
        "names no resource group",
    ),
    "no network": ({VNET: "none"}, f"{AT}.network.virtualNetworkName", "names no virtual network"),
    "network elsewhere": (
        {VNET: "vnet-west"},
        f"{AT}.network.virtualNetworkName",
        "is in another region",
    ),
    "no such group": (
        {f"{LAUNCH}__network__resourceGroupName": "none"},
        f"{AT}.network.virtualNetworkName",
        "names no virtual network",
    ),
    "no subnet": (with_nic(subnetName="none"), f"{NIC}.subnetName", "names no subnet"),
    "no IPv6": (
        with_nic(
            subnetName="back",
            additionalIpConfigurations=[{"name": "six", "privateIpAddressVersion": "IPv6"}],
        ),
        f"{NIC}.additionalIpConfigurations[0].privateIpAddressVersion",
        "the subnet has no IPv6 addresses",
    ),
    "pool outside": (
        with_nic(privateIpAddresses=["10.0.1.50", "10.0.2.50"]),
        f"{NIC}.privateIpAddresses[1]",
        "is not an address of the subnet",
    ),
    "pool reserved": (
        with_nic(privateIpAddresses=["10.0.1.3"]),
        f"{NIC}.privateIpAddresses[0]",
        "is an address that Azure keeps to itself",
    ),
    "no guard": (
        with_nic(networkSecurityGroup=named("none")[0]),
        f"{NIC}.networkSecurityGroup.name",
        "names no such group",
    ),
    "guard elsewhere": (
        with_nic(networkSecurityGroup=named("guard-west")[0]),
        f"{NIC}.networkSecurityGroup.name",
        "is in another region",
    ),
    "no group": (
        with_nic(applicationSecurityGroups=named("web", "none")),
        f"{NIC}.applicationSecurityGroups[1].name",
        "names no such group",
    ),
    "no address": (
        with_nic(publicIps=named("none")),
        f"{NIC}.publicIps[0].name",
        "names no public IP address",
    ),
    "address of another SKU": (
        with_nic(publicIpSku="Standard", publicIps=named("basic")),
        f"{NIC}.publicIps[0].name",
        "is Basic, not as publicIpSku says",
    ),
    "no balancer": (with_balancer(name="none"), f"{LB}.name", "names no load balancer"),
    "no gateway": (with_balancer(1, name="none"), f"{LB}.name", "names no application gateway"),
    "no pool": (
        with_balancer(backendPoolNames=["web", "none"]),
        f"{LB}.backendPoolNames[1]",
        "names no backend pool of the load balancer",
    ),
    "balancer of another SKU": (
        with_balancer(loadBalancerSku="Basic"),
        f"{LB}.loadBalancerSku",
        "the load balancer is Standard",
    ),
    "gateway of another SKU": (
        with_balancer(1, loadBalancerSku="WAF_v2"),
        f"{LB}.loadBalancerSku",
        "the application gateway is Standard_v2",
    ),
    "balancer that the addresses bar": (
        {
            **with_nic(publicIpSku="Standard"),
            **with_balancer(name="front-basic", loadBalancerSku=None),
        },
        f"{LB}.name",
        "is Basic: Azure joins it to no NIC with a Standard public address",
    ),
}


@pytest.mark.parametrize(("document", "field", "message"), BAD.values(), ids=BAD)
def test_what_azure_surely_lacks_is_refused_with_its_field(
    document: dict[str, Any], field: str, message: str
) -> None:
    """R7, R78, R81, R82, S85, S87, S89, S90: refused at once, not minutes later by a launch."""
    problems = checked(**document)

    assert list(problems) == [field]
    assert message in problems[field]


@pytest.mark.parametrize(
    "fault",
    [
        Answered(503, "ServerBusy", "busy"),
        Answered(403, "AuthorizationFailed", "no role"),
        Answered(429, "TooManyRequests", "too many"),
        LostReply(),
    ],
    ids=["outage", "forbidden", "throttled", "lost"],
)
def test_an_azure_that_does_not_tell_refuses_nothing_and_leaves_a_doubt(fault: Fault) -> None:
    doubt = checked(lambda _: fault, **with_nic(subnetName="none"))

    assert isinstance(doubt, str)
    assert doubt


def test_what_one_look_misses_and_the_next_one_finds_is_there() -> None:
    """Azure may not tell of what was made a moment ago."""
    missed: list[str] = []

    def hook(call: Call) -> Fault | None:
        if call.path in missed:
            return None
        missed.append(call.path)
        return Answered(404, "ResourceGroupNotFound", "not found")

    assert checked(hook, **with_nic(networkSecurityGroup=named("guard")[0])) == ""
    assert len(missed) == len(("network", "guard", "the node's own group"))


def test_only_a_change_of_the_network_is_looked_up_again() -> None:
    before = from_stored(node(**with_nic()))

    assert looked_at(before) == looked_at(from_stored(node(**with_nic(), name="other")))
    assert looked_at(before) != looked_at(from_stored(node(**with_balancer())))


def test_every_problem_is_told_at_once() -> None:
    document = {**with_nic(subnetName="none", publicIps=named("none")), **with_balancer(name="no")}

    assert len(checked(**document)) == 3
