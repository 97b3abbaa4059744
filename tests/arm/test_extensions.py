"""VM extensions: through the client, and what they need."""

from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from tests.arm.compute import sync
from tests.arm.machines import VM, act, delete, from_image, read, refused, world

EXTENSION = f"{VM}/extensions/script"
BODY = {
    "location": "eastus",
    "properties": {
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
        "typeHandlerVersion": "2.1",
        "settings": {"a": 1},
        "protectedSettings": {"secret": "x"},
    },
}


async def test_the_client_installs_changes_lists_and_removes_an_extension() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())

        def work(client: ComputeManagementClient) -> list[object]:
            extensions = client.virtual_machine_extensions
            wanted = m.VirtualMachineExtension(
                location="eastus",
                properties=m.VirtualMachineExtensionProperties(
                    publisher="Microsoft.Azure.Extensions",
                    type="CustomScript",
                    type_handler_version="2.1",
                    settings={"a": 1},
                ),
            )
            made = extensions.begin_create_or_update("rg", "vm1", "script", wanted).result()
            update = m.VirtualMachineExtensionUpdate(
                properties=m.VirtualMachineExtensionUpdateProperties(settings={"a": 2})
            )
            changed = extensions.begin_update("rg", "vm1", "script", update).result()
            listed = [one.name for one in extensions.list("rg", "vm1").value or []]
            extensions.begin_delete("rg", "vm1", "script").result()
            return [made.provisioning_state, changed.settings, listed]

        assert await sync(azure, work) == ["Succeeded", {"a": 2}, ["script"]]


async def test_protected_settings_never_come_back_and_the_vm_shows_the_extension() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        made = await azure.put(EXTENSION, BODY)

        vm = await read(azure, f"{VM}?$expand=instanceView")

        assert "protectedSettings" not in made["properties"]
        assert vm["resources"][0]["name"] == "script"
        assert vm["properties"]["instanceView"]["extensions"][0]["name"] == "script"


async def test_an_extension_needs_a_running_vm_and_goes_with_it() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await azure.put(EXTENSION, BODY)
        await act(azure, "deallocate")

        error = await refused(azure, "PUT", EXTENSION, BODY)
        await delete(azure)

        assert (error["http"], error["code"]) == (409, "OperationNotAllowed")
        assert error["message"].startswith(
            "Cannot modify extensions in the VM when the VM is not running."
        )
        assert azure.world.find(EXTENSION) is None


async def test_what_is_missing_or_fixed_is_refused() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        missing = await refused(azure, "PUT", EXTENSION, {"properties": {}})
        absent = await refused(azure, "GET", EXTENSION)
        await azure.put(EXTENSION, BODY)
        other = {"properties": {**BODY["properties"], "type": "Other"}}  # type: ignore[dict-item]

        fixed = await refused(azure, "PUT", EXTENSION, other)

        assert missing["code"] == "InvalidParameter"
        assert "virtualMachines/vm1/extensions/script" in absent["message"]
        assert fixed["code"] == "PropertyChangeNotAllowed"
        assert (await azure.arm("DELETE", f"{VM}/extensions/none"))[0] == 204
