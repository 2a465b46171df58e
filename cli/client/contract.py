"""The public API's REST form, read from the contract: what a call's address, query and body are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

__all__ = ["Method", "RestCall", "method", "rest_call"]

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

_VARIABLE = re.compile(r"\{([a-z_.]+)\}")

_PUBLIC = frozenset({"Register", "Login", "Refresh", "Logout", "ResetPassword", "ExchangeApiKey"})
# Done twice, these would do something twice, or refuse the second time although the first one counted.
_ONCE = frozenset(
    {"Register", "Refresh", "ResetPassword", "ChangePassword", "CreateApiKey", "IssueResetToken", "RotateKeys"}
)


@dataclass(frozen=True)
class Method(Generic[Req, Res]):
    """One RPC: how it is called over REST and what it answers."""

    name: str
    verb: str
    template: str
    body: str
    """`*`: everything that is not in the path; a field's name: that field; empty: nothing."""
    response: type[Res]
    streams: bool
    public: bool
    """Whether it is called without an access token."""
    repeatable: bool
    """Whether it may be sent again when nobody knows if it arrived. Creations carry an idempotency key."""


@dataclass(frozen=True)
class RestCall:
    """A request as HTTP has it."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: dict[str, Any] | None


def method(service: ServiceDescriptor, name: str, request: type[Req], response: type[Res]) -> Method[Req, Res]:
    """Return the REST form of a method; `request` and `response` must be what the contract says."""
    descriptor: MethodDescriptor = service.methods_by_name[name]
    if (descriptor.input_type, descriptor.output_type) != (request.DESCRIPTOR, response.DESCRIPTOR):
        raise TypeError(f"{descriptor.full_name} takes and answers other messages")
    rule = descriptor.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    return Method(
        name=descriptor.full_name,
        verb=verb.upper(),
        template=getattr(rule, verb),
        body=rule.body,
        response=response,
        streams=descriptor.server_streaming,
        public=name in _PUBLIC,
        repeatable=name not in _ONCE,
    )


def rest_call(called: Method[Req, Res], request: Req) -> RestCall:
    """Return the request as HTTP has it: path variables first, then the body, the rest as query."""
    rest = type(request)()
    rest.CopyFrom(request)
    path = _VARIABLE.sub(lambda found: quote(_take(rest, found[1]), safe=""), called.template)
    body: dict[str, Any] | None = None
    if called.body == "*":
        body, rest = MessageToDict(rest), type(request)()
    elif called.body:
        body = MessageToDict(getattr(rest, called.body))
        rest.ClearField(called.body)
    return RestCall(called.verb, path, tuple(_query(MessageToDict(rest))), body)


def _take(message: Message, variable: str) -> str:
    """Return the value of a path variable and remove it from the message."""
    *parents, field = variable.split(".")
    for parent in parents:
        message = getattr(message, parent)
    value = str(getattr(message, field))
    if not value:
        raise ValueError(f"{variable} is empty")
    message.ClearField(field)
    return value


def _query(fields: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _query(value, f"{prefix}{name}.")
            continue
        for item in value if isinstance(value, list) else [value]:
            yield f"{prefix}{name}", str(item).lower() if isinstance(item, bool) else str(item)
