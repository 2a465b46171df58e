"""What owners see and change of their tracks, and that nobody else does."""

from collections.abc import Sequence

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from puremusic.ingest.v1 import ingest_pb2
from puremusic.operations.v1 import operations_pb2

from tests.integration.ingest.files import song
from tests.integration.ingest.people import Door, Person, reason, refusal


async def test_lists_come_in_pages_the_newest_first(ada: Person, bob: Person) -> None:
    made = [(await ada.create(filename=f"{name}.mp3")).track.track_id for name in "abc"]
    await bob.create()
    request = ingest_pb2.ListTracksRequest(page_size=2)
    first = await ada.tracks.ListTracks(request, metadata=ada.metadata)
    assert [track.title for track in first.tracks] == ["c", "b"]
    newer = (await ada.create(filename="d.mp3")).track.track_id
    request.page_token = first.next_page_token
    second = await ada.tracks.ListTracks(request, metadata=ada.metadata)
    assert [track.title for track in second.tracks] == ["a"]
    assert second.next_page_token == ""
    everything = await ada.tracks.ListTracks(ingest_pb2.ListTracksRequest(), metadata=ada.metadata)
    assert [track.track_id for track in everything.tracks] == [newer, *reversed(made)]


@pytest.mark.parametrize("token", ["x", "WyJhIl0", "WyJhIiwgImIiXQ", "WyIyMDI2LTAxLTAxIiwgImIiXQ"])
async def test_page_tokens_that_are_not_ours(ada: Person, token: str) -> None:
    request = ingest_pb2.ListTracksRequest(page_token=token)
    assert await reason(ada.tracks.ListTracks(request, metadata=ada.metadata)) == "PAGE_TOKEN_INVALID"


async def test_a_new_title(ada: Person) -> None:
    track = await ada.upload(song())
    renamed = await _rename(ada, track.track_id, "  AC/DC\n— Thunder ")
    assert renamed.title == "AC/DC — Thunder"
    assert renamed.version > track.version
    told = await ada.facts.until("updated", track.track_id)
    assert told == renamed
    assert (await _rename(ada, track.track_id, "AC/DC — Thunder")).version == renamed.version


@pytest.mark.parametrize(
    ("title", "paths", "expected"),
    [
        ("", ["title"], "TITLE_EMPTY"),
        ("\u202e\n", ["title"], "TITLE_EMPTY"),
        ("x" * 201, ["title"], "TITLE_TOO_LONG"),
        ("new", ["title", "status"], "UPDATE_MASK_INVALID"),
        ("new", [], "UPDATE_MASK_INVALID"),
    ],
)
async def test_changes_that_are_refused(ada: Person, title: str, paths: list[str], expected: str) -> None:
    track_id = (await ada.create()).track.track_id
    assert await reason(_rename(ada, track_id, title, paths)) == expected
    assert (await ada.get(track_id)).title == "song"


async def test_originals_and_masters_are_fetched_under_their_names(ada: Person) -> None:
    data = song(kind="OGG")
    track = await ada.upload(data, filename="Über.ogg", title="Über/Drüber")
    original = await _download(ada, track.track_id, ingest_pb2.TRACK_FILE_ORIGINAL)
    assert (original.filename, original.size_bytes) == ("Über.ogg", len(data))
    fetched = await ada.http.get(original.url)
    assert fetched.content == data
    assert fetched.headers["content-type"] == "audio/ogg"
    assert "filename*=UTF-8''%C3%9Cber.ogg" in fetched.headers["content-disposition"]
    master = await _download(ada, track.track_id, ingest_pb2.TRACK_FILE_MASTER)
    assert master.filename == "Über-Drüber.flac"
    flac = (await ada.http.get(master.url)).content
    assert flac.startswith(b"fLaC")
    assert master.size_bytes == len(flac)
    unspecified = await _download(ada, track.track_id, ingest_pb2.TRACK_FILE_UNSPECIFIED)
    assert unspecified.filename == original.filename


@pytest.mark.parametrize("points", [1, 7, 800, 8000])
async def test_peaks_at_any_resolution(ada: Person, points: int) -> None:
    track = await ada.upload(song(2.0))
    peaks = await _peaks(ada, track.track_id, points)
    assert len(peaks.minima) == len(peaks.maxima) == points
    assert -32768 <= min(peaks.minima) < -10_000
    assert 10_000 < max(peaks.maxima) <= 32767
    assert peaks.duration_seconds == pytest.approx(2.0)
    coarse = await _peaks(ada, track.track_id, 1)
    assert (coarse.minima[0], coarse.maxima[0]) == (min(peaks.minima), max(peaks.maxima))


async def test_peaks_that_cannot_be(ada: Person) -> None:
    track = await ada.upload(song())
    assert len((await _peaks(ada, track.track_id, 0)).maxima) == 800
    for points in (-1, 8001):
        assert await reason(_peaks(ada, track.track_id, points)) == "POINTS_INVALID"


async def test_anothers_track_is_not_found_whatever_one_does(ada: Person, bob: Person) -> None:
    track_id = (await ada.upload(song())).track_id
    attempts = [
        bob.get(track_id),
        bob.missing(track_id),
        bob.complete(track_id),
        bob.delete(track_id),
        _rename(bob, track_id, "mine"),
        _download(bob, track_id, ingest_pb2.TRACK_FILE_ORIGINAL),
        _peaks(bob, track_id, 10),
    ]
    for attempt in attempts:
        error = await refusal(attempt)
        assert error.reason == "TRACK_NOT_FOUND"
    assert (await ada.get(track_id)).title == "song"
    listed = await bob.tracks.ListTracks(ingest_pb2.ListTracksRequest(), metadata=bob.metadata)
    assert not listed.tracks


async def test_callers_without_a_token_or_its_scope(ada: Person, door: Door) -> None:
    reader = await door.person(scope="read")
    assert await reason(reader.create()) == "SCOPE_MISSING"
    writer = await door.person(scope="write")
    assert await reason(writer.get("any")) == "SCOPE_MISSING"
    request = ingest_pb2.GetTrackRequest(track_id="any")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ada.tracks.GetTrack(request)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_upkeep_is_for_operators(ada: Person, operator: Person) -> None:
    request = operations_pb2.RepublishRequest()
    assert await reason(ada.operations.Republish(request, metadata=ada.metadata)) == "ROLE_MISSING"


async def test_the_present_state_is_announced_again_when_asked_for(ada: Person, operator: Person) -> None:
    track = await ada.upload(song())
    waiting = (await ada.create()).track
    await ada.facts.until("created", waiting.track_id)
    answer = await operator.operations.Republish(operations_pb2.RepublishRequest(), metadata=operator.metadata)
    assert answer.published >= 2
    assert await ada.facts.until("uploaded", track.track_id, 2) == track
    assert await ada.facts.until("created", waiting.track_id, 2) == waiting


async def _rename(person: Person, track_id: str, title: str, paths: Sequence[str] = ("title",)) -> ingest_pb2.Track:
    request = ingest_pb2.UpdateTrackRequest(
        track=ingest_pb2.Track(track_id=track_id, title=title), update_mask=FieldMask(paths=paths)
    )
    answer: ingest_pb2.Track = await person.tracks.UpdateTrack(request, metadata=person.metadata)
    return answer


async def _download(
    person: Person, track_id: str, file: "ingest_pb2.TrackFile.ValueType"
) -> ingest_pb2.GetDownloadUrlResponse:
    request = ingest_pb2.GetDownloadUrlRequest(track_id=track_id, file=file)
    answer: ingest_pb2.GetDownloadUrlResponse = await person.tracks.GetDownloadUrl(request, metadata=person.metadata)
    return answer


async def _peaks(person: Person, track_id: str, points: int) -> ingest_pb2.Waveform:
    request = ingest_pb2.GetWaveformRequest(track_id=track_id, points=points)
    answer: ingest_pb2.Waveform = await person.tracks.GetWaveform(request, metadata=person.metadata)
    return answer
