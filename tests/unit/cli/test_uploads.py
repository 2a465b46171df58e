"""Uploads: which bytes go where, and what happens when they don't arrive."""

from pathlib import Path

import httpx
import pytest
from puremusic.ingest.v1.ingest_pb2 import (
    TRACK_STATUS_AWAITING_UPLOAD,
    TRACK_STATUS_CHECKING,
    CreateTrackResponse,
    Track,
    Upload,
)

from cli.client import Refused, Unavailable, tracks
from cli.client.tracks import Wish
from cli.client.uploads import Span, measure, spans
from tests.unit.cli.scripted import Answer, Script, answer, broken

STORE = "http://store.test"
CREATE, TRACK = "/api/v1/tracks", "/api/v1/tracks/t"
CONTENT = bytes(range(250)) * 4
ARRIVED = lambda _: httpx.Response(200)  # noqa: E731 - an answer like the others


def status(code: int) -> Answer:
    return lambda _: httpx.Response(code, text="<Error/>")


def parts(*numbers: int, signature: str = "") -> Upload:
    missing = [
        Upload.Part(number=number, url=f"{STORE}/{number}{signature}", size_bytes=300 if number < 4 else 100)
        for number in numbers
    ]
    return Upload(track_id="t", parts=Upload.PartsUpload(part_size=300, part_count=4, missing=missing))


FORM = Upload(track_id="t", post=Upload.PostUpload(url=f"{STORE}/bucket", fields={"key": "k", "policy": "p"}))


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.flac"
    path.write_bytes(CONTENT)
    return path


class Sent:
    """How many bytes are through."""

    def __init__(self) -> None:
        self.bytes = 0

    def add(self, more: int) -> None:
        self.bytes += more


async def upload(script: Script, song: Path, *, wish: Wish = Wish()) -> tuple[Track, int]:  # noqa: B008
    sent = Sent()
    async with script.api() as api:
        track = await tracks.upload(api, song, wish, lambda _, __: sent.add)
    return track, sent.bytes


def expect(script: Script, upload: Upload) -> None:
    script.on("POST", CREATE, answer(CreateTrackResponse(track=Track(track_id="t"), upload=upload)))
    script.on("POST", f"{TRACK}:completeUpload", answer(Track(track_id="t", status=TRACK_STATUS_CHECKING)))


async def test_a_file_is_announced_as_it_is(script: Script, song: Path) -> None:
    expect(script, FORM)
    script.on("POST", "/bucket", ARRIVED)
    await upload(script, song, wish=Wish("My song", process=False))
    announced = script.said(CREATE)[0]
    assert announced.pop("idempotencyKey")
    assert announced == {
        "filename": "song.flac", "sizeBytes": "1000", "mimeType": announced["mimeType"], "rightsConfirmed": True,
        "process": False, "title": "My song", "sha256": (await measure(song)).sha256,
    }  # fmt: skip
    assert announced["mimeType"].startswith("audio/")


async def test_a_form_holds_its_fields_before_the_file_and_no_token(script: Script, song: Path) -> None:
    expect(script, FORM)
    script.on("POST", "/bucket", ARRIVED)
    track, sent = await upload(script, song)
    request = script.asked("/bucket")[0]
    body = script.bodies[script.requests.index(request)]
    assert body.index(b'name="policy"') < body.index(b'name="file"')
    assert CONTENT in body
    assert int(request.headers["content-length"]) == len(body)
    assert "authorization" not in request.headers
    assert (track.status, sent) == (TRACK_STATUS_CHECKING, 1000)


async def test_every_part_holds_its_own_bytes_and_says_how_many(script: Script, song: Path) -> None:
    expect(script, parts(1, 2, 3, 4))
    for number in range(1, 5):
        script.on("PUT", f"/{number}", ARRIVED)
    _, sent = await upload(script, song)
    bodies = {
        request.url.path: script.bodies[n] for n, request in enumerate(script.requests) if request.method == "PUT"
    }
    assert bodies == {"/1": CONTENT[:300], "/2": CONTENT[300:600], "/3": CONTENT[600:900], "/4": CONTENT[900:]}
    assert {request.headers["content-length"] for request in script.asked("/4")} == {"100"}
    assert sent == 1000


@pytest.mark.parametrize("trouble", [status(503), status(403), broken(httpx.WriteError)])
async def test_only_parts_that_did_not_arrive_are_sent_again(script: Script, song: Path, trouble: Answer) -> None:
    expect(script, parts(1, 2))
    script.on("PUT", "/1", ARRIVED)
    script.on("PUT", "/2", trouble)
    script.on("GET", f"{TRACK}/upload", answer(parts(2, signature="-fresh")))
    script.on("PUT", "/2-fresh", ARRIVED)
    _, sent = await upload(script, song)
    assert len(script.asked("/1")) == 1
    assert sent == 600


async def test_a_clear_no_is_not_repeated(script: Script, song: Path) -> None:
    expect(script, FORM)
    script.on("POST", "/bucket", status(400))
    with pytest.raises(Refused, match="400"):
        await upload(script, song)
    assert len(script.asked("/bucket")) == 1


async def test_a_store_that_stays_away_is_given_up_and_nothing_is_declared_complete(script: Script, song: Path) -> None:
    expect(script, FORM)
    script.on("POST", "/bucket", status(503))
    script.on("GET", f"{TRACK}/upload", answer(FORM))
    with pytest.raises(Unavailable):
        await upload(script, song)
    assert not script.asked(f"{TRACK}:completeUpload")


async def resume(script: Script, song: Path) -> int:
    sent = Sent()
    async with script.api() as api:
        await tracks.resume(api, "t", song, lambda _, __: sent.add)
    return sent.bytes


async def test_an_upload_goes_on_where_it_broke(script: Script, song: Path) -> None:
    expect(script, parts())
    script.on("GET", TRACK, answer(Track(track_id="t", status=TRACK_STATUS_AWAITING_UPLOAD, size_bytes=1000)))
    script.on("GET", f"{TRACK}/upload", answer(parts(4)))
    script.on("PUT", "/4", ARRIVED)
    assert await resume(script, song) == 1000
    assert len(script.asked(f"{TRACK}:completeUpload")) == 1


@pytest.mark.parametrize(
    ("track", "reason"),
    [
        (Track(status=TRACK_STATUS_AWAITING_UPLOAD, size_bytes=999), "OTHER_FILE"),
        (Track(status=TRACK_STATUS_CHECKING, size_bytes=1000), "UPLOAD_COMPLETE"),
    ],
)
async def test_what_can_not_go_on_is_refused(script: Script, song: Path, track: Track, reason: str) -> None:
    script.on("GET", TRACK, answer(track))
    with pytest.raises(Refused) as refused:
        await resume(script, song)
    assert refused.value.reason == reason


def test_a_part_beyond_the_end_of_the_file_is_refused() -> None:
    assert spans(parts(4).parts, 1000) == [Span(4, f"{STORE}/4", 900, 100)]
    with pytest.raises(Refused, match="not the file"):
        spans(parts(4).parts, 999)
