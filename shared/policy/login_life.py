"""How long a node needs the password of its login."""

from shared.model.node import NodeDocument
from shared.model.persistence import DiskPersistence


def password_name(document: NodeDocument) -> str | None:
    """Return the name of the login's password in the secret store."""
    login = document.compute.launch_specification.login
    return login.password_ref if login else None


def keeps_password(document: NodeDocument) -> bool:
    """Tell whether the password stays after the first launch, because a later one may need it.

    Azure makes the user when it makes an OS disk from an image. A disk that is reattached carries
    its users for good. One that does not persist is made from the image each time; one that is
    rebuilt at each launch has to be, should there be nothing to rebuild it from.
    """
    rebuilt = document.persistence.os_disk_persistence_mode is DiskPersistence.ON_LAUNCH
    return rebuilt or needs_password(document)


def needs_password(document: NodeDocument) -> bool:
    """Tell whether the next VM is sure to need the password."""
    return not document.persistence.should_persist_os_disk
