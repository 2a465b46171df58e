"""The contract as a gateway sees it: methods, their REST forms, their comments."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2

__all__ = ["DESCRIPTORS", "Method", "RestForm", "read_contract"]

DESCRIPTORS = Path(__file__).parents[3] / "protos" / "gen" / "descriptors.binpb"
"""The committed descriptor set."""

_OURS = "puremusic."


@dataclass(frozen=True)
class RestForm:
    """How a method is called by REST."""

    verb: str
    template: str
    body: str
    """The request field that the body fills; `*`: the whole request; empty: there is no body."""


@dataclass(frozen=True)
class Method:
    """One RPC."""

    service: str
    """With its package: `puremusic.auth.v1.AuthService`."""
    name: str
    rest: tuple[RestForm, ...]
    streams: bool
    """Whether it answers with a stream."""

    @property
    def full_name(self) -> str:
        """`puremusic.auth.v1.AuthService/Login`."""
        return f"{self.service}/{self.name}"

    @property
    def path(self) -> str:
        """The path that gRPC clients call."""
        return f"/{self.full_name}"

    @property
    def owner(self) -> str:
        """The service of the mesh that serves it: `auth`."""
        return self.service.split(".")[1]

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that it may be repeated."""
        return bool(self.rest) and all(form.verb == "GET" for form in self.rest)


def read_contract(descriptors: bytes) -> tuple[Method, ...]:
    """Read the methods of PureMusic's own services from a FileDescriptorSet, in the order of the files."""
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptors)
    return tuple(
        Method(f"{file.package}.{service.name}", method.name, tuple(_rest_forms(method)), method.server_streaming)
        for file in files.file
        if file.package.startswith(_OURS)
        for service in file.service
        for method in service.method
    )


def _rest_forms(method: descriptor_pb2.MethodDescriptorProto) -> Iterator[RestForm]:
    if not method.options.HasExtension(annotations_pb2.http):
        return
    rule = method.options.Extensions[annotations_pb2.http]
    for form in (rule, *rule.additional_bindings):
        yield _rest_form(form)


def _rest_form(rule: http_pb2.HttpRule) -> RestForm:
    verb = rule.WhichOneof("pattern")
    if verb is None or verb == "custom":
        raise ValueError(f"a REST form without one of the usual verbs: {rule}")
    return RestForm(verb.upper(), getattr(rule, verb), rule.body)
