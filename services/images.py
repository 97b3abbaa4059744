"""Images, looked up when a document that names one is written.

What Azure tells of the image is held against the document; what it does not tell is not. A document
is refused for an image that is surely not there, or that surely does not go with it. Where Azure
does not answer, or does not let us read, the document is taken, its log says so, and the launch
decides: Azure's trouble now says nothing of an image that is read days later.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from azure.core.exceptions import AzureError

from activities.azure.clients import AzureClients
from activities.image import (
    AccountUnknownError,
    ImageNotFoundError,
    read_image,
    subscription_of_image,
)
from activities.kept import Kept
from shared.clock import Clock
from shared.model.image import Image
from shared.model.image_facts import ImageFacts
from shared.model.node import NodeDocument
from shared.model.parse import ROOT
from shared.model.problems import Code, FieldError, Rejected
from shared.model.shape import join
from shared.policy.image_fit import problems
from store.accounts import Accounts

LOOK_UP_S: Final = 10.0
"""A client waits for the answer; what takes Azure longer is left to the launch."""
KEEP_S: Final = 3_600.0
"""Marketplace images do not change once published."""
AT: Final = f"{ROOT}.compute.launchSpecification.image"


@dataclass(frozen=True)
class Images:
    """Looks images up."""

    accounts: Accounts
    azure: AzureClients
    clock: Clock
    _known: Kept[ImageFacts] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", Kept(self.clock, KEEP_S))

    async def check(self, account_id: str, document: NodeDocument) -> str:
        """Return why the image could not be looked up; empty: it goes with the document.

        Raises `Rejected` with every problem.
        """
        image = document.compute.launch_specification.image
        if image is None:
            return ""
        try:
            async with asyncio.timeout(LOOK_UP_S):
                facts = await self._facts(account_id, document.region, image)
        except AccountUnknownError:
            message = "is not the id of a connected account"
            raise _refused(f"{AT}.gallery.spotAccountId", message) from None
        except ImageNotFoundError as missing:
            message = f"names nothing that Azure has in {document.region}"
            raise _refused(f"{AT}.{missing.field}", message) from None
        except (AzureError, TimeoutError) as error:
            return type(error).__name__
        found = [
            FieldError(one.code, one.message, join(ROOT, one.loc))
            for one in problems(document, facts)
        ]
        if found:
            raise Rejected(found)
        return ""

    async def _facts(self, account_id: str, region: str, image: Image) -> ImageFacts:
        account = await self.accounts.get(account_id)
        own = account.subscription_id if account else ""
        where = await subscription_of_image(self.accounts, image, own)
        azure = await self.azure.of(where, account_id)
        if image.marketplace is None:
            return await read_image(azure, region, image)
        return await self._known.get(
            (where, region, image), lambda: read_image(azure, region, image)
        )


def _refused(at: str, message: str) -> Rejected:
    return Rejected([FieldError(Code.VALUE, message, at)])


def unknown(why: str) -> str:
    """Return what the node's log says of an image that could not be looked up."""
    return f"The image could not be looked up ({why}): Azure decides at the next launch."


def looked_at(document: NodeDocument) -> tuple[object, ...]:
    """Return what a look-up judges: a change of anything else needs none."""
    launch = document.compute.launch_specification
    return (
        launch.image,
        launch.login is None,
        launch.custom_data is None,
        launch.secrets is None,
        launch.os_disk and launch.os_disk.size_gib,
        {disk.lun for disk in launch.data_disks or ()},
        launch.security and launch.security.security_type,
        launch.purchase_plan,
        document.persistence.should_persist_data_disks,
        document.persistence.should_persist_os_disk,
    )
