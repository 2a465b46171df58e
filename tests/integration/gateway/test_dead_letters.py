"""A poisoned fact: it holds up nobody, becomes a dead letter, and is applied when it is tried again after the repair."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import grpc
import psycopg
import psycopg.sql
import pytest
import pytest_asyncio
from nats.js import JetStreamContext, api
from puremusic.gateway.v1 import gateway_pb2

from chassis import status
from chassis.jetstream import EVENTS, JOBS
from deploy.local.facts import NatsFacts, PostgresFacts
from tests.integration.chassis.waiting import until
from tests.integration.gateway.facts import Author, Fact, new_id
from tests.integration.gateway.running import Metadata, Running, running
from tests.integration.ingest.keyring import Keyring

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(database: PostgresFacts, bus: NatsFacts) -> AsyncIterator[Running]:
    """A gateway that soon gives up."""
    async with running(database, bus, Keyring(), NATS_MAX_DELIVER="2", NATS_RETRY_SECONDS="0.05") as gateway:
        yield gateway


@pytest.fixture
def operator(gateway: Running) -> Metadata:
    """How an operator identifies themselves."""
    return gateway.as_user("operator", "user", "admin")


async def listed(gateway: Running, operator: Metadata, subject: str) -> gateway_pb2.DeadLetter | None:
    """The dead letter with this subject, if it is there."""
    found = await gateway.admin.ListDeadLetters(gateway_pb2.ListDeadLettersRequest(), metadata=operator)
    return next((letter for letter in found.dead_letters if letter.subject == subject), None)


async def given_up(gateway: Running, operator: Metadata, fact: Fact) -> gateway_pb2.DeadLetter:
    """Publish a fact and wait until gateway has given up on it."""
    await gateway.tell(fact)
    return await until(lambda: listed(gateway, operator, fact[0]))


async def requeue(gateway: Running, operator: Metadata, *ids: str) -> int:
    """Try dead letters again; how many."""
    request = gateway_pb2.RequeueDeadLettersRequest(dead_letter_ids=ids)
    return (await gateway.admin.RequeueDeadLetters(request, metadata=operator)).requeued


async def test_a_fact_is_applied_after_the_repair(gateway: Running, ada: Author, operator: Metadata) -> None:
    poisoned, fine = new_id(), new_id()
    await gateway.rows("ALTER TABLE track RENAME TO track_elsewhere")
    try:
        fact = ada.track(poisoned)
        letter = await given_up(gateway, operator, fact)
        assert (letter.consumer, letter.deliveries, letter.size_bytes) == ("gateway", 2, len(fact[1]))
        # Tried again too early, it comes back.
        assert await requeue(gateway, operator, letter.dead_letter_id) == 1
        again = await until(lambda: listed(gateway, operator, fact[0]))
        assert again.dead_letter_id != letter.dead_letter_id
        # What needs no table that is broken goes on meanwhile.
        await gateway.tell(ada.fusion(fine, "completed"))
        await until(lambda: gateway.rows("SELECT FROM job WHERE job_id = :id", id=fine))
    finally:
        await gateway.rows("ALTER TABLE track_elsewhere RENAME TO track")
    assert await requeue(gateway, operator, again.dead_letter_id) == 1
    await until(lambda: gateway.rows("SELECT FROM track WHERE track_id = :id", id=poisoned))
    assert await listed(gateway, operator, fact[0]) is None


async def test_a_poisoned_fact_holds_up_no_other(gateway: Running, ada: Author, operator: Metadata) -> None:
    garbage = (f"events.fusion.completed.{ada.owner_id}.{new_id()}", b"\xff\xff")
    fusion = new_id()
    await gateway.tell(garbage, ada.fusion(fusion, "completed"))
    await until(lambda: gateway.rows("SELECT FROM job WHERE job_id = :id", id=fusion))
    letter = await until(lambda: listed(gateway, operator, garbage[0]))
    assert await requeue(gateway, operator, letter.dead_letter_id) == 1
    await until(lambda: listed(gateway, operator, garbage[0]))


async def test_all_at_once_page_by_page(gateway: Running, ada: Author, operator: Metadata) -> None:
    subjects = [f"events.fusion.completed.{ada.owner_id}.{number}" for number in range(5)]
    for subject in subjects:
        await given_up(gateway, operator, (subject, b"\xff"))
    seen: list[str] = []
    token = ""
    while True:
        request = gateway_pb2.ListDeadLettersRequest(page_size=2, page_token=token)
        page = await gateway.admin.ListDeadLetters(request, metadata=operator)
        seen += [letter.subject for letter in page.dead_letters]
        token = page.next_page_token
        if not token:
            break
    assert [subject for subject in seen if subject in subjects] == subjects[::-1]
    assert await requeue(gateway, operator) == len(seen)


async def test_a_letter_that_is_not_there(gateway: Running, operator: Metadata) -> None:
    for wrong, reason in (("999999", "DEAD_LETTER_NOT_FOUND"), ("first", "DEAD_LETTER_ID_INVALID")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await requeue(gateway, operator, wrong)
        assert status.from_call(refused.value).reason == reason


async def test_a_letter_past_its_retention_is_no_letter(gateway: Running, ada: Author, operator: Metadata) -> None:
    fact = (f"events.fusion.completed.{ada.owner_id}.{new_id()}", b"\xff")
    await given_up(gateway, operator, fact)
    state = (await gateway.streams.stream_info(EVENTS)).state
    await gateway.streams.purge_stream(EVENTS, seq=state.last_seq + 1)
    assert await listed(gateway, operator, fact[0]) is None


async def test_a_doorbell_rings_again(gateway: Running, operator: Metadata) -> None:
    """A worker that dies at the sight of a job leaves a doorbell that nobody answers any more."""
    config = api.ConsumerConfig(durable_name="mir-cpu", filter_subject="jobs.mir.cpu", max_deliver=1, ack_wait=0.1)
    await gateway.streams.add_consumer(JOBS, config)
    bells = await gateway.streams.pull_subscribe_bind("mir-cpu", JOBS)
    await gateway.streams.publish("jobs.mir.cpu", b"job")
    await bells.fetch(1, timeout=5)
    letter = await until(lambda: rung_out(gateway, operator, bells))
    assert await requeue(gateway, operator, letter.dead_letter_id) == 1
    (rung,) = await bells.fetch(1, timeout=5)
    assert rung.data == b"job"
    await rung.ack_sync()
    assert (await gateway.streams.stream_info(JOBS)).state.messages == 0


async def rung_out(
    gateway: Running, operator: Metadata, bells: JetStreamContext.PullSubscription
) -> gateway_pb2.DeadLetter | None:
    """The doorbell's dead letter. NATS notices that it gave up when the next message is asked for."""
    with contextlib.suppress(TimeoutError):
        await bells.fetch(1, timeout=0.2)
    return await listed(gateway, operator, "jobs.mir.cpu")


async def test_an_outage_costs_no_deliveries(
    gateway: Running, ada: Author, database: PostgresFacts, caplog: pytest.LogCaptureFixture
) -> None:
    """With two deliveries to lose, a fact outlasts any number of failures of the database."""
    fusion = new_id()

    async def waits() -> bool:
        return sum(record.message == "fact waits" for record in caplog.records) > 2

    as_postgres = replace(database, database="postgres").url_with_password("postgres")
    async with await psycopg.AsyncConnection.connect(as_postgres, autocommit=True) as server:
        name = psycopg.sql.Identifier(database.database)
        await server.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        try:
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.database]
            )
            await gateway.tell(ada.fusion(fusion, "completed"))
            await until(waits)
        finally:
            await server.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
    await until(lambda: gateway.rows("SELECT FROM job WHERE job_id = :id", id=fusion))
