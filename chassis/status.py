"""The one table from domain errors to gRPC status codes, and the rich status that carries reason and figures (AIP-193)."""

from typing import Any, cast

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from chassis import errors

ERROR_DOMAIN = "puremusic"

CODES: dict[type[errors.DomainError], int] = {
    errors.InvalidInput: code_pb2.INVALID_ARGUMENT,
    errors.Unauthenticated: code_pb2.UNAUTHENTICATED,
    errors.Forbidden: code_pb2.PERMISSION_DENIED,
    errors.NotFound: code_pb2.NOT_FOUND,
    errors.AlreadyExists: code_pb2.ALREADY_EXISTS,
    errors.Conflict: code_pb2.ABORTED,
    errors.NotReady: code_pb2.FAILED_PRECONDITION,
    errors.Exhausted: code_pb2.RESOURCE_EXHAUSTED,
    errors.Unavailable: code_pb2.UNAVAILABLE,
    errors.Internal: code_pb2.INTERNAL,
}

_BY_CODE = {code: error for error, code in CODES.items()}


def to_status(error: errors.DomainError) -> status_pb2.Status:
    """Return `google.rpc.Status` with one ErrorInfo: reason, domain and the error's figures."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=ERROR_DOMAIN, metadata=error.metadata)
    detail = any_pb2.Any()
    detail.Pack(info)
    return status_pb2.Status(code=CODES[type(error)], message=error.message, details=[detail])


async def abort(context: grpc.aio.ServicerContext[Any, Any], error: errors.DomainError) -> None:
    """End the call with the error's status; never returns normally."""
    status = rpc_status.to_status(to_status(error))
    await context.abort(status.code, status.details or "", status.trailing_metadata or ())


def from_call(failure: grpc.aio.AioRpcError) -> errors.DomainError:
    """Return the domain error that a callee answered with, so that a caller can pass it on with its reason."""
    status = rpc_status.from_call(cast("grpc.Call", failure))
    code = failure.code().value[0]
    error = _BY_CODE.get(code, errors.Unavailable)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return error(info.reason, status.message, **dict(info.metadata))
    return error(failure.code().name, failure.details() or "A service of the mesh did not answer. Try again.")
