"""The REST API as OpenAPI 3.1, written from the contract: what Envoy transcodes is what is documented."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from google.api import field_behavior_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from services.gateway.docs_page.comments import read_comments
from services.gateway.envoy.contract import Method, RestForm, read_contract
from services.gateway.envoy.exposure import is_public, routed

__all__ = ["openapi"]

Json = dict[str, Any]

_VARIABLE = re.compile(r"\{([^}]+)\}")

_INTRODUCTION = """PureMusic takes songs apart and makes new songs of the parts.

Sign in by `POST /api/v1/auth/login` and send `authorization: Bearer <access token>` with every other call. Errors have one
shape: `code` (google.rpc.Code), a `message` for people, and in `details` an ErrorInfo with a stable `reason` for programs.
`429` says when to come back in `Retry-After`. A body has at most 1 MiB; audio goes straight to the addresses that
`CreateTrack` returns. Streams (`:watch`) are server-sent events. 64-bit integers are strings.

The same methods can be called by gRPC and gRPC-Web on the same port."""

_INTEGERS_32 = (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_UINT32)
_INTEGERS_64 = (FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_SINT64, FieldDescriptor.TYPE_UINT64)
_SCALARS: dict[int, Json] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    **{kind: {"type": "integer", "format": "int32"} for kind in _INTEGERS_32},
    # As strings: a JavaScript number holds no more than 53 bits.
    **{kind: {"type": "string", "format": "int64"} for kind in _INTEGERS_64},
}

_WELL_KNOWN: dict[str, Json] = {
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d+)?s$"},
    "google.protobuf.FieldMask": {"type": "string", "examples": ["title"]},
}

_ERROR: Json = {
    "type": "object",
    "description": "What went wrong (google.rpc.Status).",
    "required": ["code", "message", "details"],
    "properties": {
        "code": {"type": "integer", "description": "google.rpc.Code"},
        "message": {"type": "string", "description": "A sentence for people: what happened and what to do."},
        "details": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["@type"],
                "properties": {
                    "@type": {"type": "string", "examples": ["type.googleapis.com/google.rpc.ErrorInfo"]},
                    "reason": {"type": "string", "description": "For programs; stable.", "examples": ["TOKEN_MISSING"]},
                    "domain": {"type": "string", "examples": ["puremusic"]},
                    "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
        },
    },
}


def openapi(descriptors: bytes) -> Json:
    """Describe the REST API of a FileDescriptorSet; comments are taken from its source info, where it has any."""
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptors)
    writer = _Writer(_pool(files), read_comments(files))
    methods = routed(read_contract(descriptors))
    paths = writer.paths(methods)
    return {
        "openapi": "3.1.0",
        "info": {"title": "PureMusic", "version": "1", "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": writer.tags(methods),
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {
                "Error": {
                    "description": "It did not work; `reason` says why.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
            },
            "schemas": dict(sorted({**writer.schemas, "Error": _ERROR}.items())),
        },
    }


def _pool(files: descriptor_pb2.FileDescriptorSet) -> DescriptorPool:
    pool = DescriptorPool()
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


@dataclass
class _Writer:
    """Writes operations, and collects the schemas that they speak of."""

    pool: DescriptorPool
    comments: dict[str, str]
    schemas: dict[str, Json] = field(default_factory=dict)

    def tags(self, methods: Sequence[Method]) -> list[Json]:
        """One per service."""
        services = dict.fromkeys(method.service for method in methods)
        return [{"name": _last(name), "description": self.comments.get(name, "")} for name in services]

    def paths(self, methods: Sequence[Method]) -> Json:
        """Every REST form of every method."""
        written: dict[str, Json] = {}
        for method in methods:
            for form in method.rest:
                path = self._path(method, form)
                written.setdefault(path, {})[form.verb.lower()] = self._operation(method, form)
        return written

    def _path(self, method: Method, form: RestForm) -> str:
        """`/tracks/{track.track_id}` and `/tracks/{track_id}` are one path here, `/tracks/{trackId}`."""
        request = self._rpc(method).input_type
        return _VARIABLE.sub(lambda found: f"{{{_resolve(request, found[1]).json_name}}}", form.template)

    def _rpc(self, method: Method) -> MethodDescriptor:
        return self.pool.FindServiceByName(method.service).methods_by_name[method.name]

    def _operation(self, method: Method, form: RestForm) -> Json:
        rpc = self._rpc(method)
        comment = self.comments.get(f"{method.service}.{method.name}", "")
        operation: Json = {
            "operationId": f"{_last(method.service)}_{method.name}",
            "tags": [_last(method.service)],
            "summary": _summary(method, comment),
            "description": comment,
            "parameters": [*self._path_parameters(rpc.input_type, form), *self._query_parameters(rpc.input_type, form)],
            "responses": {
                "200": self._answer(rpc.output_type, streams=method.streams),
                "default": {"$ref": "#/components/responses/Error"},
            },
        }
        if form.body:
            operation["requestBody"] = self._body(rpc.input_type, form)
        return operation | ({"security": []} if is_public(method) else {})

    def _answer(self, message: Descriptor, *, streams: bool) -> Json:
        content = "text/event-stream" if streams else "application/json"
        description = "Server-sent events; the `data` of each is one such message." if streams else "It worked."
        return {"description": description, "content": {content: {"schema": self._message(message)}}}

    def _path_parameters(self, request: Descriptor, form: RestForm) -> list[Json]:
        return [
            self._parameter(_resolve(request, name), "path") | {"required": True}
            for name in _VARIABLE.findall(form.template)
        ]

    def _query_parameters(self, request: Descriptor, form: RestForm) -> list[Json]:
        if form.body == "*":
            return []
        elsewhere = {name.split(".")[0] for name in _VARIABLE.findall(form.template)} | {form.body}
        return [self._parameter(item, "query") for item in _fields(request) if item.name not in elsewhere]

    def _parameter(self, item: FieldDescriptor, place: str) -> Json:
        if item.message_type is not None and item.message_type.full_name not in _WELL_KNOWN:
            raise ValueError(f"{item.full_name} can't be given in a URL: it is a message")
        schema = self._field(item)
        description = schema.pop("description", "")
        parameter: Json = {"name": item.json_name, "in": place, "schema": schema}
        if description:
            parameter["description"] = description
        if _is_required(item):
            parameter["required"] = True
        return parameter

    def _body(self, request: Descriptor, form: RestForm) -> Json:
        if form.body != "*":
            schema = self._field(_resolve(request, form.body))
            return {"required": True, "content": {"application/json": {"schema": schema}}}
        in_path = set(_VARIABLE.findall(form.template))
        schema = self._object(request, without=in_path) if in_path else self._message(request)
        return {"required": bool(schema.get("properties", True)), "content": {"application/json": {"schema": schema}}}

    def _message(self, message: Descriptor) -> Json:
        if message.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[message.full_name])
        name = _schema_name(message)
        if name not in self.schemas:
            self.schemas[name] = {}  # a message may hold itself
            self.schemas[name] = self._object(message, without=set())
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, message: Descriptor, without: set[str]) -> Json:
        members = [item for item in _fields(message) if item.name not in without]
        written: Json = {
            "type": "object",
            "properties": {item.json_name: self._field(item) for item in members},
        }
        if comment := self.comments.get(message.full_name):
            written["description"] = comment
        if required := [item.json_name for item in members if _is_required(item)]:
            written["required"] = required
        if choices := list(_choices(message)):
            written["allOf"] = choices
        return written

    def _field(self, item: FieldDescriptor) -> Json:
        written = self._shape(item)
        if comment := self.comments.get(item.full_name):
            written["description"] = comment
        return written

    def _shape(self, item: FieldDescriptor) -> Json:
        if item.message_type is not None and item.message_type.GetOptions().map_entry:
            value = item.message_type.fields_by_name["value"]
            return {"type": "object", "additionalProperties": self._single(value)}
        return {"type": "array", "items": self._single(item)} if item.is_repeated else self._single(item)

    def _single(self, item: FieldDescriptor) -> Json:
        if item.enum_type is not None:
            return self._enum(item.enum_type)
        return self._message(item.message_type) if item.message_type is not None else dict(_SCALARS[item.type])

    def _enum(self, enum: EnumDescriptor) -> Json:
        name = _schema_name(enum)
        if name not in self.schemas:
            values = [value.name for value in enum.values]
            told = {value: self.comments.get(f"{enum.full_name}.{value}", "") for value in values}
            lines = [self.comments.get(enum.full_name, ""), *(f"`{v}`: {text}" for v, text in told.items() if text)]
            description = "\n\n".join(line for line in lines if line)
            self.schemas[name] = {"type": "string", "enum": values, "description": description}
        return {"$ref": f"#/components/schemas/{name}"}


def _fields(message: Descriptor) -> list[FieldDescriptor]:
    return list(cast("Iterable[FieldDescriptor]", message.fields))


def _choices(message: Descriptor) -> Iterator[Json]:
    """At most one field of each oneof; `optional` makes oneofs of its own, which are no choice."""
    for oneof in message.oneofs:
        names = [item.json_name for item in oneof.fields]
        if len(names) > 1:
            given = [{"required": [name]} for name in names]
            yield {"oneOf": [*given, {"not": {"anyOf": given}}]}


def _resolve(message: Descriptor, dotted: str) -> FieldDescriptor:
    first, _, rest = dotted.partition(".")
    found = message.fields_by_name[first]
    if not rest:
        return found
    if found.message_type is None:
        raise ValueError(f"{found.full_name} holds no {rest}")
    return _resolve(found.message_type, rest)


def _is_required(item: FieldDescriptor) -> bool:
    return field_behavior_pb2.REQUIRED in item.GetOptions().Extensions[field_behavior_pb2.field_behavior]


def _schema_name(named: Descriptor | EnumDescriptor) -> str:
    """`auth.Session`: the service keeps names apart that several services use."""
    _, service, _, name = named.full_name.split(".", 3)
    return f"{service}.{name}"


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _summary(method: Method, comment: str) -> str:
    """The comment's first sentence, which begins with the method's name."""
    sentence = re.split(r"(?<=\.)\s(?=[A-Z])|[:;]\s", comment.removeprefix(method.name).strip(), maxsplit=1)[0]
    return (sentence[:1].upper() + sentence[1:]).rstrip(".") or method.name
