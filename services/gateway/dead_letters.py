"""Messages that a consumer gave up on. NATS tells of each in an advisory, which the stream DEAD_LETTERS keeps; the message
itself stays where it was, so an advisory plus its stream is all a dead letter is."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.errors import InvalidInput
from chassis.jetstream import DEAD_LETTERS


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
    except NotFoundError:
        return None
    return DeadLetter(
        sequence=sequence,
        stream=advisory["stream"],
        stream_sequence=advisory["stream_seq"],
        consumer=advisory["consumer"],
        deliveries=advisory["deliveries"],
        subject=message.subject or "",
        payload=message.data or b"",
        time=datetime.fromisoformat(advisory["timestamp"]).astimezone(UTC),
    )


async def requeue(streams: JetStreamContext, letter: DeadLetter) -> None:
    """Publish the message again and take it off the list. Consumers apply by version: those that have it ignore it."""
    await streams.publish(letter.subject, letter.payload, headers={"Nats-Msg-Id": str(uuid.uuid4())})
    if letter.stream == "JOBS":  # a work queue would keep the doorbell that nobody answers any more
        await streams.delete_msg(letter.stream, letter.stream_sequence)
    await streams.delete_msg(DEAD_LETTERS, letter.sequence)


def sequence_of(dead_letter_id: str) -> int:
    """Read a dead letter's id."""
    if not dead_letter_id.isdecimal():
        raise InvalidInput("DEAD_LETTER_ID_INVALID", f"'{dead_letter_id}' is no dead letter's id.")
    return int(dead_letter_id)
