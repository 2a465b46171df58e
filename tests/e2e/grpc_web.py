"""A gRPC-Web client as a browser is one (PROTOCOL-WEB.md of grpc/grpc): length-prefixed frames over plain HTTP."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
TRAILERS = 0x80


@dataclass(frozen=True)
class GrpcWebError(Exception):
    """A call that ended with a status other than OK."""

    status: int
    message: str


@dataclass(frozen=True)
class GrpcWeb:
    """Calls with one user's token."""

    url: str
    token: str

    def call(self, method: str, request: Message, answer: type[M]) -> M:
        """Make a unary call, `/package.Service/Method`."""
        with httpx.Client(timeout=30) as http:
            response = http.post(f"{self.url}{method}", content=_frame(request), headers=self._headers())
        frames = list(_frames(response.content))
        trailers = dict(response.headers) | _trailers(frames)
        if trailers.get("grpc-status", "0") != "0":
            raise GrpcWebError(int(trailers["grpc-status"]), trailers.get("grpc-message", ""))
        return answer.FromString(next(body for flag, body in frames if not flag & TRAILERS))

    def _headers(self) -> dict[str, str]:
        return {
            "content-type": "application/grpc-web+proto",
            "x-grpc-web": "1",
            "authorization": f"Bearer {self.token}",
        }


def _frame(message: Message) -> bytes:
    body = message.SerializeToString()
    return struct.pack(">BI", 0, len(body)) + body


def _frames(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(content):
        flag, length = struct.unpack_from(">BI", content, position)
        yield flag, content[position + 5 : position + 5 + length]
        position += 5 + length


def _trailers(frames: list[tuple[int, bytes]]) -> dict[str, str]:
    lines = [line for flag, body in frames if flag & TRAILERS for line in body.decode().splitlines() if ":" in line]
    return {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
