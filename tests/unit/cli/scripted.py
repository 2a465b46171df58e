"""A server that answers from a script: what httpx would have sent over a socket ends here."""

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import httpx
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from cli.client import Api, Credentials, KeptSession, SessionCredentials, SessionInMemory

URL = "http://music.test"
EMAIL = "ann@example.com"

Answer = Callable[[httpx.Request], httpx.Response]


class Script:
    """Answers each path with its answers in turn, the last one again and again, and remembers what was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.pauses: list[float] = []
        self._answers: dict[tuple[str, str], deque[Answer]] = defaultdict(deque)

    def on(self, verb: str, path: str, *answers: Answer) -> None:
        """Answer so."""
        self._answers[verb, path].extend(answers)

    def asked(self, path: str) -> list[httpx.Request]:
        """Return the requests for a path."""
        return [request for request in self.requests if request.url.path == path]

    def said(self, path: str) -> list[Any]:
        """Return the JSON bodies of the requests for a path."""
        pairs = zip(self.requests, self.bodies, strict=True)
        return [json.loads(body) for request, body in pairs if request.url.path == path]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Be the server."""
        self.requests.append(request)
        self.bodies.append(await request.aread())
        answers = self._answers[request.method, request.url.path]
        assert answers, f"nobody expected {request.method} {request.url}"
        return (answers.popleft() if len(answers) > 1 else answers[0])(request)

    async def pause(self, seconds: float) -> None:
        """Wait for no time at all."""
        self.pauses.append(seconds)

    def api(self, credentials: Credentials | None = None) -> Api:
        """Return an API whose server this is."""
        return Api(URL, credentials or signed_in(), transport=httpx.MockTransport(self.handle), pause=self.pause)


def signed_in() -> SessionCredentials:
    """Return the credentials of somebody who has a session."""
    store = SessionInMemory()
    store.save(KeptSession(URL, EMAIL, "refresh-1"))
    return SessionCredentials(URL, store)


def answer(message: Message) -> Answer:
    """Answer with a message."""
    return lambda _: httpx.Response(200, text=MessageToJson(message))


def stream(*messages: Message, breaks: bool = False) -> Answer:
    """Stream messages as server-sent events, then end or, if it `breaks`, lose the connection."""

    async def events() -> AsyncIterator[bytes]:
        for message in messages:
            yield f"data: {MessageToJson(message, indent=None)}\n\n".encode()
        if breaks:
            raise httpx.ReadError("gone")

    return lambda _: httpx.Response(200, content=events())


def refusal(status: int, code: int, reason: str, *, headers: Sequence[tuple[str, str]] = (), **metadata: str) -> Answer:
    """Refuse in the API's one shape."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "puremusic"}
    details = [{"@type": "type.googleapis.com/google.rpc.Help"}, {**info, "metadata": metadata}]
    body = {"code": code, "message": f"because of {reason}", "details": details}
    return lambda _: httpx.Response(status, json=body, headers=list(headers))


def broken(error: type[httpx.TransportError]) -> Answer:
    """Break the connection."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error("broken")

    return fail
