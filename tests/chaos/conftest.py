"""The running mesh, for tests that break it."""

from tests.servers.mesh import mesh

__all__ = ["mesh"]
