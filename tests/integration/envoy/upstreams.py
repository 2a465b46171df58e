"""What stands behind Envoy in these tests: the contract's services with the smallest possible answers, and an HTTP server.

The mesh itself is tested end to end elsewhere; here only Envoy is.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from puremusic.auth.v1 import auth_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.operations.v1 import operations_pb2
from puremusic.separation.v1 import separation_pb2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from chassis.errors import AlreadyExists
from chassis.status import to_status
from deploy.local.waiting import until

Context = grpc.ServicerContext
Answer = Callable[[Any, Context], Any]


def register(request: auth_pb2.RegisterRequest, context: Context) -> auth_pb2.Session:
    """Anybody but `taken@example.com`."""
    if request.email == "taken@example.com":
        taken = AlreadyExists("EMAIL_TAKEN", "This e-mail is taken.", email=request.email)
        context.abort_with_status(rpc_status.to_status(to_status(taken)))
    return auth_pb2.Session(access_token="registered")


def login(_: auth_pb2.LoginRequest, __: Context) -> auth_pb2.Session:
    """Anybody."""
    return auth_pb2.Session(access_token="signed in", expires_in=900)


def get_me(_: auth_pb2.GetMeRequest, context: Context) -> auth_pb2.User:
    """The metadata that arrived, as JSON in the name."""
    told = {str(key): str(value) for key, value in context.invocation_metadata()}
    return auth_pb2.User(user_id="me", display_name=json.dumps(told))


def issue_service_token(_: Message, __: Context) -> auth_pb2.IssueServiceTokenResponse:
    """What nobody outside may see."""
    return auth_pb2.IssueServiceTokenResponse(access_token="secret")


def create_track(request: ingest_pb2.CreateTrackRequest, _: Context) -> ingest_pb2.CreateTrackResponse:
    """The size of the name that arrived."""
    return ingest_pb2.CreateTrackResponse(track=ingest_pb2.Track(size_bytes=len(request.filename)))


def list_tracks(request: ingest_pb2.ListTracksRequest, _: Context) -> ingest_pb2.ListTracksResponse:
    """What was asked."""
    return ingest_pb2.ListTracksResponse(next_page_token=f"{request.page_size}:{request.page_token}")


def update_track(request: ingest_pb2.UpdateTrackRequest, _: Context) -> ingest_pb2.Track:
    """What was asked, with the mask where the owner belongs."""
    request.track.user_id = ",".join(request.update_mask.paths)
    return request.track


def create_separation(request: separation_pb2.CreateSeparationRequest, _: Context) -> separation_pb2.Separation:
    """What was asked."""
    return separation_pb2.Separation(track_id=request.track_id, stem_types=request.stem_types)


def republish(_: Message, __: Context) -> operations_pb2.RepublishResponse:
    """What nobody outside may do."""
    return operations_pb2.RepublishResponse(published=1)


class Stumbling:
    """Away twice, then there; counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, request: Message, context: Context) -> Message:
        """The same for a read and for a write."""
        self.calls += 1
        if self.calls < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        is_read = isinstance(request, separation_pb2.ListModelsRequest)
        return separation_pb2.ListModelsResponse() if is_read else separation_pb2.Separation()


class Watch:
    """Two messages, then a stream that stays open until the client leaves."""

    def __init__(self) -> None:
        self.left = threading.Event()

    def __call__(self, _: Message, context: Context) -> Iterator[gateway_pb2.WatchJobsResponse]:
        """Every caller gets the same."""
        self.left.clear()
        context.add_callback(self.left.set)
        yield gateway_pb2.WatchJobsResponse(snapshot=gateway_pb2.WatchJobsResponse.Snapshot())
        yield gateway_pb2.WatchJobsResponse(job=gateway_pb2.Job(job_id="j1", version=7))
        self.left.wait(30)


class GrpcUpstream:
    """Every service of the contract on one port."""

    def __init__(self) -> None:
        self.reads, self.writes, self.watch = Stumbling(), Stumbling(), Watch()
        self._server = grpc.server(ThreadPoolExecutor(32))
        for service, methods in self._methods().items():
            self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, methods)])
        checks = health.HealthServicer()
        checks.set("", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(checks, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def stop(self) -> None:
        """Stop at once."""
        self.watch.left.set()
        self._server.stop(None).wait()

    def _methods(self) -> "dict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]]":
        return {
            "puremusic.auth.v1.AuthService": {
                "Register": _unary(auth_pb2.RegisterRequest, register),
                "Login": _unary(auth_pb2.LoginRequest, login),
                "GetMe": _unary(auth_pb2.GetMeRequest, get_me),
                "IssueServiceToken": _unary(auth_pb2.IssueServiceTokenRequest, issue_service_token),
            },
            "puremusic.ingest.v1.TracksService": {
                "CreateTrack": _unary(ingest_pb2.CreateTrackRequest, create_track),
                "ListTracks": _unary(ingest_pb2.ListTracksRequest, list_tracks),
                "UpdateTrack": _unary(ingest_pb2.UpdateTrackRequest, update_track),
            },
            "puremusic.separation.v1.SeparationsService": {
                "CreateSeparation": _unary(separation_pb2.CreateSeparationRequest, create_separation),
                "CancelSeparation": _unary(separation_pb2.CancelSeparationRequest, self.writes),
                "ListModels": _unary(separation_pb2.ListModelsRequest, self.reads),
            },
            "puremusic.gateway.v1.JobsService": {
                "WatchJobs": grpc.unary_stream_rpc_method_handler(
                    self.watch, gateway_pb2.WatchJobsRequest.FromString, _bytes
                ),
            },
            "puremusic.operations.v1.OperationsService": {
                "Republish": _unary(operations_pb2.RepublishRequest, republish),
            },
        }


def _unary(request: type[Message], answer: Answer) -> "grpc.RpcMethodHandler[Any, Any]":
    return grpc.unary_unary_rpc_method_handler(answer, request.FromString, _bytes)


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()


async def _echo(request: Request) -> Response:
    """What arrived, as JSON; and the CORS headers of a server that lets anybody in, as the object store's."""
    body = await request.body()
    told = {
        "method": request.method,
        "path": request.url.path,
        "query": str(request.url.query),
        "headers": dict(request.headers),
        "size": len(body),
    }
    return JSONResponse(told, headers={"access-control-allow-origin": "*"})


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(f"{socket.url.path} {await socket.receive_text()}")
    await socket.close()


@contextmanager
def http_upstream(key_set: Callable[[], dict[str, Any]]) -> Iterator[int]:
    """The key set, WebSocket, and an echo for everything else; yields the port."""

    async def keys(_: Request) -> Response:
        return JSONResponse(key_set())

    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
    app = Starlette(
        routes=[
            Route("/.well-known/jwks.json", keys),
            WebSocketRoute("/ws/jobs/{job_id}", _socket),
            Route("/{path:path}", _echo, methods=methods),
        ]
    )
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", access_log=False, lifespan="off", ws="websockets-sansio")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    assert until(lambda: server.started, 10)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


class SigningKey:
    """An Ed25519 key as auth has one."""

    def __init__(self, key_id: str = "k1") -> None:
        self.key_id = key_id
        self.private = Ed25519PrivateKey.generate()

    def published(self) -> dict[str, Any]:
        """The key set that names it."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        key = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.key_id, "x": x}
        return {"keys": [key]}
