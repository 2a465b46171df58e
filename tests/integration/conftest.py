"""The real servers, once for all integration tests."""

from tests.servers.backing import backing, bus, database, fresh_database, objects

__all__ = ["backing", "bus", "database", "fresh_database", "objects"]
