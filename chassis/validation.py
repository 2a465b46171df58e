"""What the contract itself says about a request is checked once, for every RPC: required fields and known enum values."""

from collections.abc import Collection, Iterable
from typing import cast

from google.api import field_behavior_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis.errors import InvalidInput

MAX_STRING_BYTES = 20_000

_TEXTUAL = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_ENUM)


def check(request: Message) -> None:
    """Raise `InvalidInput` naming the first field that is missing, unknown or oversized."""
    for field in cast("Iterable[FieldDescriptor]", request.DESCRIPTOR.fields):
        required = field_behavior_pb2.REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        if required and not _given(request, field):
            raise InvalidInput("FIELD_REQUIRED", f"The field '{field.name}' is required.", field=field.name)
        for value in _values(request, field):
            _check_value(field, value)


def _given(request: Message, field: FieldDescriptor) -> bool:
    if field.is_repeated:
        return len(getattr(request, field.name)) > 0
    if field.has_presence:
        return request.HasField(field.name)
    # A number or a boolean that is absent reads as zero or false: whether that will do, its service knows and can say.
    return field.type not in _TEXTUAL or bool(getattr(request, field.name))


def _values(request: Message, field: FieldDescriptor) -> list[object]:
    if field.message_type and field.message_type.GetOptions().map_entry:
        return []
    if field.is_repeated:
        return list(getattr(request, field.name))
    return [getattr(request, field.name)] if _given(request, field) else []


def _check_value(field: FieldDescriptor, value: object) -> None:
    if isinstance(value, Message):
        check(value)
    elif field.enum_type is not None and value not in field.enum_type.values_by_number:
        known = ", ".join(item.name for item in field.enum_type.values[1:])
        raise InvalidInput(
            "UNKNOWN_ENUM_VALUE",
            f"The field '{field.name}' is none of {known}.",
            field=field.name,
            value=value,
        )
    elif isinstance(value, str) and "\0" in value:
        # Postgres keeps no NUL in a text; refused here, it never gets far enough to look like our own mistake.
        raise InvalidInput("FIELD_INVALID", f"The field '{field.name}' holds a NUL character.", field=field.name)
    elif isinstance(value, str) and len(value.encode()) > MAX_STRING_BYTES:
        raise InvalidInput("FIELD_TOO_LONG", f"The field '{field.name}' is too long.", field=field.name)


def check_mask(paths: Collection[str], changeable: Iterable[str]) -> None:
    """Raise `InvalidInput` unless an update mask names something, and only what can be changed."""
    known = sorted(changeable)
    unknown = sorted(set(paths).difference(known))
    if unknown or not paths:
        raise InvalidInput(
            "UPDATE_MASK_INVALID",
            f"The update mask names {', '.join(unknown) or 'nothing'}; it may name: {', '.join(known)}.",
            field="update_mask",
        )
