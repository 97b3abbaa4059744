"""What Azure says of a managed disk, as far as it decides what the disk can be used for."""

from shared.model.run import Row


class DiskFacts(Row):
    """One managed disk, read."""

    id: str
    name: str
    region: str = ""
    zone: str | None = None
    """None: regional, or redundant over zones."""
    sku: str = ""
    size_gib: int | None = None
    os_type: str = ""
    """`Linux` or `Windows`; empty for a data disk."""
    generation: str = ""
    """`V1` or `V2`; empty if not told."""
    architecture: str = ""
    security_type: str = ""
    """Azure's securityProfile.securityType; empty: none."""
    user: str = ""
    """ARM id of the VM that has it; empty: nobody."""
    is_free: bool = True
    """False also while its bytes can be read or written from outside."""
    made_from: str = ""
    """ARM id of the snapshot or disk that it is a copy of; empty: none."""
    node_id: str = ""
    """The node whose tag it carries."""
