"""How bytes come in: one POST, or parts that go on where they were; and every way in which they do not."""

import pytest
from puremusic.ingest.v1 import ingest_pb2

from services.ingest.uploads import PART_BYTES
from tests.integration.ingest.files import long_song, song
from tests.integration.ingest.house import BYTES_PER_USER, MAX_FILE_BYTES, TRACKS_PER_USER, House
from tests.integration.ingest.people import Person, reason, refusal, sha256


async def test_a_small_file_goes_in_one_post(ada: Person) -> None:
    data = song(kind="FLAC")
    created = await ada.create(data, filename="/home/ada/../Für Elise.flac", sha256=sha256(data).upper())
    track = created.track
    assert track.status == ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD
    assert (track.title, track.original_filename, track.process) == ("Für Elise", "Für Elise.flac", True)
    assert not track.HasField("work")
    assert await ada.send(created.upload, data) == [204]
    checking = await ada.complete(track.track_id)
    assert checking.status == ingest_pb2.TRACK_STATUS_CHECKING
    told = await ada.facts.until("uploaded", track.track_id)
    found = await ada.get(track.track_id)
    assert found == told
    assert found.mime_type == "audio/flac"
    assert found.audio.file_hash == sha256(data)
    assert (found.audio.sample_rate, found.audio.channels, found.audio.frames) == (44_100, 2, 44_100)
    assert found.audio.bit_depth == 16
    assert found.work.progress == 1.0
    assert found.work.attempts == 1
    assert found.work.device == "cpu"
    assert found.work.engine_seconds > 0
    assert found.work.bytes_read == len(data)
    assert found.work.bytes_written > 0


async def test_a_large_file_goes_in_parts_and_on_where_it_broke_off(ada: Person) -> None:
    data = long_song()
    created = await ada.create(data, process=False)
    track_id, first = created.track.track_id, created.upload
    assert [part.number for part in first.parts.missing] == [1, 2, 3]
    assert first.parts.part_size == PART_BYTES
    assert await ada.send_part(first, first.parts.missing[1], data) == 200
    incomplete = await refusal(ada.complete(track_id))
    assert incomplete.reason == "UPLOAD_INCOMPLETE"
    assert incomplete.metadata == {"parts": "3", "missing": "2"}
    second = await ada.missing(track_id)
    assert [part.number for part in second.parts.missing] == [1, 3]
    assert second.parts.part_count == 3
    assert await ada.send(second, data) == [200, 200]
    assert not (await ada.missing(track_id)).parts.missing
    await ada.complete(track_id)
    uploaded = await ada.facts.ended(track_id)
    assert uploaded.status == ingest_pb2.TRACK_STATUS_UPLOADED
    assert uploaded.audio.file_hash == sha256(data)
    assert uploaded.process is False


async def test_a_part_of_the_wrong_size_is_named_and_asked_for_again(ada: Person) -> None:
    data = long_song()
    created = await ada.create(data)
    track_id, upload = created.track.track_id, created.upload
    await ada.http.put(upload.parts.missing[0].url, content=data[:1000])
    for part in upload.parts.missing[1:]:
        await ada.send_part(upload, part, data)
    mismatch = await refusal(ada.complete(track_id))
    assert mismatch.reason == "SIZE_MISMATCH"
    assert mismatch.metadata == {"expected": str(PART_BYTES), "found": "1000"}
    again = await ada.missing(track_id)
    assert [part.number for part in again.parts.missing] == [1]
    await ada.send(again, data)
    await ada.complete(track_id)
    assert (await ada.facts.ended(track_id)).status == ingest_pb2.TRACK_STATUS_UPLOADED


async def test_completing_twice_is_harmless(ada: Person) -> None:
    track = await ada.upload(song())
    again = await ada.complete(track.track_id)
    assert again == track
    assert await reason(ada.missing(track.track_id)) == "UPLOAD_COMPLETED"
    assert ada.facts.verbs(track.track_id).count("uploaded") == 1


async def test_nothing_was_sent(ada: Person) -> None:
    created = await ada.create(song())
    assert await reason(ada.complete(created.track.track_id)) == "UPLOAD_INCOMPLETE"
    assert (await ada.get(created.track.track_id)).status == ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD
    assert (await ada.missing(created.track.track_id)).WhichOneof("method") == "post"


async def test_a_post_of_another_size_is_refused_by_the_store(ada: Person) -> None:
    data = song()
    created = await ada.create(data)
    assert await ada.send(created.upload, data + b"more") == [400]
    assert await ada.send(created.upload, data[:-1]) == [400]
    assert await reason(ada.complete(created.track.track_id)) == "UPLOAD_INCOMPLETE"


async def test_an_upload_that_was_never_completed_goes_after_its_lifetime(ada: Person, house: House) -> None:
    small, large = await ada.create(song()), await ada.create(b"", size_bytes=20_000_000)
    await ada.send(small.upload, song())
    await ada.send_part(large.upload, large.upload.parts.missing[0], bytes(PART_BYTES))
    kept = await ada.create(song())
    aged = [small.track.track_id, large.track.track_id]
    assert house.objects(ada.user_id)
    assert house.execute("UPDATE track SET created_at = now() - interval '25 h' WHERE track_id = ANY(%s)", aged) == 2
    for track_id in aged:
        await ada.facts.until("deleted", track_id)
        assert await reason(ada.get(track_id)) == "TRACK_NOT_FOUND"
    assert (await ada.get(kept.track.track_id)).status == ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD
    # The objects go after the rows; a part that comes late finds no upload any more.
    part = large.upload.parts.missing[1]
    while (await ada.http.put(part.url, content=bytes(part.size_bytes))).status_code == 200:
        pass
    assert house.objects(ada.user_id) == []


async def test_the_same_key_makes_one_track(ada: Person, bob: Person) -> None:
    data = song()
    first = await ada.create(data, idempotency_key="k")
    again = await ada.create(data, idempotency_key="k")
    assert again.track == first.track
    assert again.upload.post.url
    conflict = await refusal(ada.create(data, idempotency_key="k", title="Another"))
    assert conflict.reason == "IDEMPOTENCY_CONFLICT"
    assert (await bob.create(data, idempotency_key="k")).track.track_id != first.track.track_id
    await ada.send(first.upload, data)
    await ada.complete(first.track.track_id)
    late = await ada.create(data, idempotency_key="k")
    assert late.track.track_id == first.track.track_id
    assert not late.HasField("upload")


async def test_only_so_many_tracks(ada: Person) -> None:
    created = [await ada.create(song()) for _ in range(TRACKS_PER_USER)]
    full = await refusal(ada.create(song()))
    assert full.reason == "TRACK_QUOTA"
    assert full.metadata == {"limit": str(TRACKS_PER_USER), "used": str(TRACKS_PER_USER)}
    await ada.delete(created[0].track.track_id)
    await ada.create(song())


async def test_only_so_many_bytes(ada: Person) -> None:
    for _ in range(2):
        await ada.create(size_bytes=20_000_000)
    full = await refusal(ada.create(size_bytes=20_000_000))
    assert full.reason == "STORAGE_QUOTA"
    assert full.metadata == {"limit": str(BYTES_PER_USER), "used": "40000000", "requested": "20000000"}
    await ada.create(size_bytes=10_000_000)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"size_bytes": MAX_FILE_BYTES + 1}, "FILE_TOO_LARGE"),
        ({"size_bytes": 0}, "EMPTY"),
        ({"size_bytes": -1}, "EMPTY"),
        ({"rights_confirmed": False}, "RIGHTS_NOT_CONFIRMED"),
        ({"filename": ""}, "FIELD_REQUIRED"),
        ({"filename": "x" * 1025}, "FILENAME_TOO_LONG"),
        ({"title": "x" * 201}, "TITLE_TOO_LONG"),
        ({"sha256": "abc"}, "SHA256_INVALID"),
        ({"idempotency_key": "x" * 101}, "IDEMPOTENCY_KEY_TOO_LONG"),
    ],
)
async def test_announcements_that_are_refused(ada: Person, wish: dict[str, object], expected: str) -> None:
    assert await reason(ada.create(song(), **wish)) == expected
    assert not ada.facts.heard


async def test_a_file_that_is_too_large_is_told_the_numbers(ada: Person) -> None:
    error = await refusal(ada.create(size_bytes=30_000_000))
    assert error.message.startswith("The file has 30.0 MB, and at most 24 MB are taken.")
    assert error.metadata == {"limit": "24000000", "used": "30000000"}
