"""What gateway's gRPC server serves."""

import grpc
from puremusic.gateway.v1 import gateway_pb2_grpc

from services.gateway.admin_servicer import AdminServicer
from services.gateway.servicer import JobsServicer, LibraryServicer


def register(
    jobs: JobsServicer, library: LibraryServicer, admin: AdminServicer, server: grpc.aio.Server
) -> tuple[str, ...]:
    """Add gateway's servicers to a server and return their full names."""
    gateway_pb2_grpc.add_JobsServiceServicer_to_server(jobs, server)
    gateway_pb2_grpc.add_LibraryServiceServicer_to_server(library, server)
    gateway_pb2_grpc.add_AdminServiceServicer_to_server(admin, server)
    return tuple(f"puremusic.gateway.v1.{name}Service" for name in ("Jobs", "Library", "Admin"))
