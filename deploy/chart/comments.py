"""values.yaml with its comments: what each value means, by its path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Entry", "entries"]


@dataclass(frozen=True)
class Entry:
    """A value, or a group of them."""

    path: tuple[str, ...]
    meaning: str
    value: Any
    group: bool
    """Whether entries of their own stand below it."""


def entries(text: str) -> Iterator[Entry]:
    """Yield every key that has a comment right above it, and every key without one whose parent has none either."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)  # noqa: S101  # values are a mapping
    yield from _walk(root, text.splitlines(), ())


def _walk(node: yaml.MappingNode, lines: list[str], above: tuple[str, ...]) -> Iterator[Entry]:
    for key, value in node.value:
        path = (*above, str(key.value))
        nested = isinstance(value, yaml.MappingNode) and any(
            _comment(lines, each.start_mark.line) for each, _ in value.value
        )
        yield Entry(path, _comment(lines, key.start_mark.line), _plain(value), nested)
        if nested:
            yield from _walk(value, lines, path)


def _comment(lines: list[str], line: int) -> str:
    said: list[str] = []
    while line > 0 and (text := lines[line - 1].strip()).startswith("#"):
        said.insert(0, text.removeprefix("#").strip())
        line -= 1
    return " ".join(said)


def _plain(node: yaml.Node) -> Any:
    return yaml.safe_load(yaml.serialize(node))
