"""Resource SKUs: sizes with what they can do, where they are, and who may not have them."""

from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.arm.sku import state
from tests.arm.compute import sync
from tests.simulator import SUBSCRIPTION, Azure

SKUS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/skus"


async def sizes_of(azure: Azure, region: str) -> dict[str, m.ResourceSku]:
    def work(client: ComputeManagementClient) -> list[m.ResourceSku]:
        return list(client.resource_skus.list(filter=f"location eq '{region}'"))

    rows = await sync(azure, work)
    return {row.name or "": row for row in rows if row.resource_type == "virtualMachines"}


def capabilities(row: m.ResourceSku) -> dict[str, str]:
    return {str(one.name): str(one.value) for one in row.capabilities or []}


async def test_both_regions_sell_more_than_forty_sizes_with_their_families(azure: Azure) -> None:
    east, west = await sizes_of(azure, "East US"), await sizes_of(azure, "westeurope")

    assert min(len(east), len(west)) > 40
    families = {name: row.family for name, row in east.items()}
    assert families["Standard_D2s_v5"] == "standardDSv5Family"
    assert families["Standard_D2ads_v6"] == "standardDadv6Family"
    assert families["Standard_NC24ads_A100_v4"] == "StandardNCADSA100v4Family"


async def test_capabilities_are_text_and_absent_where_they_are_false(azure: Azure) -> None:
    rows = await sizes_of(azure, "eastus")

    d2as_v6, d2_v3 = capabilities(rows["Standard_D2as_v6"]), capabilities(rows["Standard_D2_v3"])
    arm, confidential = rows["Standard_D2ps_v5"], rows["Standard_DC2as_v5"]

    assert d2as_v6["vCPUs"] == "2"
    assert d2as_v6["MaxResourceVolumeMB"] == "0"
    assert (d2as_v6["HyperVGenerations"], d2as_v6["DiskControllerTypes"]) == ("V2", "NVMe")
    assert (d2_v3["HyperVGenerations"], d2_v3["PremiumIO"]) == ("V1", "False")
    assert "DiskControllerTypes" not in d2_v3
    assert "TrustedLaunchDisabled" not in d2as_v6
    assert capabilities(arm)["CpuArchitectureType"] == "Arm64"
    assert capabilities(confidential)["ConfidentialComputingType"] == "SNP"
    assert capabilities(rows["Standard_B2s"])["LowPriorityCapable"] == "False"
    assert capabilities(rows["Standard_D2ads_v6"])["NvmeDiskSizeInMiB"] == "112640"
    assert capabilities(rows["Standard_A1_v2"])["MemoryGB"] == "2"


async def test_zones_tell_where_ultra_disks_are(azure: Azure) -> None:
    row = (await sizes_of(azure, "eastus"))["Standard_D2as_v6"]

    assert row.location_info is not None
    info = row.location_info[0]
    assert info.zones == ["1", "2", "3"]
    assert info.zone_details is not None
    assert info.zone_details[0].name == ["1", "2"]
    assert capabilities(m.ResourceSku({"capabilities": info.zone_details[0].capabilities})) == {
        "UltraSSDAvailable": "True"
    }


async def test_restrictions_are_of_zones_or_of_the_region_and_can_be_set(azure: Azure) -> None:
    state.restrict(azure.world, "standard_d4s_v5", "eastus", zones="2", whole=False)
    state.restrict(azure.world, "Standard_D8s_v5", "East US", zones="", whole=True)

    rows = await sizes_of(azure, "eastus")

    def kinds(name: str) -> list[tuple[object, list[str] | None]]:
        return [
            (one.type, one.restriction_info.zones if one.restriction_info else None)
            for one in rows[name].restrictions or []
        ]

    assert kinds("Standard_D2as_v6") == [("Zone", ["3"])]
    assert kinds("Standard_D4s_v5") == [("Zone", ["2"])]
    assert kinds("Standard_D8s_v5") == [("Location", None)]
    assert kinds("Standard_D16s_v5") == []
    d4s = state.size(azure.world, "STANDARD_D4S_V5")
    assert d4s is not None
    assert state.refused(azure.world, d4s, "eastus", "2")
    assert not state.refused(azure.world, d4s, "eastus", "1")
    assert state.refused(azure.world, d4s, "northpole", None)


async def test_only_location_can_be_filtered(azure: Azure) -> None:
    bad, _, _ = await azure.arm("GET", SKUS + "?$filter=name eq 'x'")
    status, nowhere, _ = await azure.arm("GET", SKUS + "?$filter=location eq 'northpole'")
    _, everything, _ = await azure.arm("GET", SKUS)

    assert (bad, status, nowhere["value"]) == (400, 200, [])
    assert {row["resourceType"] for row in everything["value"]} == {
        "virtualMachines",
        "disks",
        "snapshots",
    }


async def test_the_older_list_of_sizes_has_them_too(azure: Azure) -> None:
    def work(client: ComputeManagementClient) -> list[m.VirtualMachineSize]:
        return list(client.virtual_machine_sizes.list("eastus"))

    sizes = {size.name: size for size in await sync(azure, work)}

    assert sizes["Standard_D2s_v3"].memory_in_mb == 8192
    assert sizes["Standard_D2s_v3"].resource_disk_size_in_mb == 16_384


def test_no_size_has_more_than_its_series_allows() -> None:
    for size in state.catalogue().values():
        assert size.vcpus > 0
        assert size.memory_gib > 0
        assert size.zones("eastus")
        assert int(size.capabilities["MaxNetworkInterfaces"]) <= 8
        assert size.supports("LowPriorityCapable") is bool(size.spot_share)
