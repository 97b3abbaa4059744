"""What can go wrong in the store, in words that callers decide by."""


class StoreError(Exception):
    """Anything the store could not do."""


class Conflict(StoreError):  # noqa: N818 - the fact itself
    """The row exists, or is no longer as it was read (409, 412): read again, decide again."""


class Gone(StoreError):  # noqa: N818 - the fact itself
    """The row is not there (404)."""


class TooLarge(StoreError):  # noqa: N818 - the fact itself
    """The row is larger than Azure Tables takes; refused before it was sent."""


class BadConnection(StoreError):  # noqa: N818 - the fact itself
    """The setting that says where the tables are is not usable. Never quotes it: it holds a key."""


class Unavailable(StoreError):  # noqa: N818 - the fact itself
    """The store did not answer, or answered that it could not (5xx, 429, broken connection).

    A write may have been done all the same. Every write of this package may be repeated.
    """
