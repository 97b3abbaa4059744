"""What a use-case answers when it will not do what was asked."""


class UnknownNode(Exception):  # noqa: N818 - an answer, not a fault
    """There is no such node in this account."""

    def __init__(self, node_id: str) -> None:
        self.node_id = node_id
        super().__init__(f"there is no stateful node {node_id[:64]} in this account")


class NotNow(Exception):  # noqa: N818 - as above
    """The node's status or the operation that holds it does not allow this now."""


class StartLost(Exception):  # noqa: N818 - as above
    """The orchestration could not be started now; the operation watch will do it."""


class BeyondRights(Exception):  # noqa: N818 - as above
    """The caller may not do this there."""

    def __init__(self, message: str, field: str) -> None:
        self.field = field
        super().__init__(message)


class AzureSilent(Exception):  # noqa: N818 - as above
    """Azure did not answer in time what must be known before the call can be."""
