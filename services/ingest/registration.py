"""What ingest's gRPC server serves."""

import grpc
from puremusic.ingest.v1 import ingest_pb2_grpc
from puremusic.operations.v1 import operations_pb2_grpc

from chassis import operations
from chassis.operations import OperationsServicer
from services.ingest.servicer import TracksServicer


def register(servicer: TracksServicer, upkeep: OperationsServicer, server: grpc.aio.Server) -> tuple[str, ...]:
    """Add ingest's servicers to a server and return their full names."""
    ingest_pb2_grpc.add_TracksServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServiceServicer_to_server(upkeep, server)
    return "puremusic.ingest.v1.TracksService", operations.SERVICE
