from shared.model.facts import SizeAttributes, Wishes
from shared.policy.decide import decide
from shared.policy.wishes import wishes_of
from shared.policy.words import story
from tests.unit.model.documents import node
from tests.unit.policy.situations import D2, D4, evicted, shun, wishing

ATTRIBUTES = "compute__vmSizes__spotSizeAttributes"


def test_a_plain_document_asks_for_little() -> None:
    wishes = wishes_of(node())

    assert wishes == Wishes(
        os="Linux",
        spot_sizes=("standard_d2s_v5",),
        od_sizes=("standard_d2s_v5",),
        fallback_to_od=True,
        persists_os=True,
        persists_data=True,
        launch_digest=wishes.launch_digest,
    )


def test_every_wish_is_read() -> None:
    document = node(
        strategy__preferredLifecycle="od",
        strategy__odWindows=["Mon:09:00-Mon:10:00"],
        strategy__availabilityVsCost=0,
        persistence__osDiskPersistenceMode="onLaunch",
        persistence__dataDisksPersistenceMode="onLaunch",
        compute__zones=["1", "3"],
        compute__preferredZone="3",
        compute__vmSizes__preferredSpotSizes=["standard_d2s_v5"],
        compute__launchSpecification__security={
            "securityType": "TrustedLaunch",
            "encryptionAtHost": True,
        },
        compute__launchSpecification__osDisk={"type": "Premium_LRS"},
        compute__launchSpecification__dataDisks=[{"lun": 0, "sizeGB": 8, "type": "UltraSSD_LRS"}],
        compute__launchSpecification__extensions=[
            {
                "name": "setup",
                "type": "CustomScript",
                "publisher": "Microsoft.Azure.Extensions",
                "apiVersion": "2.1",
                "minorVersionAutoUpgrade": True,
            }
        ],
    )
    wishes = wishes_of(document)

    assert wishes.prefers_od
    assert wishes.od_windows == ("Mon:09:00-Mon:10:00",)
    assert wishes.availability_vs_cost == 0
    assert wishes.os_on_launch
    assert wishes.data_on_launch
    assert (wishes.zones, wishes.preferred_zone) == (("1", "3"), "3")
    assert wishes.preferred_sizes == ("standard_d2s_v5",)
    assert (wishes.security_type, wishes.encryption_at_host) == ("TrustedLaunch", True)
    assert (wishes.os_disk_sku, wishes.data_disk_skus) == ("Premium_LRS", ("UltraSSD_LRS",))
    assert (wishes.nic_count, wishes.extension_count) == (1, 1)


def test_size_attributes_are_read_with_their_bounds() -> None:
    document = node(**{ATTRIBUTES: {"minCpu": 2, "maxMemory": 16}})

    assert wishes_of(document).spot_attributes == SizeAttributes(min_cpu=2, max_memory_gib=16)


def test_an_edit_of_what_a_vm_is_made_of_changes_the_digest_and_an_edit_of_sizes_does_not() -> None:
    plain = wishes_of(node()).launch_digest

    assert wishes_of(node(compute__vmSizes__spotSizes=["standard_d4s_v5"])).launch_digest == plain
    assert wishes_of(node(compute__launchSpecification__userData="aGk=")).launch_digest != plain


def test_a_decision_is_told_in_one_line() -> None:
    inputs = evicted(wishes=wishing(spot_sizes=(D2, D4)), memory=(shun(D4),))

    assert story(decide(inputs)) == (
        "first SPOT Standard_D2s_v5 in zone 1: start it in place, about 22 s at 0.02 USD/h; "
        "then OD Standard_D2s_v5 in zone 1; 2 markets in all; not open: 1 SHUNNED"
    )


def test_why_there_is_no_market_is_told_with_the_first_reason() -> None:
    inputs = evicted(wishes=wishing(fallback_to_od=False), memory=(shun(D2),))

    assert story(decide(inputs)) == (
        "no market is open: 1 OD_NOT_ALLOWED, 1 SHUNNED; "
        "AllocationFailed, passed over until 2026-03-04 13:00:00 UTC"
    )
