"""How many messages nobody could make sense of, for whoever is woken by it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext

from chassis.tasks import end
from services.gateway import dead_letters


class Streams:
    """Answers as JetStream does, or not at all. Whoever asks again has dealt with the answer before."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[int | None] = asyncio.Queue()
        self.asked = asyncio.Semaphore(0)

    async def stream_info(self, name: str) -> Any:
        assert name == "DEAD_LETTERS"
        self.asked.release()
        messages = await self.answers.get()
        if messages is None:
            raise NatsTimeout
        return SimpleNamespace(state=SimpleNamespace(messages=messages))


async def test_the_number_is_kept_also_when_the_bus_is_away_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "COUNT_SECONDS", 0)
    streams = Streams()
    counting = asyncio.create_task(dead_letters.count_for_ever(cast("JetStreamContext", streams)))
    await streams.asked.acquire()
    for answer, shown in ((3, 3), (None, 3), (0, 0)):
        streams.answers.put_nowait(answer)
        await streams.asked.acquire()
        assert dead_letters.KEPT._value.get() == shown
    assert not counting.done()
    await end([counting])
