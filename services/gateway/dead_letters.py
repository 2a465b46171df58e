"""Messages that a consumer gave up on. NATS tells of each in an advisory, which the stream DEAD_LETTERS keeps; the message
itself stays where it was, so an advisory plus its stream is all a dead letter is."""

import asyncio
import contextlib
import json
import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from prometheus_client import Gauge

from chassis.errors import InvalidInput
from chassis.jetstream import DEAD_LETTERS, EVENTS, JOBS, REQUEUE, Bus

log = logging.getLogger(__name__)

KEPT = Gauge("dead_letters", "Messages that a consumer gave up on and nobody has tried again")
COUNT_SECONDS = 15.0


@dataclass(frozen=True)
class DeadLetter:
    """One message that one consumer gave up on."""

    sequence: int
    """Of the advisory; serves as its id."""
    stream: str
    stream_sequence: int
    consumer: str
    deliveries: int
    subject: str
    payload: bytes
    time: datetime


async def count_for_ever(streams: JetStreamContext) -> None:
    """Keep their number where operators are told of it."""
    while True:
        try:
            KEPT.set((await streams.stream_info(DEAD_LETTERS)).state.messages)
        except NatsError as error:
            log.debug("dead letters not counted", extra={"facts": {"error": repr(error)}})
        await asyncio.sleep(COUNT_SECONDS)


async def page(streams: JetStreamContext, size: int, before: int | None) -> list[DeadLetter]:
    """Return up to `size` dead letters, newest first, that came before the one with the sequence `before`."""
    state = (await streams.stream_info(DEAD_LETTERS)).state
    sequence = state.last_seq if before is None else before - 1
    found: list[DeadLetter] = []
    while sequence >= max(state.first_seq, 1) and len(found) < size:
        letter = await read(streams, sequence)
        if letter:
            found.append(letter)
        sequence -= 1
    return found


async def read(streams: JetStreamContext, sequence: int) -> DeadLetter | None:
    """Return a dead letter; None if it was requeued, or its message has passed its retention."""
    try:
        advisory: dict[str, Any] = json.loads((await streams.get_msg(DEAD_LETTERS, sequence)).data or b"{}")
        message = await streams.get_msg(advisory["stream"], advisory["stream_seq"])
        if (message.subject or "").startswith(f"{REQUEUE}."):  # given up on again: the fact itself is meant
            message = await streams.get_msg(EVENTS, int(message.data or b""))
    except NotFoundError:
        return None
    return DeadLetter(
        sequence=sequence,
        stream=advisory["stream"],
        stream_sequence=message.seq or advisory["stream_seq"],
        consumer=advisory["consumer"],
        deliveries=advisory["deliveries"],
        subject=message.subject or "",
        payload=message.data or b"",
        time=datetime.fromisoformat(advisory["timestamp"]).astimezone(UTC),
    )


async def requeue(bus: Bus, letter: DeadLetter) -> None:
    """Have the message tried again, by the consumer that gave up on it, and take it off the list."""
    if letter.stream == JOBS:
        await bus.publish(letter.subject, letter.payload, str(uuid.uuid4()), {})
        # The work queue would keep the doorbell that nobody answers any more.
        await _delete(bus.streams, JOBS, letter.stream_sequence)
    else:
        await bus.requeue(letter.consumer, letter.stream_sequence)
    await _delete(bus.streams, DEAD_LETTERS, letter.sequence)


async def _delete(streams: JetStreamContext, stream: str, sequence: int) -> None:
    with contextlib.suppress(NotFoundError):  # somebody else requeued it, too
        await streams.delete_msg(stream, sequence)


def sequence_of(dead_letter_id: str) -> int:
    """Read a dead letter's id."""
    if not dead_letter_id.isdecimal():
        raise InvalidInput("DEAD_LETTER_ID_INVALID", f"'{dead_letter_id}' is no dead letter's id.")
    return int(dead_letter_id)
