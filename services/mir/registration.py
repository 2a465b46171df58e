"""What mir's gRPC server serves."""

import grpc
from puremusic.mir.v1 import mir_pb2_grpc
from puremusic.operations.v1 import operations_pb2_grpc

from chassis import operations
from chassis.operations import OperationsServicer
from services.mir.servicer import AnalysesServicer


def register(servicer: AnalysesServicer, upkeep: OperationsServicer, server: grpc.aio.Server) -> tuple[str, ...]:
    """Add mir's servicers to a server and return their full names."""
    mir_pb2_grpc.add_AnalysesServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServiceServicer_to_server(upkeep, server)
    return "puremusic.mir.v1.AnalysesService", operations.SERVICE
