"""What separation's gRPC server serves."""

import grpc
from puremusic.operations.v1 import operations_pb2_grpc
from puremusic.separation.v1 import separation_pb2_grpc

from chassis import operations
from chassis.operations import OperationsServicer
from services.separation.servicer import SeparationsServicer


def register(servicer: SeparationsServicer, upkeep: OperationsServicer, server: grpc.aio.Server) -> tuple[str, ...]:
    """Add separation's servicers to a server and return their full names."""
    separation_pb2_grpc.add_SeparationsServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServiceServicer_to_server(upkeep, server)
    return "puremusic.separation.v1.SeparationsService", operations.SERVICE
