"""Kill -9 in the middle of a job: the job completes all the same, and once."""

import os
import signal
from pathlib import Path

from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.rest import Json, Rest, new_user


def worker_id(mesh: Mesh) -> int:
    process = next(each for each in mesh.supervisor.processes if each.command.name == "separation-work")
    assert process.pid
    return process.pid


def wait_until_it_works(rest: Rest, separation: str) -> None:
    """Return once windows are being separated: the load before the fault is real."""
    for update in rest.watch(f"/api/v1/separations/{separation}:watch"):
        work: Json = update["separation"]["work"]
        if work["progress"] > 0.05 and work["stage"] == "separating":
            return
    raise AssertionError("the separation ended before the worker could be killed")


def test_a_killed_separation_completes_once(mesh: Mesh, tmp_path: Path) -> None:
    rest = new_user(mesh.url)
    song = songs.compose(tempo_bpm=100, seconds=30, seed=7)
    path = songs.write(song.mix, song.sample_rate, tmp_path / "song.flac")
    track = rest.upload(path, process=False)["trackId"]
    rest.settle_one(track)
    separation = rest.post("/api/v1/separations", trackId=track)["separationId"]
    wait_until_it_works(rest, separation)
    killed = worker_id(mesh)
    os.kill(killed, signal.SIGKILL)
    done = rest.ended(f"/api/v1/separations/{separation}", "separation")
    assert done["status"] == "SEPARATION_STATUS_COMPLETED", done
    assert done["work"]["attempts"] == 2
    assert worker_id(mesh) != killed
    assert [stem["type"] for stem in done["stems"]].count("STEM_TYPE_VOCALS") == 1
    assert len(rest.get(f"/api/v1/tracks/{track}/stems")["stems"]) == 4
    assert len(rest.get("/api/v1/separations")["separations"]) == 1
