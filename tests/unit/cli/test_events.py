from collections.abc import AsyncIterator

import pytest

from cli.client.events import events


async def _lines(text: str) -> AsyncIterator[str]:
    for line in text.splitlines():
        yield line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: {}\n\n", ["{}"]),
        ('data: {"a": 1}\n\ndata: {"a": 2}\n\n', ['{"a": 1}', '{"a": 2}']),
        ("data:x\n\n", ["x"]),
        ("data:  x\n\n", [" x"]),
        ("data: a\ndata: b\n\n", ["a\nb"]),
        (": a comment\nid: 7\nevent: y\ndata: x\n\n", ["x"]),
        ("\n\n\ndata: x\n\n\n", ["x"]),
        ("data: whole\n\ndata: cut o", ["whole"]),
        ("", []),
    ],
)
async def test_each_event_is_its_data(text: str, expected: list[str]) -> None:
    assert [data async for data in events(_lines(text))] == expected
