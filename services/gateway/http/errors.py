"""Errors over HTTP, in the shape that the whole API has: google.rpc.Status as JSON, with an ErrorInfo."""

import logging
from http import HTTPStatus

import grpc
from google.protobuf import json_format
from google.rpc import code_pb2, error_details_pb2, status_pb2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from chassis import status
from chassis.errors import DomainError, InvalidInput, NotFound

log = logging.getLogger(__name__)

# google/rpc/code.proto names these; Envoy's transcoder keeps to the same table.
HTTP_STATUS = {
    code_pb2.CANCELLED: 499,
    code_pb2.UNKNOWN: 500,
    code_pb2.INVALID_ARGUMENT: 400,
    code_pb2.DEADLINE_EXCEEDED: 504,
    code_pb2.NOT_FOUND: 404,
    code_pb2.ALREADY_EXISTS: 409,
    code_pb2.PERMISSION_DENIED: 403,
    code_pb2.RESOURCE_EXHAUSTED: 429,
    code_pb2.FAILED_PRECONDITION: 400,
    code_pb2.ABORTED: 409,
    code_pb2.OUT_OF_RANGE: 400,
    code_pb2.UNIMPLEMENTED: 501,
    code_pb2.INTERNAL: 500,
    code_pb2.UNAVAILABLE: 503,
    code_pb2.DATA_LOSS: 500,
    code_pb2.UNAUTHENTICATED: 401,
}


class Refused(Exception):
    """An error whose HTTP status says more than its code."""

    def __init__(self, http_status: int, error: DomainError) -> None:
        super().__init__(error.message)
        self.http_status = http_status
        self.error = error


def answer(error: DomainError, http_status: int = 0) -> JSONResponse:
    """Return the error as a response."""
    told = status.to_status(error)
    headers = {"Cache-Control": "no-store"}
    if seconds := error.metadata.get("retry_after_seconds"):
        headers["Retry-After"] = seconds
    shown = json_format.MessageToDict(told)
    return JSONResponse(shown, http_status or HTTP_STATUS[told.code], headers)


async def of_domain(_: Request, error: Exception) -> JSONResponse:
    """Answer a request that a use case, or a rule of this service, refused."""
    assert isinstance(error, DomainError)  # noqa: S101  # registered for nothing else
    return answer(error)


async def of_refusal(_: Request, error: Exception) -> JSONResponse:
    """Answer a request that HTTP's own rules refuse."""
    assert isinstance(error, Refused)  # noqa: S101  # as above
    return answer(error.error, error.http_status)


async def of_call(_: Request, error: Exception) -> JSONResponse:
    """Answer a request that another service refused, with its reason."""
    assert isinstance(error, grpc.aio.AioRpcError)  # noqa: S101  # as above
    return answer(status.from_call(error))


async def of_routing(_: Request, error: Exception) -> JSONResponse:
    """Answer a request for what there is not."""
    assert isinstance(error, HTTPException)  # noqa: S101  # as above
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer(NotFound("NO_SUCH_PAGE", "There is nothing at this address; see /docs."))
    refusal = InvalidInput(HTTPStatus(error.status_code).name, f"{error.detail}; see /docs.")
    response = answer(refusal, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def of_ourselves(_: Request, error: Exception) -> JSONResponse:
    """Answer a request that we failed at."""
    log.error("request failed", exc_info=error)
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=status.ERROR_DOMAIN)
    told = status_pb2.Status(
        code=code_pb2.INTERNAL, message="Something went wrong on our side. Try again; if it stays, tell us."
    )
    told.details.add().Pack(info)
    return JSONResponse(json_format.MessageToDict(told), HTTPStatus.INTERNAL_SERVER_ERROR)


HANDLERS = {
    DomainError: of_domain,
    Refused: of_refusal,
    grpc.aio.AioRpcError: of_call,
    HTTPException: of_routing,
    Exception: of_ourselves,
}
