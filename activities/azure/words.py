"""Azure's words as plain text."""


def word(value: object) -> str:
    """Return what Azure said; empty for None.

    The SDK's models hold an enum for words that it knew when it was generated and plain text for
    all others, and `str` of such an enum is its name in Python, not Azure's word.
    """
    return str(getattr(value, "value", value) or "")
