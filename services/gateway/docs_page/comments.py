"""The contract's comments, by the full name of what they stand above."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf import descriptor_pb2

__all__ = ["read_comments"]

_Path = tuple[int, ...]

# Numbers of descriptor.proto's own fields, of which source info makes its paths.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _NESTED_MESSAGES, _NESTED_ENUMS = 2, 3, 4
_VALUES = _METHODS = 2


def read_comments(files: descriptor_pb2.FileDescriptorSet) -> dict[str, str]:
    """The comment above each message, field, enum, service and method. An enum's value is named below its enum here.

    Empty where the descriptors were made without source info.
    """
    found: dict[str, str] = {}
    for file in files.file:
        written = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
        for name, path in _places(file):
            if text := written.get(path, ""):
                found[name] = _unwrapped(text)
    return found


def _unwrapped(comment: str) -> str:
    """Lines of a paragraph joined again; paragraphs stay apart."""
    paragraphs = re.split(r"\n\s*\n", comment.strip())
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs)


def _places(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, _Path]]:
    """Every name in a file with its path."""
    for index, message in enumerate(file.message_type):
        yield from _message_places(message, file.package, (_MESSAGES, index))
    for index, enum in enumerate(file.enum_type):
        yield from _member_places(f"{file.package}.{enum.name}", (_ENUMS, index), _VALUES, enum.value)
    for index, service in enumerate(file.service):
        yield from _member_places(f"{file.package}.{service.name}", (_SERVICES, index), _METHODS, service.method)


def _message_places(message: descriptor_pb2.DescriptorProto, scope: str, path: _Path) -> Iterator[tuple[str, _Path]]:
    name = f"{scope}.{message.name}"
    yield from _member_places(name, path, _FIELDS, message.field)
    for index, nested in enumerate(message.nested_type):
        yield from _message_places(nested, name, (*path, _NESTED_MESSAGES, index))
    for index, enum in enumerate(message.enum_type):
        yield from _member_places(f"{name}.{enum.name}", (*path, _NESTED_ENUMS, index), _VALUES, enum.value)


def _member_places(name: str, path: _Path, number: int, members: Iterable[Any]) -> Iterator[tuple[str, _Path]]:
    yield name, path
    for index, member in enumerate(members):
        yield f"{name}.{member.name}", (*path, number, index)
