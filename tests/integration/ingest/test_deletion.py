"""What is deleted is gone: rows, objects, jobs; and everybody hears of it."""

from puremusic.auth.v1 import events_pb2 as auth_events
from puremusic.event.v1 import event_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.operations.v1 import operations_pb2

from deploy.local.waiting import until
from services.ingest.uploads import PART_BYTES
from tests.integration.ingest.files import long_song, song
from tests.integration.ingest.house import House
from tests.integration.ingest.people import Door, Person, reason, refusal


async def test_deletion_leaves_no_orphans(ada: Person, operator: Person, house: House) -> None:
    await _collect(operator)  # what other tests left on purpose
    uploaded = await ada.upload(song())
    refused = await ada.upload(b"no song")
    waiting = await ada.create(song())
    await ada.send(waiting.upload, song())
    parted = await ada.create(size_bytes=20_000_000)
    await ada.send_part(parted.upload, parted.upload.parts.missing[0], bytes(PART_BYTES))
    assert (await _collect(operator)).orphans == 0
    for track in (uploaded, refused, waiting.track, parted.track):
        await ada.delete(track.track_id)
        await ada.facts.until("deleted", track.track_id)
        assert await reason(ada.get(track.track_id)) == "TRACK_NOT_FOUND"
        assert await reason(ada.delete(track.track_id)) == "TRACK_NOT_FOUND"
    assert house.objects(ada.user_id) == []
    found = await _collect(operator)
    assert (found.orphans, found.bytes) == (0, 0)
    late = await ada.http.put(parted.upload.parts.missing[1].url, content=bytes(PART_BYTES))
    assert late.status_code == 404


async def test_the_last_fact_carries_the_last_state(ada: Person) -> None:
    track = await ada.upload(song())
    await ada.delete(track.track_id)
    last = await ada.facts.until("deleted", track.track_id)
    assert last.audio == track.audio
    assert last.version == track.version + 1
    assert [fact.deleted for verb, fact in ada.facts.heard if verb == "deleted"] == [True]


async def test_a_track_that_is_being_checked_can_be_deleted(ada: Person, operator: Person, house: House) -> None:
    before = house.worker.pid
    track = await ada.offer(long_song())
    await ada.facts.progress.get()
    await ada.delete(track.track_id)
    await ada.facts.until("deleted", track.track_id)
    # Whatever the worker was at, it gives up, removes what it has stored, and goes on with the next track.
    assert (await ada.upload(song())).status == ingest_pb2.TRACK_STATUS_UPLOADED
    assert until(lambda: not any(track.track_id in key for key in house.objects(ada.user_id)), 30)
    assert "uploaded" not in ada.facts.verbs(track.track_id)
    assert house.worker.alive
    assert house.worker.pid == before


async def test_nothing_of_a_deleted_user_stays(ada: Person, bob: Person, door: Door, house: House) -> None:
    his = await bob.upload(song())
    hers = [await ada.upload(song()), await ada.offer(song(seed=1)), (await ada.create(idempotency_key="k")).track]
    meta = event_pb2.EventMeta(event_id="gone", owner_id=ada.user_id, aggregate_id=ada.user_id, version=2)
    fact = auth_events.UserChanged(meta=meta, deleted=True)
    await door.publish(f"events.user.deleted.{ada.user_id}.{ada.user_id}", fact.SerializeToString())
    for track in hers:
        await ada.facts.until("deleted", track.track_id)
        assert await reason(ada.get(track.track_id)) == "TRACK_NOT_FOUND"
    assert until(lambda: not house.objects(ada.user_id), 30)
    assert house.execute("SELECT FROM idempotency_key WHERE owner_id = %s", ada.user_id) == 0
    # A token lives up to 15 minutes longer than its user.
    assert (await refusal(ada.create())).reason == "ACCOUNT_DELETED"
    assert (await bob.get(his.track_id)).status == ingest_pb2.TRACK_STATUS_UPLOADED


async def test_the_collector_removes_what_a_crash_left(ada: Person, operator: Person, house: House) -> None:
    await _collect(operator)
    track = await ada.upload(song())
    # As if the server had died between the commit and the removal of the objects.
    house.execute("DELETE FROM track WHERE track_id = %s", track.track_id)
    left = set(house.objects(ada.user_id))
    assert len(left) == 3
    dry = await _collect(operator, dry_run=True)
    assert set(dry.sample_keys) == left
    assert dry.bytes > track.size_bytes
    young = await _collect(operator, grace_seconds=3600)
    assert young.orphans == 0
    assert set(house.objects(ada.user_id)) == left
    assert (await _collect(operator)).orphans == 3
    assert house.objects(ada.user_id) == []


async def _collect(
    operator: Person, *, dry_run: bool = False, grace_seconds: int = 0
) -> operations_pb2.CollectGarbageResponse:
    request = operations_pb2.CollectGarbageRequest(dry_run=dry_run, grace_seconds=grace_seconds)
    answer: operations_pb2.CollectGarbageResponse = await operator.operations.CollectGarbage(
        request, metadata=operator.metadata
    )
    return answer
