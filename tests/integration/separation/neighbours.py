"""What separation meets in the mesh, as small as the contract allows: auth's keys, and ingest's GetTrack."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from grpc_status import rpc_status
from puremusic.ingest.v1 import ingest_pb2

from chassis.errors import NotFound
from chassis.identity import ALGORITHM, TOKEN_TYPE
from chassis.status import to_status

Context = grpc.ServicerContext
KEY_ID = "test"


class Auth:
    """Signs tokens and publishes the key."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        public: dict[str, Any] = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key()))
        self.jwks = json.dumps({"keys": [{**public, "kid": KEY_ID, "alg": ALGORITHM, "use": "sig"}]}).encode()

    def token(self, user_id: str, *roles: str) -> str:
        """A token of a user who may read and write."""
        now = int(time.time())
        claims = {"iss": "puremusic", "aud": "puremusic", "sub": user_id, "iat": now, "exp": now + 900}
        claims |= {"scope": "read write", "roles": list(roles)}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"typ": TOKEN_TYPE, "kid": KEY_ID})


@contextmanager
def published_keys(auth: Auth) -> Iterator[int]:
    """A server with the key set, at any path; its port."""

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(auth.jwks)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it overrides
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class Ingest:
    """Knows tracks, and shows each to its owner alone."""

    def __init__(self) -> None:
        self.tracks: dict[str, ingest_pb2.Track] = {}

    def GetTrack(self, request: ingest_pb2.GetTrackRequest, context: Context) -> ingest_pb2.Track:
        """The caller's track."""
        bearer = str(dict(context.invocation_metadata())["authorization"]).removeprefix("Bearer ")
        caller = jwt.decode(bearer, options={"verify_signature": False})["sub"]
        track = self.tracks.get(request.track_id)
        if track is None or track.user_id != caller:
            missing = NotFound("TRACK_NOT_FOUND", "There is no such track.")
            context.abort_with_status(rpc_status.to_status(to_status(missing)))
            raise AssertionError
        return track


@contextmanager
def served(ingest: Ingest) -> Iterator[int]:
    """Ingest's gRPC server; its port."""
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        method = grpc.unary_unary_rpc_method_handler(
            ingest.GetTrack, ingest_pb2.GetTrackRequest.FromString, ingest_pb2.Track.SerializeToString
        )
        server.add_registered_method_handlers("puremusic.ingest.v1.TracksService", {"GetTrack": method})
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield port
        server.stop(0).wait()
