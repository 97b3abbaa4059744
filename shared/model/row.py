"""What every stored value is."""

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """A stored value: immutable, tolerant of fields that a newer release wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")
