"""Fixtures of the embedded stack's own tests."""

from tests.servers.backing import backing, bus, database, fresh_database, objects

__all__ = ["backing", "bus", "database", "fresh_database", "objects"]
