"""What happens around every RPC: trace, metrics, identity, policy, validation, and errors made into rich status."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any, TypeAlias, cast

import grpc
from opentelemetry.trace import SpanKind, Status, StatusCode

from chassis import identity, status, validation
from chassis.errors import DomainError, Forbidden, Internal, Unauthenticated, Unavailable
from chassis.identity import Policy, Verifier
from chassis.postgres import AWAY
from chassis.telemetry import HANDLED, HANDLING, STARTED, span

log = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic for type checkers only

# Health and reflection are no part of the contract: no token, no policy.
OPEN_SERVICES = ("/grpc.health.v1.", "/grpc.reflection.")


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps unary and server-streaming methods; the contract has no other kind."""

    def __init__(self, policy: Policy, verifier: Verifier | None) -> None:
        self._policy = policy
        self._verifier = verifier
        self._streams: set[asyncio.Task[Any]] = set()
        self._leaving = False

    def end_streams(self) -> None:
        """End every open stream with UNAVAILABLE, so that its client goes on with another server."""
        self._leaving = True
        for task in self._streams:
            task.cancel()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Return the method's handler, wrapped."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(OPEN_SERVICES):
            return handler
        coders: dict[str, Any] = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.response_streaming:
            stream: Any = self._stream(method, cast("Callable[..., AsyncGenerator[Any, None]]", handler.unary_stream))
            return grpc.unary_stream_rpc_method_handler(stream, **coders)
        unary: Any = self._unary(method, cast("Callable[..., Awaitable[Any]]", handler.unary_unary))
        return grpc.unary_unary_rpc_method_handler(unary, **coders)

    def _unary(self, method: str, inner: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(request: Any, context: Context) -> Any:
            with _Observed(method, context) as observed:
                try:
                    await self._admit(method, request, context)
                    return await inner(request, context)
                except Exception as error:  # noqa: BLE001  # every error becomes a status, in one place
                    await observed.abort(error)

        return call

    def _stream(self, method: str, inner: Callable[..., AsyncGenerator[Any, None]]) -> Callable[..., Awaitable[None]]:
        # Writes answers instead of yielding them: a generator whose client leaves is closed later, by the garbage
        # collector, in a context that knows neither the span nor the caller.
        async def call(request: Any, context: Context) -> None:
            with _Observed(method, context) as observed, self._open_stream() as task:
                try:
                    await self._admit(method, request, context)
                    # Headers at once: a client knows that it is connected before the first change comes.
                    await context.send_initial_metadata(())
                    async with contextlib.aclosing(inner(request, context)) as answers:
                        async for answer in answers:
                            await _send(context, answer)
                except asyncio.CancelledError:
                    if not self._leaving:  # the client has left
                        raise
                    task.uncancel()
                    await observed.abort(Unavailable("SERVER_LEAVING", "The server restarts. Connect again."))
                except Exception as error:  # noqa: BLE001  # as above
                    await observed.abort(error)

        return call

    @contextlib.contextmanager
    def _open_stream(self) -> Iterator["asyncio.Task[Any]"]:
        """Know the stream that the present task serves for as long as it is open."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # coroutines run in tasks
        self._streams.add(task)
        try:
            yield task
        finally:
            self._streams.discard(task)

    async def _admit(self, method: str, request: Any, context: Context) -> None:
        """Verify the token if there is one, and let through whom the policy names, with a valid request."""
        identity.set_caller(None)
        access = self._policy.get(method)
        if access is None:
            raise Forbidden("METHOD_NOT_IN_POLICY", "Nobody may call this.")
        token = _bearer(context)
        if token and self._verifier and not access.public:
            identity.set_caller(await self._verifier.verify(token))
        if not access.public:
            access.check(identity.caller())
        validation.check(request)


async def _send(context: Context, answer: Any) -> None:
    try:
        await context.write(answer)
    except grpc.aio.InternalError:  # what grpc makes of a client that left before its leaving was noticed
        raise asyncio.CancelledError from None


class _Observed:
    """Trace, metrics and log of one call."""

    def __init__(self, method: str, context: Context) -> None:
        self._context = context
        self._labels = tuple(method.removeprefix("/").split("/", 1))
        self._span = span(
            method.removeprefix("/"),
            kind=SpanKind.SERVER,
            carrier=_metadata(context),
            attributes={"rpc.system": "grpc"},
        )
        self._code = "OK"

    def __enter__(self) -> "_Observed":
        STARTED.labels(*self._labels).inc()
        self._began = time.perf_counter()
        self._opened = self._span.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        # A call that the client left is cancelled; abort() raises to end the call and has set the code already.
        if error is not None and self._code == "OK":
            self._code = "CANCELLED"
        HANDLED.labels(*self._labels, self._code).inc()
        HANDLING.labels(*self._labels).observe(time.perf_counter() - self._began)
        if self._code not in ("OK", "CANCELLED"):
            self._opened.set_status(Status(StatusCode.ERROR, self._code))
        self._span.__exit__(None, None, None)

    async def abort(self, error: Exception) -> None:
        """End the call with the status of the error."""
        if self._code != "OK":  # an abort() on its way out
            raise error
        meant = _meant(error)
        self._code = next(code.name for code in grpc.StatusCode if code.value[0] == status.CODES[type(meant)])
        facts = {"method": "/".join(self._labels), "reason": meant.reason, "code": self._code}
        if isinstance(meant, Internal):
            log.error("call failed", exc_info=error, extra={"facts": facts})
        else:
            log.log(_LEVELS.get(type(meant), logging.INFO), "call refused", extra={"facts": facts})
        await status.abort(self._context, meant)


_LEVELS: dict[type[DomainError], int] = {Unavailable: logging.WARNING}


def _meant(error: Exception) -> DomainError:
    """Return what an error is to the caller: what a callee said, a database that is away, or a fault of ours."""
    if isinstance(error, grpc.aio.AioRpcError):
        return status.from_call(error)
    if isinstance(error, AWAY):
        return Unavailable("DATABASE_UNAVAILABLE", "The database does not answer. Try again.")
    if isinstance(error, DomainError):
        return error
    return Internal("INTERNAL", "Something went wrong on our side. Try again; if it stays, tell us.")


def _metadata(context: Context) -> dict[str, str]:
    return {str(key): value for key, value in (context.invocation_metadata() or ()) if isinstance(value, str)}


def _bearer(context: Context) -> str:
    value = _metadata(context).get("authorization", "")
    if not value:
        return ""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("TOKEN_INVALID", "Send 'authorization: Bearer <access token>'.")
    return token.strip()
