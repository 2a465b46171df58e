"""Commands as a shell sees them: what is on stdout, what is not, and the exit code."""

import functools
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import ParseDict
from puremusic.auth.v1 import auth_pb2
from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.job.v1 import job_pb2
from typer.testing import CliRunner, Result

from cli import desk
from cli.app import app
from cli.client import Api, KeptSession, SessionFile
from tests.unit.cli.scripted import EMAIL, URL, Script, answer, refusal, stream

FUSION = "7913fbd8-0000-4000-8000-000000000001"
SONG = "1f0792a3-0000-4000-8000-000000000001"


class Shell:
    """Runs commands of somebody who is signed in."""

    def __init__(self, script: Script, session: Path) -> None:
        self.script = script
        self.store = SessionFile(session)
        self._environment = {"PUREMUSIC_SESSION_FILE": str(session), "PUREMUSIC_URL": "", "PUREMUSIC_API_KEY": ""}

    def run(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, list(words), input=typed, env=self._environment)

    def json(self, *words: str, typed: str = "") -> tuple[int, Any]:
        result = self.run(*words, "--json", typed=typed)
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def shell(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    scripted = functools.partial(Api, transport=httpx.MockTransport(script.handle), pause=script.pause)
    monkeypatch.setattr(desk, "Api", scripted)
    made = Shell(script, tmp_path / "session.json")
    made.store.save(KeptSession(URL, EMAIL, "refresh-1"))
    return made


def test_json_is_one_document_in_the_contracts_names(shell: Shell) -> None:
    card = gateway_pb2.TrackCard(track_id=SONG, title="Ünï [bold]", tempo_bpm=96.0, size_bytes=7)
    shell.script.on("GET", "/api/v1/library", answer(gateway_pb2.ListCardsResponse(cards=[card])))
    code, document = shell.json("tracks", "--search", "ü", "--order", "tempo")
    assert code == 0
    assert document["tracks"][0]["title"] == "Ünï [bold]"
    assert document["tracks"][0]["sizeBytes"] == "7"
    asked = shell.script.asked("/api/v1/library")[0].url.params
    assert (asked["search"], asked["order"]) == ("ü", "CARD_ORDER_TEMPO")


def test_a_table_shows_titles_as_they_are_and_nothing_that_moves_a_cursor(shell: Shell) -> None:
    card = gateway_pb2.TrackCard(track_id=SONG, title="[bold]x[/bold]\x1b[2J", status=gateway_pb2.CARD_STATUS_SEPARATED)
    shell.script.on("GET", "/api/v1/library", answer(gateway_pb2.ListCardsResponse(cards=[card])))
    shown = shell.run("tracks").stdout
    assert "[bold]x[/bold]" in shown
    assert "\x1b" not in shown
    assert "1f0792a3" in shown


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [(401, 16, 3), (404, 5, 4), (400, 3, 5), (403, 7, 5), (429, 8, 6), (503, 14, 7)],
)
def test_errors_have_exit_codes_and_are_json_where_json_is_wanted(
    shell: Shell, status: int, code: int, exit_code: int
) -> None:
    shell.script.on("GET", "/api/v1/usage", refusal(status, code, "SOME_REASON", limit="3"))
    got, document = shell.json("usage")
    assert got == exit_code
    assert document["error"]["reason"] == "SOME_REASON"
    assert document["error"]["metadata"] == {"limit": "3"}
    plain = shell.run("usage")
    assert (plain.exit_code, plain.stdout) == (exit_code, "")
    assert "SOME_REASON" in plain.stderr


def test_nobody_signed_in_is_3(shell: Shell) -> None:
    shell.store.forget()
    assert shell.json("usage")[0] == 3


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["upload", "not-there.wav"],
        ["tracks", "--order", "sideways"],
        ["fuse", "a-vocals"],
        ["separate", SONG, "--stems", "flute"],
        ["separate", SONG, "--stems", "residual"],
        ["separate", SONG, "--stem-model", "vocals"],
        ["separate", SONG, "--stem-model", "flute=htdemucs"],
        ["separate", SONG, "--quality", "perfect"],
    ],
)
def test_wrong_usage_is_2_and_asks_nobody(shell: Shell, words: list[str]) -> None:
    assert shell.run(*words).exit_code == 2
    assert not shell.script.requests


def test_login_keeps_the_session_and_shows_no_secret(shell: Shell) -> None:
    session = auth_pb2.Session(access_token="aaa", refresh_token="rrr", user=auth_pb2.User(email=EMAIL))
    shell.script.on("POST", "/api/v1/auth/login", answer(session))
    result = shell.run("--url", f"{URL}/", "login", "-e", EMAIL, "--password-stdin", typed="secret word\n")
    assert result.exit_code == 0
    assert shell.store.load() == KeptSession(URL, EMAIL, "rrr")
    assert shell.script.said("/api/v1/auth/login") == [{"email": EMAIL, "password": "secret word"}]
    assert not any(secret in result.output for secret in ("aaa", "rrr", "secret word"))


def test_registering_accepts_the_version_of_the_terms_that_holds(shell: Shell) -> None:
    session = auth_pb2.Session(access_token="a", refresh_token="r", user=auth_pb2.User(email=EMAIL))
    unread = refusal(400, 9, "TERMS_NOT_ACCEPTED", terms_version="2026-11")
    shell.script.on("POST", "/api/v1/auth/register", unread, answer(session))
    words = ("register", "-e", EMAIL, "--password-stdin")
    assert shell.run(*words, "--accept-terms", typed="secret word\n").exit_code == 0
    assert shell.script.said("/api/v1/auth/register")[1]["acceptedTermsVersion"] == "2026-11"


def test_registering_without_accepting_the_terms_is_refused(shell: Shell) -> None:
    shell.script.on("POST", "/api/v1/auth/register", refusal(400, 9, "TERMS_NOT_ACCEPTED", terms_version="1"))
    assert shell.run("register", "-e", EMAIL, "--password-stdin", typed="secret word\n").exit_code == 5


def test_uploading_wants_the_right_to_be_confirmed(shell: Shell, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(b"x")
    result = shell.run("upload", str(song))
    assert result.exit_code == 2
    assert "--i-have-the-right" in result.stderr
    assert not shell.script.requests


def _fusion(status: fusion_pb2.FusionStatus.ValueType) -> fusion_pb2.Fusion:
    return fusion_pb2.Fusion(fusion_id=FUSION, title="Mix", status=status)


def _expect_fusion(script: Script, ended: job_pb2.JobState.ValueType) -> None:
    tracks = ingest_pb2.ListTracksResponse(tracks=[ingest_pb2.Track(track_id=SONG, title="Song")])
    script.on("GET", "/api/v1/tracks", answer(tracks))
    script.on("POST", "/api/v1/fusions", answer(_fusion(fusion_pb2.FUSION_STATUS_PENDING)))
    script.on("GET", f"/api/v1/fusions/{FUSION}", answer(_fusion(fusion_pb2.FUSION_STATUS_COMPLETED)))
    job = gateway_pb2.Job(job_id=FUSION, kind=gateway_pb2.JOB_KIND_FUSION, state=ended, status="over", title="Mix")
    if ended == job_pb2.JOB_STATE_FAILED:
        job.work.failure.reason = "OUT_OF_MEMORY"
    snapshot = gateway_pb2.WatchJobsResponse(snapshot=gateway_pb2.WatchJobsResponse.Snapshot(jobs=[job]))
    script.on("GET", "/api/v1/jobs:watch", stream(snapshot))
    script.on("GET", "/api/v1/jobs", answer(gateway_pb2.ListJobsResponse()))


def test_fusing_names_stems_by_track_and_type_and_waits(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    code, document = shell.json("fuse", "Song:vocals@-3dB@L50", "1f07:bass@mute", "--title", "Mix")
    assert (code, document["status"]) == (0, "FUSION_STATUS_COMPLETED")
    asked = shell.script.said("/api/v1/fusions")[0]
    assert asked["stems"] == [
        {"trackId": SONG, "type": "vocals", "gainDb": -3.0, "pan": -0.5},
        {"trackId": SONG, "type": "bass", "mute": True},
    ]
    assert asked["idempotencyKey"]


def test_a_job_that_failed_is_1_and_says_why(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_FAILED)
    result = shell.run("fuse", "Song:vocals")
    assert result.exit_code == 1
    assert "OUT_OF_MEMORY" in result.stderr


def test_no_wait_waits_for_nothing(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    code, document = shell.json("fuse", "Song:vocals", "--no-wait")
    assert (code, document["status"]) == (0, "FUSION_STATUS_PENDING")
    assert not shell.script.asked("/api/v1/jobs:watch")


def test_watching_in_json_is_a_line_for_each_change(shell: Shell) -> None:
    running = gateway_pb2.Job(job_id="j", state=job_pb2.JOB_STATE_RUNNING, version=1)
    over = gateway_pb2.Job(job_id="j", state=job_pb2.JOB_STATE_CANCELLED, version=2)
    snapshot = gateway_pb2.WatchJobsResponse(snapshot=gateway_pb2.WatchJobsResponse.Snapshot(jobs=[running]))
    shell.script.on("GET", "/api/v1/jobs:watch", stream(snapshot, gateway_pb2.WatchJobsResponse(job=over)))
    old = gateway_pb2.Job(job_id="old", state=job_pb2.JOB_STATE_FAILED)
    shell.script.on("GET", "/api/v1/jobs", answer(gateway_pb2.ListJobsResponse(jobs=[old])))
    result = shell.run("jobs", "--watch", "--json")
    assert [json.loads(line)["version"] for line in result.stdout.splitlines()] == ["1", "2"]
    assert result.exit_code == 1


def test_a_download_never_overwrites_what_nobody_named(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Mix.wav").write_bytes(b"mine")
    address = fusion_pb2.GetDownloadUrlResponse(url="http://store.test/o", filename="Mix.wav", size_bytes=5)
    shell.script.on("GET", f"/api/v1/fusions/{FUSION}/download", answer(address))
    shell.script.on("GET", "/o", lambda _: httpx.Response(200, content=b"music"))
    assert shell.json("download", FUSION)[1]["error"]["reason"] == "FILE_EXISTS"
    assert (tmp_path / "Mix.wav").read_bytes() == b"mine"
    assert shell.json("download", FUSION, "-o", "new.mp3") == (0, {"file": "new.mp3", "sizeBytes": "5"})
    formats = [each.url.params.get("format") for each in shell.script.asked(f"/api/v1/fusions/{FUSION}/download")]
    assert formats == [None, "FUSION_FORMAT_MP3"]


def test_all_means_the_stems_that_the_track_has(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    stems = [gateway_pb2.TrackCard.CardStem(stem_id=each, type=each) for each in ("vocals", "piano")]
    shell.script.on("GET", f"/api/v1/library/{SONG}", answer(gateway_pb2.TrackCard(stems=stems)))
    assert shell.json("fuse", "Song:all@-3dB", "--no-wait")[0] == 0
    asked = shell.script.said("/api/v1/fusions")[0]["stems"]
    assert asked == [{"stemId": "vocals", "gainDb": -3.0}, {"stemId": "piano", "gainDb": -3.0}]


def test_all_of_a_track_without_stems_is_refused(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    shell.script.on("GET", f"/api/v1/library/{SONG}", answer(gateway_pb2.TrackCard(title="Song")))
    code, document = shell.json("fuse", "Song:all")
    assert (code, document["error"]["reason"]) == (4, "STEM_NOT_FOUND")


def test_help_names_the_exit_codes() -> None:
    shown = " ".join(CliRunner().invoke(app, ["--help"]).stdout.split())
    assert "3 not signed in" in shown
    assert "7 service unavailable" in shown


def test_a_wish_is_sent_as_it_was_typed(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    words = (
        "--match",
        "full",
        "--bpm",
        "120",
        "--length",
        "16",
        "--format",
        "flac:16",
        "--balance",
        "--semitones",
        "-1",
    )
    assert shell.json("fuse", "Song:vocals@+2st", "1f07:bass", *words, "--preview", "8+4", "--no-wait")[0] == 0
    asked = shell.script.said("/api/v1/fusions")[0]
    assert [stem["semitones"] for stem in asked["stems"]] == [2, -1]
    assert asked["match"] == {"mode": "MATCH_MODE_FULL", "bpm": 120.0}
    assert asked["length"] == {"policy": "LENGTH_POLICY_BARS", "bars": 16}
    assert asked["output"] == {"encodings": [{"format": "FUSION_FORMAT_FLAC", "bits": 16}]}
    assert asked["preview"] == {"startSeconds": 8.0, "durationSeconds": 4.0}
    assert asked["balance"] is True


def test_a_receipt_is_kept_and_makes_the_song_again(shell: Shell, tmp_path: Path) -> None:
    kept, receipt = tmp_path / "receipt.json", {"receipt": 1, "sources": {"a": {"scale_bits": 0}}}
    answered = ParseDict({"receipt": receipt}, fusion_pb2.GetReceiptResponse())
    shell.script.on("GET", f"/api/v1/fusions/{FUSION}/receipt", answer(answered))
    shell.script.on("POST", "/api/v1/fusions:fromReceipt", answer(_fusion(fusion_pb2.FUSION_STATUS_PENDING)))
    assert shell.run("fusion", "receipt", FUSION, "-o", str(kept)).exit_code == 0
    assert json.loads(kept.read_text()) == receipt

    assert shell.json("fuse", "--receipt", str(kept), "--format", "wav", "--no-wait")[0] == 0
    asked = shell.script.said("/api/v1/fusions:fromReceipt")[0]
    assert (asked["receipt"], asked["encodings"]) == (receipt, [{"format": "FUSION_FORMAT_WAV"}])


def test_stems_or_a_receipt_but_not_both(shell: Shell, tmp_path: Path) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text("{")
    for words in ((), ("Song:vocals", "--receipt", str(torn)), ("--receipt", str(torn)), ("--receipt", "not-there")):
        assert shell.run("fuse", *words).exit_code == 2
    assert not shell.script.requests


def test_plans_are_shown_with_what_they_do_and_why(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    plan = fusion_pb2.Plan(rank=1, tempo_bpm=104, key=fusion_pb2.Key(tonic=0, name="C major"))
    plan.cost.total = 1.25
    plan.tracks.add(track_id=SONG, speed=1.04, semitones=-2, cents=3)
    plan.reasons.add(code="WHY", message="Because.")
    plan.collisions.add(role="vocals", share=0.5).spans.add(start_seconds=1, end_seconds=61)
    shell.script.on("POST", "/api/v1/fusions:suggest", answer(fusion_pb2.SuggestFusionResponse(plans=[plan])))
    shown = shell.run("fusion", "suggest", "Song:vocals").stdout
    for words in ("104.0 BPM, C major, cost 1.25", "x1.040, -2 semitones +3 cents", "Because.", "two vocals (50%)"):
        assert words in shown


def test_tracks_are_ranked_by_title(shell: Shell) -> None:
    _expect_fusion(shell.script, job_pb2.JOB_STATE_COMPLETED)
    found = fusion_pb2.Compatibility(track_id=SONG, other_track_id=SONG, score=0.75)
    found.reasons.add(code="WHY", message="Because.")
    path = f"/api/v1/tracks/{SONG}/compatibility"
    shell.script.on("GET", path, answer(fusion_pb2.RankTracksResponse(tracks=[found])))
    shell.script.on("GET", f"{path}/{SONG}", answer(found))
    ranked = shell.run("fusion", "rank", "Song").stdout
    assert all(word in ranked for word in ("Song", "0.75", "Because."))
    assert "0.75" in shell.run("fusion", "compatibility", "Song", "Song").stdout
    assert shell.json("fusion", "compatibility", "Song", "Song", "--roles", "drums, bass")[1]["score"] == 0.75
    assert shell.script.asked(f"{path}/{SONG}")[-1].url.params.get_list("roles") == ["drums", "bass"]


def test_a_fusion_is_renamed_by_its_title(shell: Shell) -> None:
    listed = fusion_pb2.ListFusionsResponse(fusions=[_fusion(fusion_pb2.FUSION_STATUS_COMPLETED)])
    shell.script.on("GET", "/api/v1/fusions", answer(listed))
    renamed = fusion_pb2.Fusion(fusion_id=FUSION, title="Night drive", status=fusion_pb2.FUSION_STATUS_COMPLETED)
    shell.script.on("PATCH", f"/api/v1/fusions/{FUSION}", answer(renamed))

    assert "'Night drive'" in shell.run("fusion", "rename", "Mix", "Night drive").stdout
    (asked,) = shell.script.asked(f"/api/v1/fusions/{FUSION}")
    assert asked.url.params["updateMask"] == "title"
    assert shell.script.said(f"/api/v1/fusions/{FUSION}") == [{"title": "Night drive"}]
