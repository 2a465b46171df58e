"""Kill -9 in the middle of a job: the job completes all the same, and once, and nothing is computed twice."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.listening import EarlyListener
from tests.e2e.rest import Json, Rest, new_user


def worker_id(mesh: Mesh) -> int:
    process = next(each for each in mesh.supervisor.processes if each.command.name == "separation-work")
    assert process.pid
    return process.pid


def under_way(listener: EarlyListener) -> Iterator[Json]:
    """The separation at every change until it ends; what can be heard of it is heard meanwhile."""
    for update in listener.rest.watch(f"/api/v1/separations/{listener.separation_id}:watch"):
        separation: Json = update["separation"]
        if separation["status"] == "SEPARATION_STATUS_SEPARATING" and separation["playableSeconds"]:
            listener.catch_up()
        yield separation


def begun(mesh: Mesh, folder: Path) -> tuple[Rest, str, str]:
    """Somebody new with a song that is about to be taken apart: who, the track, the separation."""
    rest = new_user(mesh.url)
    song = songs.compose(tempo_bpm=100, seconds=22, seed=7)
    path = songs.write(song.mix, song.sample_rate, folder / "song.flac")
    track = rest.upload(path, process=False)["trackId"]
    rest.settle_one(track)
    return rest, track, rest.post("/api/v1/separations", trackId=track)["separationId"]


def test_a_killed_separation_goes_on_where_it_was_and_completes_once(mesh: Mesh, tmp_path: Path) -> None:
    rest, track, separation = begun(mesh, tmp_path)
    listener = EarlyListener(rest, separation)
    next(each for each in under_way(listener) if listener.pieces)
    killed, checkpoint = worker_id(mesh), listener.reached
    os.kill(killed, signal.SIGKILL)
    seen = list(under_way(listener))
    done = seen[-1]
    assert done["status"] == "SEPARATION_STATUS_COMPLETED", done
    assert done["work"]["attempts"] == 2
    assert worker_id(mesh) != killed

    # What was finished before the fault was heard before it, and is neither computed again nor any different now.
    resumed = [each["work"] for each in seen if each["work"]["attempts"] == 2 and each["work"]["stage"] == "separating"]
    assert min(work["progress"] for work in resumed) >= 0.9 * checkpoint / int(done["stems"][0]["frames"])
    assert {piece.attempt for piece in listener.pieces} == {1, 2}
    listener.assert_heard_what_was_stored()
    assert done["nullTest"]["exact"] is True

    assert [stem["type"] for stem in done["stems"]].count("STEM_TYPE_VOCALS") == 1
    assert len(rest.get(f"/api/v1/tracks/{track}/stems")["stems"]) == 4
    assert len(rest.get("/api/v1/separations")["separations"]) == 1
