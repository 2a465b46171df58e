"""What the check finds: every file that is no song gets a reason and a sentence, and leaves nothing behind."""

import os

import pytest
from puremusic.ingest.v1 import ingest_pb2

from deploy.local.waiting import until
from tests.integration.ingest.files import song
from tests.integration.ingest.house import MAX_SECONDS, House
from tests.integration.ingest.people import Person, reason, refusal, sha256

TEXT = b"la la la\n" * 500
TOO_LONG = song(MAX_SECONDS + 1, rate=8000, channels=1)
WHOLE = song(3.0)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("noise.wav", os.urandom(20_000), "NOT_AUDIO"),
        ("song.mp3", TEXT, "NOT_AUDIO"),
        ("song.wav", WHOLE[: len(WHOLE) // 2], "TRUNCATED"),
        ("long.wav", TOO_LONG, "TOO_LONG"),
        ("blip.wav", song(0.01), "TOO_SHORT"),
        ("choir.wav", song(1.0, channels=9), "TOO_MANY_CHANNELS"),
    ],
)
async def test_a_file_that_is_no_song(ada: Person, house: House, name: str, data: bytes, expected: str) -> None:
    track = await ada.upload(data, filename=name)
    assert track.status == ingest_pb2.TRACK_STATUS_FAILED
    assert track.work.failure.reason == expected
    assert track.work.failure.message.endswith(".")
    assert not track.HasField("audio")
    assert track.work.attempts == 1
    assert await reason(ada.tracks.GetDownloadUrl(_download(track), metadata=ada.metadata)) == "TRACK_NOT_READY"
    assert await reason(ada.tracks.GetWaveform(_waveform(track), metadata=ada.metadata)) == "TRACK_NOT_READY"
    # The track stays, for its owner to see why; the bytes go, and count no more.
    assert until(lambda: not house.objects(ada.user_id), 30)
    assert until(
        lambda: house.execute("SELECT FROM track WHERE track_id = %s AND bytes_removed", track.track_id) == 1, 30
    )
    assert (await ada.complete(track.track_id)).status == ingest_pb2.TRACK_STATUS_FAILED


async def test_other_bytes_than_announced(ada: Person) -> None:
    announced, sent = song(seed=1), song(seed=2)
    assert len(announced) == len(sent)
    created = await ada.create(announced, sha256=sha256(announced))
    await ada.send(created.upload, sent)
    await ada.complete(created.track.track_id)
    track = await ada.facts.ended(created.track.track_id)
    assert track.work.failure.reason == "CONTENT_MISMATCH"


@pytest.mark.parametrize(
    ("rate", "channels", "kind", "mime_type"),
    [
        (8_000, 1, "WAV", "audio/wav"),
        (192_000, 2, "WAV", "audio/wav"),
        (44_100, 2, "MP3", "audio/mpeg"),
        (48_000, 2, "OGG", "audio/ogg"),
    ],
)
async def test_songs_of_all_kinds(ada: Person, rate: int, channels: int, kind: str, mime_type: str) -> None:
    track = await ada.upload(song(2.0, rate=rate, channels=channels, kind=kind), filename="anything.bin")
    assert track.status == ingest_pb2.TRACK_STATUS_UPLOADED
    assert (track.audio.sample_rate, track.audio.channels, track.mime_type) == (rate, channels, mime_type)
    assert track.audio.duration_seconds == pytest.approx(2.0, abs=0.06)


async def test_the_same_song_in_another_container_has_the_same_content_hash(ada: Person) -> None:
    wav, flac = await ada.upload(song()), await ada.upload(song(kind="FLAC"))
    assert wav.audio.content_hash == flac.audio.content_hash
    assert wav.audio.file_hash != flac.audio.file_hash


async def test_a_takedown_deletes_everybodys_copy_and_refuses_new_ones(
    ada: Person, bob: Person, operator: Person, house: House
) -> None:
    data, other = song(seed=66), song(seed=66, kind="FLAC")
    hers, his, kept = await ada.upload(data), await bob.upload(other), await bob.upload(song(seed=67))
    request = ingest_pb2.TakedownContentRequest(content_hash=hers.audio.content_hash.upper(), reason="a court's order")
    assert await reason(ada.tracks.TakedownContent(request, metadata=ada.metadata)) == "ROLE_MISSING"
    answer = await operator.tracks.TakedownContent(request, metadata=operator.metadata)
    assert answer.tracks_deleted == 2
    await ada.facts.until("deleted", hers.track_id)
    await bob.facts.until("deleted", his.track_id)
    assert house.objects(ada.user_id) == []
    assert (await bob.get(kept.track_id)).status == ingest_pb2.TRACK_STATUS_UPLOADED
    again = await ada.upload(data)
    assert again.work.failure.reason == "CONTENT_BLOCKED"
    assert until(lambda: not house.objects(ada.user_id), 30)
    repeated = await operator.tracks.TakedownContent(request, metadata=operator.metadata)
    assert repeated.tracks_deleted == 0


async def test_a_file_that_was_taken_down_is_refused_when_it_is_announced(ada: Person, operator: Person) -> None:
    data = song(seed=68)
    request = ingest_pb2.TakedownContentRequest(content_hash=sha256(data), reason="known already")
    await operator.tracks.TakedownContent(request, metadata=operator.metadata)
    assert await reason(ada.create(data, sha256=sha256(data))) == "CONTENT_BLOCKED"
    assert (await ada.upload(data)).work.failure.reason == "CONTENT_BLOCKED"


@pytest.mark.parametrize(
    ("digest", "why", "expected"),
    [
        ("xyz", "no reason", "SHA256_INVALID"),
        ("a" * 64, "x" * 1001, "REASON_TOO_LONG"),
        ("a" * 64, "", "FIELD_REQUIRED"),
    ],
)
async def test_takedowns_that_are_refused(operator: Person, digest: str, why: str, expected: str) -> None:
    request = ingest_pb2.TakedownContentRequest(content_hash=digest, reason=why)
    error = await refusal(operator.tracks.TakedownContent(request, metadata=operator.metadata))
    assert error.reason == expected


def _download(track: ingest_pb2.Track) -> ingest_pb2.GetDownloadUrlRequest:
    return ingest_pb2.GetDownloadUrlRequest(track_id=track.track_id)


def _waveform(track: ingest_pb2.Track) -> ingest_pb2.GetWaveformRequest:
    return ingest_pb2.GetWaveformRequest(track_id=track.track_id)
