"""What fusion's gRPC server serves."""

import grpc
from puremusic.fusion.v1 import fusion_pb2_grpc
from puremusic.operations.v1 import operations_pb2_grpc

from chassis import operations
from chassis.operations import OperationsServicer
from services.fusion.servicer import FusionsServicer


def register(servicer: FusionsServicer, upkeep: OperationsServicer, server: grpc.aio.Server) -> tuple[str, ...]:
    """Add fusion's servicers to a server and return their full names."""
    fusion_pb2_grpc.add_FusionsServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServiceServicer_to_server(upkeep, server)
    return "puremusic.fusion.v1.FusionsService", operations.SERVICE
