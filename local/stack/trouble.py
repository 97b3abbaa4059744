"""What ends a start, said in one clear line."""


class Trouble(Exception):  # noqa: N818 - the user's word, not a bug
    """The stack cannot go on; the text is all that the user needs to read."""
