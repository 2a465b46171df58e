"""Server-sent events, as the API streams them: `data: <json>`, an empty line."""

from collections.abc import AsyncGenerator, AsyncIterable

__all__ = ["events"]


async def events(lines: AsyncIterable[str]) -> AsyncGenerator[str, None]:
    """Yield the data of each event. An event that the stream's end cuts off is dropped, as the standard says."""
    data: list[str] = []
    async for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data.clear()
