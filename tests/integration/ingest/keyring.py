"""Access tokens signed with a key of the tests' own, and the key set that the services check them by."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from chassis import identity

KEY_ID = "test"


class Keyring:
    """One signing key."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def jwks(self) -> bytes:
        """The public half, as auth publishes its own."""
        public = json.loads(OKPAlgorithm.to_jwk(self._key.public_key()))
        return json.dumps({"keys": [{**public, "kid": KEY_ID, "alg": identity.ALGORITHM, "use": "sig"}]}).encode()

    def token(self, user_id: str, *roles: str, scope: str = "read write", seconds: int = 900) -> str:
        """A token for a user, good for so many seconds."""
        now = int(time.time())
        claims = {
            "iss": "puremusic",
            "aud": "puremusic",
            "sub": user_id,
            "iat": now,
            "exp": now + seconds,
            "scope": scope,
            "roles": list(roles),
        }
        headers = {"typ": identity.TOKEN_TYPE, "kid": KEY_ID}
        return jwt.encode(claims, self._key, algorithm=identity.ALGORITHM, headers=headers)

    @contextmanager
    def published(self) -> Iterator[str]:
        """Serve the key set and yield its address."""
        body = self.jwks()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
