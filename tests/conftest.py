from tests.azurite import azurite_connection

__all__ = ["azurite_connection"]
