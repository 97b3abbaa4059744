"""What a node's name and resource group give the VMs, disks and interfaces that are made for it."""

from typing import Any

from shared.contracts.vm import VmUp
from shared.names import parts_of, vm_name
from tests.activities.acts import DOCUMENT
from tests.activities.image_scenes import launch
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage
from tests.unit.model.documents import node


def test_a_vm_is_named_after_its_node() -> None:
    assert vm_name(node(name="Web server"), KEY, 3) == "Web-server-0000cafe-g3"
    assert vm_name(node(name="db"), KEY, 3) == "db-0000cafe-g3"


def test_all_that_is_made_is_in_the_nodes_resource_group() -> None:
    """R7."""

    async def scene(stage: Stage) -> tuple[Any, set[str]]:
        await stage.node(**DOCUMENT)
        answer = await launch(stage)
        return answer, {parts_of(one.id)[0].lower() for one in stage.there().values()}

    answer, groups = played(scene)

    assert isinstance(answer, VmUp)
    assert groups == {"fleet"}
