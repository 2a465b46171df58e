"""The main job on real music, through every part of the mesh: by REST, by gRPC and by gRPC-Web."""

import hashlib
import io
import json
import subprocess
from dataclasses import dataclass

import grpc
import httpx
import numpy as np
import pytest
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray
from puremusic.ingest.v1 import ingest_pb2, ingest_pb2_grpc

from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.grpc_web import GrpcWeb
from tests.e2e.listening import EarlyListener, samples, stem_samples
from tests.e2e.rest import Json, Rest, new_user
from tests.e2e.waiting import until
from tests.servers import real_music

STEMS = ("vocals", "drums", "bass", "other")
SONG_SECONDS = 16
SDR_FLOORS = {"drums": 9.0, "bass": 2.5, "vocals": 4.0}

TRACKS = "/puremusic.ingest.v1.TracksService"


@dataclass
class Studio:
    """Tracks of one user, taken apart: a clip by REST, an MP3 by gRPC, a synthesised song by gRPC-Web, the clip again."""

    rest: Rest
    clip: str
    mp3: str
    song: str
    twin: str
    jobs: dict[str, Json]
    early: EarlyListener
    """Who heard the song while it was taken apart."""

    def card(self, track_id: str) -> Json:
        return self.rest.get(f"/api/v1/library/{track_id}")

    def separation(self, track_id: str) -> Json:
        return self.rest.get(f"/api/v1/separations/{self.card(track_id)['separationId']}")

    def stem(self, track_id: str, kind: str) -> str:
        return str(next(stem["stemId"] for stem in self.card(track_id)["stems"] if stem["type"] == kind))


@pytest.fixture(scope="module")
def studio(mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    rest = new_user(mesh.url)
    clip = rest.upload(real_music.musdb_clip().flac)["trackId"]
    mp3 = upload_by_grpc(rest, real_music.asc_music_excerpt(8).read_bytes(), "Machine Wars ♫.mp3")
    folder = tmp_path_factory.mktemp("songs")
    song = songs.compose(tempo_bpm=124, tonic=0, mode="major", seconds=SONG_SECONDS, seed=2)
    path = songs.write(song.mix, song.sample_rate, folder / "song.flac")
    web = upload_by_grpc_web(rest, path.read_bytes(), "song.flac")
    twin = rest.upload(real_music.musdb_clip().flac, title="Again")["trackId"]
    early = EarlyListener(rest, "")

    def seen(job: Json) -> None:
        if job["trackId"] == web and job["playableSeconds"]:
            early.separation_id = job["jobId"]
            early.catch_up()

    jobs = rest.settle(jobs=12, seen=seen)
    rest.refined(clip, mp3, web, twin)
    return Studio(rest, clip, mp3, web, twin, jobs, early)


def declaration(name: str, content: bytes) -> ingest_pb2.CreateTrackRequest:
    return ingest_pb2.CreateTrackRequest(
        filename=name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        rights_confirmed=True,
    )


def send(created: ingest_pb2.CreateTrackResponse, content: bytes) -> None:
    post = created.upload.post
    answer = httpx.post(post.url, data=dict(post.fields), files={"file": content})
    assert answer.is_success, answer.text


def upload_by_grpc(rest: Rest, content: bytes, name: str) -> str:
    metadata = (("authorization", f"Bearer {rest.token}"),)
    with grpc.insecure_channel(rest.url.removeprefix("http://")) as channel:
        tracks = ingest_pb2_grpc.TracksServiceStub(channel)
        created = tracks.CreateTrack(declaration(name, content), metadata=metadata)
        send(created, content)
        request = ingest_pb2.CompleteUploadRequest(track_id=created.track.track_id)
        return str(tracks.CompleteUpload(request, metadata=metadata).track_id)


def upload_by_grpc_web(rest: Rest, content: bytes, name: str) -> str:
    web = GrpcWeb(rest.url, rest.token)
    created = web.call(f"{TRACKS}/CreateTrack", declaration(name, content), ingest_pb2.CreateTrackResponse)
    send(created, content)
    request = ingest_pb2.CompleteUploadRequest(track_id=created.track.track_id)
    return web.call(f"{TRACKS}/CompleteUpload", request, ingest_pb2.Track).track_id


def fetch(url: str) -> bytes:
    answer = httpx.get(url, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def sound(content: bytes) -> tuple[NDArray[np.float64], int]:
    pcm, rate = soundfile.read(io.BytesIO(content), dtype="float64", always_2d=True)
    return pcm, rate


def sdr(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Signal-to-distortion ratio in dB, as the MDX challenge defines it."""
    return float(10 * np.log10(np.sum(truth**2) / np.sum((truth - found) ** 2)))


def test_every_job_ended_well(studio: Studio) -> None:
    states = {job["kind"]: job["state"] for job in studio.jobs.values()}
    assert len(studio.jobs) == 12
    assert set(states.values()) == {"JOB_STATE_COMPLETED"}, studio.jobs
    assert set(states) == {"JOB_KIND_IMPORT", "JOB_KIND_SEPARATION", "JOB_KIND_ANALYSIS"}


def test_stems_of_real_music_are_good_and_exactly_as_long(studio: Studio) -> None:
    clip = real_music.musdb_clip()
    for kind, floor in SDR_FLOORS.items():
        answer = studio.rest.get(f"/api/v1/stems/{studio.stem(studio.clip, kind)}/download")
        found, rate = sound(fetch(answer["url"]))
        assert (len(found), rate) == (len(clip.mix), clip.sample_rate)
        assert sdr(clip.stems[kind].astype(np.float64), found) >= floor, kind


def test_what_was_heard_is_true(studio: Studio) -> None:
    analysis = studio.rest.get(f"/api/v1/tracks/{studio.song}/analysis")
    assert analysis["tempo"]["bpm"] == pytest.approx(124, rel=0.04)
    assert (analysis["key"]["name"], analysis["key"]["camelot"]) == ("C major", "8B")
    assert 0 < analysis["tempo"]["confidence"] <= 1
    batch = studio.rest.call(
        "GET", "/api/v1/analyses:batchGet", params={"trackIds": [studio.song, studio.clip, studio.mp3]}
    ).json()
    assert {each["trackId"] for each in batch["analyses"]} == {studio.song, studio.clip, studio.mp3}


def test_all_that_was_heard_is_told_and_drawn(studio: Studio) -> None:
    path = f"/api/v1/tracks/{studio.song}/analysis"
    full, basic = studio.rest.get(path), studio.rest.get(path, view="ANALYSIS_VIEW_BASIC")
    assert {stem["stem"] for stem in full["stems"]} == set(STEMS)
    assert len(full["beats"]["seconds"]) == len(full["beats"]["positions"]) > 8
    assert full["chords"][0]["name"]
    assert not any(basic.get(name) for name in ("beats", "chords", "sections", "passages", "keySections"))
    assert basic["tempo"]["bpm"] == full["tempo"]["bpm"]
    files = {file["kind"]: file for file in studio.rest.get(f"{path}/files")["files"]}
    spectrogram = fetch(files["ANALYSIS_FILE_KIND_SPECTROGRAM"]["url"])
    assert spectrogram.startswith(b"\x89PNG")
    features = fetch(files["ANALYSIS_FILE_KIND_FEATURES"]["url"])
    assert set(json.loads(features)) >= {"mfcc", "chroma"}
    assert int(full["storedBytes"]) == len(spectrogram) + len(features)


def test_a_person_s_word_outlives_what_is_heard_again(studio: Studio) -> None:
    rest, path = studio.rest, f"/api/v1/tracks/{studio.song}/analysis"
    heard = rest.get(path)
    said = {"tempo": {"factor": 0.5}, "downbeatSeconds": 1.0, "key": {"tonic": 9, "mode": "MODE_MINOR"}}
    corrected = rest.ok("PATCH", path, said, params={"updateMask": "tempo,downbeatSeconds,key"})
    assert corrected["tempo"]["bpm"] == pytest.approx(heard["tempo"]["bpm"] / 2)
    assert corrected["tempo"]["confidence"] == 1
    assert (corrected["key"]["name"], corrected["key"]["camelot"]) == ("A minor", "8A")
    assert int(corrected["version"]) > int(heard["version"])

    rest.post(path)
    again = rest.ended(path, "analysis")
    assert again["analysisId"] != heard["analysisId"]
    assert (again["tempo"]["bpm"], again["key"]["name"]) == (corrected["tempo"]["bpm"], "A minor")
    until(lambda: studio.card(studio.song)["key"] == "A minor")

    wrong = {"tempo": {"bpm": 1000}}
    assert rest.refused("PATCH", f"{path}?updateMask=tempo", wrong) == (400, "TEMPO_OUT_OF_RANGE")
    taken_back = rest.ok("PATCH", path, {}, params={"updateMask": "tempo,downbeatSeconds,key"})
    assert "corrections" not in taken_back
    assert (taken_back["tempo"], taken_back["key"]) == (heard["tempo"], heard["key"])
    until(lambda: studio.card(studio.song)["key"] == heard["key"]["name"])


def test_a_card_shows_everything_in_one_call(studio: Studio) -> None:
    cards = studio.rest.get("/api/v1/library", search="machine wars")
    assert cards["total"] == "1"
    card = cards["cards"][0]
    assert card["status"] == "CARD_STATUS_SEPARATED"
    assert card["originalFilename"] == "Machine Wars ♫.mp3"
    heard = studio.rest.get(f"/api/v1/tracks/{studio.mp3}/analysis")  # its first seconds may have no pulse
    assert card.get("tempoBpm") == heard.get("tempo", {}).get("bpm")
    assert studio.card(studio.song)["tempoBpm"] == pytest.approx(124, rel=0.04)
    assert {stem["type"] for stem in card["stems"]} == set(STEMS)


@pytest.mark.parametrize(("form", "subtype"), [("WAV", "PCM_24"), ("MP3", "MPEG_LAYER_III"), ("FLAC", "PCM_24")])
def test_stems_come_in_every_format(studio: Studio, form: str, subtype: str) -> None:
    stem = studio.stem(studio.clip, "vocals")
    answer = studio.rest.get(f"/api/v1/stems/{stem}/download", format=f"AUDIO_FORMAT_{form}")
    with soundfile.SoundFile(io.BytesIO(fetch(answer["url"]))) as file:
        assert (file.frames, file.subtype) == (len(real_music.musdb_clip().mix), subtype)


def test_a_fusion_of_two_tracks_is_made_previewed_and_downloaded(studio: Studio) -> None:
    rest = studio.rest
    fusion = rest.post(
        "/api/v1/fusions",
        title="Falcon over C",
        stems=[
            {"stemId": studio.stem(studio.clip, "vocals"), "gainDb": -2, "pan": 0.2},
            {"trackId": studio.song, "type": "drums"},
            {"trackId": studio.song, "type": "bass", "mute": True},
        ],
    )
    done = rest.ended(f"/api/v1/fusions/{fusion['fusionId']}", "fusion")
    assert done["status"] == "FUSION_STATUS_COMPLETED", done
    assert done["result"]["durationSeconds"] == pytest.approx(SONG_SECONDS, abs=0.001)
    assert done["result"]["truePeakDbtp"] <= -1.0
    assert done["work"]["engineSeconds"] > 0
    preview = httpx.get(
        rest.get(f"/api/v1/fusions/{fusion['fusionId']}/download", format="FUSION_FORMAT_MP3", inline=True)["url"],
        headers={"range": "bytes=0-99"},
    )
    assert (preview.status_code, len(preview.content)) == (206, 100)
    assert preview.headers["content-disposition"].startswith("inline")
    wav = rest.get(f"/api/v1/fusions/{fusion['fusionId']}/download", format="FUSION_FORMAT_WAV")
    assert wav["filename"] == "Falcon over C.wav"
    content = fetch(wav["url"])
    pcm, _ = sound(content)
    assert np.abs(pcm).max() < 1.0
    files = {file["format"]: file for file in done["result"]["files"]}
    assert files["FUSION_FORMAT_WAV"]["sha256"] == hashlib.sha256(content).hexdigest()


def decoded_by_ffmpeg(content: bytes) -> NDArray[np.float32]:
    """Stereo at 44.1 kHz, by another decoder than the one whose library wrote it."""
    command = [get_ffmpeg_exe(), "-v", "error", "-i", "pipe:0", "-f", "f32le", "-ac", "2", "-ar", "44100", "pipe:1"]
    heard = subprocess.run(command, input=content, capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(heard, np.float32).reshape(-1, 2)


def beat_of(channel: NDArray[np.float32]) -> float:
    """The tempo, 100 to 140 BPM, whose beats gather most of what begins: to a quarter of a BPM."""
    power = np.square(channel[: len(channel) // 441 * 441].reshape(-1, 441)).mean(axis=1)
    begins = np.maximum(0.0, np.diff(np.log10(power + 1e-6)))
    seconds = np.arange(1, len(begins) + 1) / 100
    tempi = np.arange(100, 140, 0.25)
    gathered = [abs(np.sum(begins * np.exp(2j * np.pi * seconds * bpm / 60))) for bpm in tempi]
    return float(tempi[int(np.argmax(gathered))])


def test_stems_of_different_songs_are_brought_together(studio: Studio) -> None:
    rest = studio.rest
    stems = [{"trackId": studio.song, "type": "drums", "pan": -1}, {"trackId": studio.mp3, "type": "bass", "pan": 1}]
    match = {"mode": "MATCH_MODE_FULL", "bpm": 118}
    (plan,) = rest.post("/api/v1/fusions:suggest", stems=stems, match=match, count=1)["plans"]
    assert plan["tempoBpm"] == 118
    fusion = rest.post(
        "/api/v1/fusions", stems=stems, match=match, output={"encodings": [{"format": "FUSION_FORMAT_FLAC"}]}
    )
    assert fusion["plan"] == plan
    done = rest.ended(f"/api/v1/fusions/{fusion['fusionId']}", "fusion")
    assert done["status"] == "FUSION_STATUS_COMPLETED", done

    content = fetch(rest.get(f"/api/v1/fusions/{fusion['fusionId']}/download")["url"])
    assert beat_of(decoded_by_ffmpeg(content)[:, 0]) == pytest.approx(118, abs=0.5)

    receipt = rest.get(f"/api/v1/fusions/{fusion['fusionId']}/receipt")["receipt"]
    again = rest.post("/api/v1/fusions:fromReceipt", receipt=receipt)
    done_again = rest.ended(f"/api/v1/fusions/{again['fusionId']}", "fusion")
    assert done_again["result"]["files"] == done["result"]["files"]


def test_tracks_are_compared(studio: Studio) -> None:
    path = f"/api/v1/tracks/{studio.clip}/compatibility"
    ranked = studio.rest.get(path)["tracks"]
    assert {each["otherTrackId"] for each in ranked} == {studio.mp3, studio.song, studio.twin}
    scores = [each["score"] for each in ranked]
    assert scores == sorted(scores, reverse=True)
    one = studio.rest.get(f"{path}/{studio.song}")
    assert one["score"] in scores
    assert all(reason["message"] for reason in one["reasons"])


def test_a_fusion_can_be_revised_rated_and_deleted(studio: Studio) -> None:
    rest = studio.rest
    stems = [{"trackId": studio.clip, "type": "drums"}]
    first = rest.post("/api/v1/fusions", stems=stems)
    rest.ended(f"/api/v1/fusions/{first['fusionId']}", "fusion")
    second = rest.post("/api/v1/fusions", stems=stems, parentFusionId=first["fusionId"])
    assert (second["revision"], second["parentFusionId"]) == (2, first["fusionId"])
    rest.ended(f"/api/v1/fusions/{second['fusionId']}", "fusion")
    rated = rest.post(f"/api/v1/fusions/{first['fusionId']}:rate", stars=4, comment="good")
    assert rated["rating"] == {"stars": 4, "comment": "good"}
    rest.ok("DELETE", f"/api/v1/fusions/{first['fusionId']}")
    assert rest.refused("GET", f"/api/v1/fusions/{first['fusionId']}") == (404, "FUSION_NOT_FOUND")


def test_the_same_separation_is_never_made_twice(studio: Studio) -> None:
    there = studio.card(studio.clip)["separationId"]
    for wish in ({}, {"model": "htdemucs"}, {"quality": "QUALITY_STANDARD"}):
        assert studio.rest.post("/api/v1/separations", trackId=studio.clip, **wish)["separationId"] == there


def test_the_same_audio_is_computed_once(studio: Studio) -> None:
    separations = studio.separation(studio.clip), studio.separation(studio.twin)
    assert sorted(separation["reused"] for separation in separations) == [False, True]
    assert min(separation["work"]["engineSeconds"] for separation in separations) == 0
    first, again = ({stem["type"]: stem for stem in separation["stems"]} for separation in separations)
    assert {kind: stem["sha256"] for kind, stem in first.items()} == {
        kind: stem["sha256"] for kind, stem in again.items()
    }
    assert not {stem["stemId"] for stem in first.values()} & {stem["stemId"] for stem in again.values()}


def test_stems_and_residual_are_the_track_bit_for_bit(studio: Studio) -> None:
    separation = studio.separation(studio.clip)
    assert separation["nullTest"]["exact"] is True
    assert separation["nullTest"]["depthDb"] > 20
    original = studio.rest.get(f"/api/v1/tracks/{studio.clip}/download", file="TRACK_FILE_ORIGINAL")
    parts = [stem_samples(studio.rest, stem) for stem in (*separation["stems"], separation["residual"])]
    assert len(parts) == 5
    assert np.array_equal(sum(parts), samples(fetch(original["url"])))


def test_stems_are_heard_while_the_rest_is_made(studio: Studio) -> None:
    assert len(studio.early.pieces) >= 2
    assert set(studio.early.pieces[0].stems) == {f"STEM_TYPE_{kind.upper()}" for kind in STEMS}
    studio.early.assert_heard_what_was_stored()
    assert studio.card(studio.song)["playableSeconds"] == SONG_SECONDS


def test_a_waveform_shows_the_song(studio: Studio) -> None:
    waveform = studio.rest.get(f"/api/v1/tracks/{studio.clip}/waveform", points=100)
    assert len(waveform["minima"]) == len(waveform["maxima"]) == 100
    assert max(waveform["maxima"]) > 1000


def test_usage_adds_up(studio: Studio) -> None:
    usage = studio.rest.get("/api/v1/usage")
    assert int(usage["tracks"]) == 4
    assert usage["engineSeconds"] > 0
    assert int(usage["storedBytes"]) > 100_000
