"""The fixed baseline: what a simple controller does, with the management SDK as it comes.

Every 60 s it lists the VMs. One that is deallocated is deleted and made anew around its disks and
its NICs, and its extensions are installed again. The SDK's own pollers wait as they do by default.
It keeps no state, ranks no markets and makes nothing safe: it is what recovery costs at least when
done so, not a rival. All that is down is recovered at the same time, in threads.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.clock import ScaledClock
from local.credential import EXPIRES_ON, TOKEN
from local.stack.arm import GROUP, SUBSCRIPTION

LIST_EVERY_S = 60.0
DEFAULT_POLL_S = 30
"""What the SDK's pollers wait when Azure names no time. Source: azure-mgmt-core."""
THREADS = 64
GROUP_NAME = GROUP.rsplit("/", 1)[-1]
READ_ONLY = ("vm_id", "provisioning_state", "instance_view", "time_created", "os_profile")


class _Token:
    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(TOKEN, EXPIRES_ON)


class _Bearer(SansIOHTTPPolicy[Any, Any]):
    """Sends the token over plain http, which the SDK's own policy refuses to do."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = f"Bearer {TOKEN}"


@dataclass
class Rebuilt:
    """How one VM came back."""

    seen_at: datetime
    """When the list showed it deallocated."""
    back_at: datetime | None = None
    """When its last extension was installed."""
    trouble: str = ""


@dataclass
class Controller:
    """One run of the baseline."""

    arm_url: str
    clock: ScaledClock
    extension: dict[str, Any]
    rebuilt: dict[str, Rebuilt] = field(default_factory=dict)
    """By name of the VM."""

    def __post_init__(self) -> None:
        self._compute = ComputeManagementClient(
            _Token(),
            SUBSCRIPTION,
            base_url=self.arm_url,
            authentication_policy=_Bearer(),
            # The pollers sleep on the wall: where Azure names no time, the default is scaled.
            polling_interval=DEFAULT_POLL_S / self.clock.speed,
        )

    async def run(self) -> None:
        """List and recover until cancelled."""
        under_way: set[asyncio.Task[None]] = set()
        with ThreadPoolExecutor(THREADS) as pool:
            while True:
                for name in await asyncio.get_running_loop().run_in_executor(pool, self._down):
                    if name not in self.rebuilt:
                        self.rebuilt[name] = Rebuilt(self.clock.now())
                        task = asyncio.create_task(self._recover(pool, name))
                        under_way.add(task)
                        task.add_done_callback(under_way.discard)
                await self.clock.sleep(LIST_EVERY_S)

    async def _recover(self, pool: ThreadPoolExecutor, name: str) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(pool, self._rebuild, name)
            self.rebuilt[name].back_at = self.clock.now()
        except Exception as error:  # noqa: BLE001 - the run's figures tell
            self.rebuilt[name].trouble = f"{type(error).__name__}: {error}"

    def _down(self) -> list[str]:
        down = []
        for vm in self._compute.virtual_machines.list_all(status_only="true"):
            view: Any = vm.properties and vm.properties.instance_view
            codes = [status.code for status in (view.statuses if view else None) or ()]
            if "PowerState/deallocated" in codes:
                down.append(str(vm.id).rsplit("/", 1)[-1])
        return down

    def _rebuild(self, name: str) -> None:
        machines = self._compute.virtual_machines
        body = attached(machines.get(GROUP_NAME, name))
        machines.begin_delete(GROUP_NAME, name).result()
        machines.begin_create_or_update(GROUP_NAME, name, body).result()
        self._compute.virtual_machine_extensions.begin_create_or_update(
            GROUP_NAME,
            name,
            self.extension["name"],
            m.VirtualMachineExtension(
                location=body.location,
                properties=m.VirtualMachineExtensionProperties(
                    publisher=self.extension["publisher"],
                    type=self.extension["type"],
                    type_handler_version=self.extension["apiVersion"],
                    settings=self.extension["publicSettings"],
                ),
            ),
        ).result()


def attached(vm: m.VirtualMachine) -> m.VirtualMachine:
    """Turn a VM as it was read into the PUT that makes it anew around its disks."""
    properties: Any = vm.properties
    for name in READ_ONLY:
        setattr(properties, name, None)
    storage = properties.storage_profile
    storage.image_reference = None
    storage.os_disk.create_option = "Attach"
    for disk in (storage.os_disk, *(storage.data_disks or ())):
        disk.create_option = "Attach"
        disk.disk_size_gb = None
        disk.managed_disk = m.ManagedDiskParameters(id=disk.managed_disk.id)
    return m.VirtualMachine(
        location=vm.location, zones=vm.zones, tags=vm.tags, properties=properties
    )
