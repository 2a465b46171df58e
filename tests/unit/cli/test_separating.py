"""`separate`, `models` and `stems`: what is asked for, what is shown, what is saved."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from google.protobuf.json_format import MessageToJson
from puremusic.gateway.v1 import gateway_pb2
from puremusic.gateway.v1.gateway_pb2 import WatchJobsResponse
from puremusic.job.v1 import job_pb2
from puremusic.separation.v1 import separation_pb2 as pb

from tests.unit.cli.scripted import Answer, Script, answer, refusal, stream
from tests.unit.cli.test_commands import SONG, Shell, shell

__all__ = ["shell"]

SEPARATION = "5e9a7a70-0000-4000-8000-000000000001"
ASKED = "/api/v1/separations"
SHOWN = f"{ASKED}/{SEPARATION}"
SEGMENTS = f"{SHOWN}/segments"


def job(state: job_pb2.JobState.ValueType, version: int, playable: float = 0) -> gateway_pb2.Job:
    return gateway_pb2.Job(
        job_id=SEPARATION,
        kind=gateway_pb2.JOB_KIND_SEPARATION,
        state=state,
        status="separating",
        version=version,
        playable_seconds=playable,
    )


def expect_separation(script: Script, *jobs: gateway_pb2.Job) -> None:
    done = pb.Separation(
        separation_id=SEPARATION,
        status=pb.SEPARATION_STATUS_COMPLETED,
        null_test=pb.NullTest(exact=True, depth_db=41.25),
        reused=True,
    )
    script.on("POST", ASKED, answer(pb.Separation(separation_id=SEPARATION, status=pb.SEPARATION_STATUS_PENDING)))
    script.on("GET", SHOWN, answer(done))
    first, *rest = jobs or (job(job_pb2.JOB_STATE_COMPLETED, 9),)
    snapshot = WatchJobsResponse(snapshot=WatchJobsResponse.Snapshot(jobs=[first]))
    script.on("GET", "/api/v1/jobs:watch", stream(snapshot, *(WatchJobsResponse(job=each) for each in rest)))
    script.on("GET", "/api/v1/jobs", answer(gateway_pb2.ListJobsResponse()))


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ([], {}),
        (["--quality", "best"], {"quality": "QUALITY_BEST"}),
        (["--quality", "draft", "--stems", "vocals"], {"quality": "QUALITY_DRAFT", "stemTypes": ["STEM_TYPE_VOCALS"]}),
        (
            ["--model", "htdemucs_6s", "--stems", "guitar, piano"],
            {"model": "htdemucs_6s", "stemTypes": ["STEM_TYPE_GUITAR", "STEM_TYPE_PIANO"]},
        ),
        (
            ["--stem-model", "vocals=htdemucs_ft", "--stem-model", "drums=hdemucs_mmi"],
            {
                "stemModels": [
                    {"type": "STEM_TYPE_VOCALS", "model": "htdemucs_ft"},
                    {"type": "STEM_TYPE_DRUMS", "model": "hdemucs_mmi"},
                ]
            },
        ),
    ],
)
def test_a_wish_is_passed_on(shell: Shell, words: list[str], wish: dict[str, object]) -> None:
    expect_separation(shell.script)
    assert shell.json("separate", SONG, *words, "--no-wait")[0] == 0
    asked = shell.script.said(ASKED)[0]
    assert asked.pop("idempotencyKey")
    assert asked == {"trackId": SONG, **wish}


def test_the_end_says_whether_the_stems_add_up(shell: Shell) -> None:
    expect_separation(shell.script)
    said = " ".join(shell.run("separate", SONG).stdout.split())
    assert "completed, the same audio was separated before, stems and residual add up to the track exactly" in said
    assert "41.2 dB" in said


def test_what_can_be_played_already_is_shown(shell: Shell) -> None:
    running = job_pb2.JOB_STATE_RUNNING
    expect_separation(shell.script, job(running, 1), job(running, 2, 65.2), job(job_pb2.JOB_STATE_COMPLETED, 3, 90))
    lines = shell.run("separate", SONG).stderr.splitlines()
    assert ["playable" in line for line in lines] == [False, True, False]
    assert "1:05 playable" in lines[1]


def segment(first: int, frames: int) -> pb.Segment:
    stems = [
        pb.SegmentStem(type=kind, url=f"http://store.test/{first}-{kind}", size_bytes=4)
        for kind in (pb.STEM_TYPE_VOCALS, pb.STEM_TYPE_DRUMS)
    ]
    return pb.Segment(first_frame=first, frames=frames, stems=stems)


def expect_early(script: Script, *answers: Answer) -> None:
    """A separation that grows, and ends once the last of these answers about its segments was given."""
    given = asyncio.Event()

    def last(request: httpx.Request) -> httpx.Response:
        given.set()
        return answers[-1](request)

    async def events() -> AsyncIterator[bytes]:
        running, over = job(job_pb2.JOB_STATE_RUNNING, 1, 4), job(job_pb2.JOB_STATE_COMPLETED, 2, 6)
        yield event(WatchJobsResponse(snapshot=WatchJobsResponse.Snapshot(jobs=[running])))
        await asyncio.wait_for(given.wait(), 10)
        yield event(WatchJobsResponse(job=over))

    script.on("GET", SEGMENTS, *answers[:-1], last)
    script.on("GET", "/api/v1/jobs:watch", lambda _: httpx.Response(200, content=events()))
    expect_separation(script)


def event(update: WatchJobsResponse) -> bytes:
    return f"data: {MessageToJson(update, indent=None)}\n\n".encode()


def page(*segments: pb.Segment) -> Answer:
    return answer(pb.ListSegmentsResponse(segments=segments, sample_rate=1000))


def test_finished_pieces_are_saved_in_the_order_of_time_while_the_rest_is_computed(
    shell: Shell, tmp_path: Path
) -> None:
    expect_early(shell.script, page(segment(0, 4000)), page(segment(4000, 2000)), page())
    for path in ("/0-1", "/0-2", "/4000-1", "/4000-2"):
        shell.script.on("GET", path, lambda request: httpx.Response(200, content=request.url.path.encode()))
    folder = tmp_path / "early"
    assert shell.run("separate", SONG, "--early", str(folder)).exit_code == 0
    saved = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.flac")}
    assert saved == {
        "vocals/000000000.flac": "/0-1",
        "drums/000000000.flac": "/0-2",
        "vocals/000004000.flac": "/4000-1",
        "drums/000004000.flac": "/4000-2",
    }
    frames = [request.url.params.get("fromFrame", "0") for request in shell.script.asked(SEGMENTS)]
    assert frames == ["0", "4000", "6000"]


def test_pieces_that_cannot_be_had_do_not_end_the_job(shell: Shell, tmp_path: Path) -> None:
    expect_early(shell.script, refusal(404, 5, "SEPARATION_NOT_FOUND"))
    done = shell.run("separate", SONG, "--early", str(tmp_path))
    assert done.exit_code == 0
    assert "SEPARATION_NOT_FOUND" in done.stderr


def test_a_folder_that_cannot_be_written_to_is_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "vocals").write_text("a file in the way")
    expect_early(shell.script, page(segment(0, 4000)))
    done = shell.run("separate", SONG, "--early", str(tmp_path))
    assert done.exit_code == 2
    assert "vocals" in done.stderr


def test_models_are_shown_with_what_they_cost_and_may(shell: Shell) -> None:
    models = [
        pb.Model(
            name="htdemucs",
            stem_types=[pb.STEM_TYPE_VOCALS, pb.STEM_TYPE_DRUMS],
            present=True,
            verified=True,
            is_default=True,
            license="MIT",
            relative_cost=1,
            qualities=[pb.QUALITY_DRAFT, pb.QUALITY_STANDARD],
        ),
        pb.Model(name="htdemucs_ft", present=True, license="MIT", relative_cost=4, sdr_db=9.0),
        pb.Model(name="htdemucs_6s", license="MIT"),
    ]
    shell.script.on("GET", "/api/v1/models", answer(pb.ListModelsResponse(models=models)))
    rows = [" ".join(line.split()) for line in shell.run("models").stdout.splitlines()[1:]]
    assert rows == [
        "htdemucs (default) yes draft,standard 1x - vocals,drums MIT",
        "htdemucs_ft unverified - 4x 9.0 dB MIT",
        "htdemucs_6s no - - - MIT",
    ]
    assert [model["name"] for model in shell.json("models")[1]["models"]] == [model.name for model in models]


def stem(separation: str, kind: pb.StemType.ValueType) -> pb.Stem:
    return pb.Stem(stem_id=f"{separation}-{kind}", separation_id=separation, type=kind, model="m")


def expect_stems(script: Script, *stems: pb.Stem) -> None:
    in_progress = pb.StemsInProgress(model="htdemucs_6s", stem_types=[pb.STEM_TYPE_PIANO], playable_seconds=7)
    script.on(
        "GET", f"/api/v1/tracks/{SONG}/stems", answer(pb.ListStemsResponse(stems=stems, in_progress=[in_progress]))
    )
    for separation in {each.separation_id for each in stems}:
        residual = stem(separation, pb.STEM_TYPE_RESIDUAL)
        script.on("GET", f"/api/v1/separations/{separation}", answer(pb.Separation(residual=residual)))
        for each in (residual, *stems):
            ending = "wav" if each.type == pb.STEM_TYPE_RESIDUAL else "flac"
            address = pb.DownloadUrl(url=f"http://store.test/{each.stem_id}", filename=f"Song.{ending}", size_bytes=1)
            script.on("GET", f"/api/v1/stems/{each.stem_id}/download", answer(address))
            script.on("GET", f"/{each.stem_id}", lambda _: httpx.Response(200, content=b"x"))


@pytest.mark.parametrize(
    ("separations", "saved"),
    [
        (["one"], ["residual.wav", "vocals.flac"]),
        (["one", "two"], ["one/residual.wav", "one/vocals.flac", "two/residual.wav", "two/vocals.flac"]),
    ],
)
def test_stems_of_several_separations_do_not_overwrite_each_other(
    shell: Shell, tmp_path: Path, separations: list[str], saved: list[str]
) -> None:
    expect_stems(shell.script, *(stem(each, pb.STEM_TYPE_VOCALS) for each in separations))
    folder = tmp_path / "stems"
    done = shell.run("stems", SONG, "--residual", "--download", str(folder))
    assert done.exit_code == 0, done.output
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == saved
    assert "Being made by htdemucs_6s: piano; playable: 0:07" in done.stderr


def test_the_residual_comes_only_when_asked_for(shell: Shell) -> None:
    expect_stems(shell.script, stem("one", pb.STEM_TYPE_GUITAR))
    assert [each["type"] for each in shell.json("stems", SONG)[1]["stems"]] == ["STEM_TYPE_GUITAR"]
