"""Envoy's typed extensions as plain data."""

from typing import Any

__all__ = ["Json", "extension", "typed"]

Json = dict[str, Any]
"""A part of the bootstrap, in the JSON form of Envoy's own messages."""


def typed(message: str, **fields: Any) -> Json:
    """A message that says what it is."""
    return {"@type": f"type.googleapis.com/{message}", **fields}


def extension(name: str, message: str, **fields: Any) -> Json:
    """An extension with its configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}
