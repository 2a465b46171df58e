"""The bus: NATS with JetStream.

Two streams. EVENTS keeps facts for 14 days, for any number of durable consumers. JOBS is a work queue of doorbells: its
messages carry only a job's id, Postgres is the truth. Progress and wake-ups go by core NATS and may be lost.
"""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import BadRequestError, NotFoundError
from opentelemetry.trace import SpanKind
from sqlalchemy.exc import OperationalError

from chassis.config import Secret, setting
from chassis.errors import DomainError, Unavailable
from chassis.telemetry import EVENTS_APPLIED, span, trace_headers

log = logging.getLogger(__name__)

EVENTS = "EVENTS"
JOBS = "JOBS"
DEAD_LETTERS = "DEAD_LETTERS"
RETENTION_SECONDS = 14 * 24 * 3600
ACK_WAIT_SECONDS = 60
FETCH_SECONDS = 5.0
PING_SECONDS = 10
FLUSH_SECONDS = 60
LONGEST_PAUSE_SECONDS = 15.0
MAX_PENDING = 64
RETRY_FACTORS = (1, 5, 25, 75, 300)
REQUEUE = "requeue"
"""Subject, followed by a consumer's name, of orders to try a fact again. They name the fact, by its sequence, and carry none."""

Handle = Callable[[str, bytes], Awaitable[None]]
"""Applies the fact (subject, payload). Returning acknowledges it; `DomainError` drops it, but `Unavailable` and a database
that is away have it wait; anything else repeats it, and in the end makes a dead letter of it."""


@dataclass(frozen=True)
class BusConfig:
    """How the bus is reached."""

    url: str = setting("NATS_URL", "nats://host:port, several with commas")
    user: str = setting("NATS_USER", "the service's NATS user", "")
    password: Secret = setting("NATS_PASSWORD", "its password", Secret(""))
    replicas: int = setting("NATS_REPLICAS", "replicas of each stream; 3 in production", 1)
    max_deliver: int = setting("NATS_MAX_DELIVER", "deliveries of a message before it becomes a dead letter", 10)
    retry_seconds: float = setting(
        "NATS_RETRY_SECONDS", "wait before a fact is tried a second time; later waits grow to 300 times that", 0.2
    )


class Bus:
    """A connection to NATS that reconnects for ever."""

    def __init__(self, client: Client, config: BusConfig) -> None:
        self._client = client
        self._config = config
        self._streams: JetStreamContext = client.jetstream(timeout=5)
        self._flushes: set[asyncio.Task[None]] = set()

    @property
    def streams(self) -> JetStreamContext:
        """JetStream itself, for the operators' view of dead letters."""
        return self._streams

    async def requeue(self, consumer: str, sequence: int) -> None:
        """Have a consumer of facts, and only that one, try the fact with this sequence again."""
        await self.publish(f"{REQUEUE}.{consumer}", str(sequence).encode(), str(uuid.uuid4()), {})

    async def check(self) -> None:
        """Raise unless the server answers."""
        if not self._client.is_connected:
            raise Unavailable("BUS_UNAVAILABLE", "The bus is not connected.")
        await self._settle(2)

    async def _settle(self, seconds: float) -> None:
        """Return once the server has seen everything that was sent.

        A flush of nats.py that is cancelled or runs out of time leaves a future behind, at which its reader dies when the
        answer comes after all, and the connection hears nothing any more. So it goes on alone, longer than a connection
        lives without an answer.
        """
        flush = asyncio.create_task(self._client.flush(timeout=FLUSH_SECONDS))
        self._flushes.add(flush)
        flush.add_done_callback(self._settled)
        async with asyncio.timeout(seconds):
            await asyncio.shield(flush)

    def _settled(self, flush: "asyncio.Task[None]") -> None:
        self._flushes.discard(flush)
        if not flush.cancelled() and flush.exception():
            log.debug("flush failed", extra={"facts": {"error": repr(flush.exception())}})

    async def close(self) -> None:
        """Send what is buffered and disconnect; without a connection there is nothing to send to."""
        try:
            await self._client.drain()
        except NatsError as error:
            log.warning("bus left in a hurry", extra={"facts": {"error": repr(error)}})
            await self._client.close()

    async def ensure_streams(self) -> None:
        """Create or update the streams; any service may do it, all do."""
        day = 24 * 3600.0
        for stream in (
            StreamConfig(
                name=EVENTS, subjects=["events.>", f"{REQUEUE}.>"], max_age=RETENTION_SECONDS, duplicate_window=120
            ),
            StreamConfig(
                name=JOBS,
                subjects=["jobs.>"],
                retention=RetentionPolicy.WORK_QUEUE,
                max_age=7 * day,
                duplicate_window=120,
            ),
            StreamConfig(
                name=DEAD_LETTERS,
                subjects=["$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"],
                max_age=RETENTION_SECONDS,
            ),
        ):
            stream.storage = StorageType.FILE
            stream.discard = DiscardPolicy.OLD
            stream.num_replicas = self._config.replicas
            try:
                await self._streams.add_stream(stream)
            except BadRequestError:  # it is there, with other settings
                await self._streams.update_stream(stream)

    async def publish(self, subject: str, payload: bytes, message_id: str, headers: Mapping[str, str]) -> None:
        """Publish to a stream; returns once it is stored. The same message id within two minutes is stored once."""
        with span(f"{_destination(subject)} publish", kind=SpanKind.PRODUCER, carrier=headers):
            try:
                told = {**headers, **trace_headers(), "Nats-Msg-Id": message_id}
                await self._streams.publish(subject, payload, headers=told)
            except NatsError as error:
                raise Unavailable("BUS_UNAVAILABLE", f"The bus did not take a message: {error!r}") from error

    async def hint(self, subject: str, payload: bytes) -> None:
        """Publish by core NATS: it may be lost."""
        try:
            await self._client.publish(subject, payload)
        except NatsError as error:
            log.debug("hint lost", extra={"facts": {"subject": subject, "error": repr(error)}})

    @asynccontextmanager
    async def listening(self, *subjects: str) -> AsyncIterator["asyncio.Queue[Msg]"]:
        """Collect everything published on `subjects` from now on, facts included, until the block ends."""
        queue: asyncio.Queue[Msg] = asyncio.Queue(maxsize=1000)

        async def keep(message: Msg) -> None:
            if queue.full():  # a slow listener loses the oldest: what it wants is the newest
                queue.get_nowait()
            queue.put_nowait(message)

        async with AsyncExitStack() as leaving:
            for subject in subjects:
                subscription = await self._client.subscribe(subject, cb=keep)
                leaving.push_async_callback(subscription.unsubscribe)
            await self._settle(5)
            yield queue

    async def consume(self, durable: str, subjects: Sequence[str], handle: Handle) -> None:
        """Apply facts on `subjects` one after the other for ever, from the oldest kept one on.

        A fact that fails waits for its next turn while others go on: versions make good for the order.
        """
        config = ConsumerConfig(
            durable_name=durable,
            filter_subjects=[*subjects, f"{REQUEUE}.{durable}"],
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_deliver=self._config.max_deliver,
            max_ack_pending=MAX_PENDING,
        )
        async for message in self._pull(EVENTS, config):
            await self._apply(durable, message, handle)

    async def _apply(self, consumer: str, message: Msg, handle: Handle) -> None:
        with span(f"{consumer} process", kind=SpanKind.CONSUMER, carrier=message.headers or {}):
            try:
                await self._handle(message, handle)
            except (DomainError, NotFoundError) as error:
                log.warning("fact dropped", extra={"facts": {"subject": message.subject, "error": repr(error)}})
                EVENTS_APPLIED.labels(consumer, "dropped").inc()
                await message.term()
            except Exception:  # whatever a handler raises, the fact is kept and tried again
                log.exception("fact will be tried again", extra={"facts": {"subject": message.subject}})
                EVENTS_APPLIED.labels(consumer, "retried").inc()
                delay = retry_delay(message.metadata.num_delivered, self._config.retry_seconds)
                await message.nak(delay=delay)
            else:
                EVENTS_APPLIED.labels(consumer, "applied").inc()
                await message.ack_sync()

    async def _handle(self, message: Msg, handle: Handle) -> None:
        """Handle a fact. While what that needs is away the fact is held: an outage must not use up its deliveries."""
        pause = 0.5
        while True:
            try:
                await handle(*await self._meant(message))
            except (Unavailable, OperationalError, OSError) as error:
                log.warning("fact waits", extra={"facts": {"subject": message.subject, "error": repr(error)}})
                await message.in_progress()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                return

    async def _meant(self, message: Msg) -> tuple[str, bytes]:
        """Return the fact, or the one that an order to try again names; `NotFoundError`: it is past its retention."""
        if not message.subject.startswith(f"{REQUEUE}."):
            return message.subject, message.data
        named = await self._streams.get_msg(EVENTS, int(message.data))
        return named.subject or "", named.data or b""

    async def doorbells(self, subject: str) -> AsyncIterator[Msg]:
        """Yield doorbells of one pool for ever, one at a time. The caller acknowledges each."""
        config = ConsumerConfig(
            durable_name=durable_of(subject),
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_deliver=self._config.max_deliver,
            max_ack_pending=1000,
        )
        async for message in self._pull(JOBS, config):
            yield message

    async def _pull(self, stream: str, config: ConsumerConfig) -> AsyncIterator[Msg]:
        """Fetch one message at a time; a lost pull or server only costs one round (nats.py #504, #933)."""
        name = str(config.durable_name)
        while True:
            try:
                await self._streams.add_consumer(stream, config)
                subscription = await self._streams.pull_subscribe_bind(name, stream)
            except (NatsError, OSError) as error:
                log.warning("bus pauses", extra={"facts": {"consumer": name, "error": repr(error)}})
                await asyncio.sleep(1)
                continue
            try:
                while True:
                    try:
                        yield (await subscription.fetch(1, timeout=FETCH_SECONDS))[0]
                    except (TimeoutError, nats.errors.TimeoutError):
                        # Raises when the consumer is gone. One that is slow to answer is kept: what has arrived for it
                        # meanwhile would be lost for a minute.
                        with contextlib.suppress(TimeoutError):
                            await self._streams.consumer_info(stream, name)
            except (NatsError, OSError) as error:
                log.warning("bus interrupted", extra={"facts": {"consumer": name, "error": repr(error)}})
                await asyncio.sleep(0.2)
            finally:
                await _leave(subscription)


def _destination(subject: str) -> str:
    """What a span is called after: a pool's subject as it is, a fact's without owner and id."""
    return ".".join(subject.split(".")[:3])


async def _leave(subscription: JetStreamContext.PullSubscription) -> None:
    try:
        await subscription.unsubscribe()
    except (NatsError, NotFoundError, OSError):
        log.debug("subscription was gone already")


def durable_of(subject: str) -> str:
    """Return what the consumer of a pool's doorbells is called, which scalers watch: `separation-gpu`."""
    return subject.removeprefix("jobs.").replace(".", "-")


def retry_delay(delivered: int, first: float) -> float:
    """Seconds to wait before the next delivery, after `delivered` of them; `first` after one."""
    return first * RETRY_FACTORS[min(max(delivered, 1), len(RETRY_FACTORS)) - 1]


async def connect(config: BusConfig, name: str) -> Bus:
    """Connect to NATS, waiting for it as long as it takes, and make sure that the streams are there."""

    async def note(error: Exception) -> None:
        log.warning("bus error", extra={"facts": {"error": repr(error)}})

    client = await nats.connect(
        config.url.split(","),
        name=name,
        user=config.user or None,
        password=config.password.reveal() or None,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        ping_interval=PING_SECONDS,
        error_cb=note,
    )
    bus = Bus(client, config)
    await bus.ensure_streams()
    return bus
