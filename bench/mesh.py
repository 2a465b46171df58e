"""`python -m bench.mesh`: what the mesh costs around the music. One 30-second song, each job alone on an idle machine.

Prints start-up seconds (from nothing, and again), then per job the seconds from request to result, the seconds of computing
and the difference, which is what the mesh adds; then the peak memory of each process.
"""

import platform
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.local.door import mesh_bootstrap
from deploy.local.home import Home
from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.rest import Rest, new_user
from tests.servers.backing import throw_away_home
from tests.servers.mesh import WEIGHTS

SECONDS = 30
LIMIT = 1.5
"""Seconds that the mesh may add to a job."""

Json = dict[str, Any]


def main() -> None:
    """Run the bench and print."""
    print(f"machine: {_processor()}, Python {platform.python_version()}\n")
    with throw_away_home() as home, tempfile.TemporaryDirectory() as folder:
        (home.root / "weights").symlink_to(WEIGHTS.resolve())
        song = songs.compose(tempo_bpm=124, seconds=SECONDS, seed=2)
        path = songs.write(song.mix, song.sample_rate, Path(folder) / "song.flac")
        first = _running(home, lambda mesh: mesh.seconds)
        jobs, memory, again = _running(home, lambda mesh: _measured(mesh, path))
    print(f"start-up, from nothing {first:6.1f} s\nstart-up, again        {again:6.1f} s\n")
    _print_jobs(jobs)
    print("\npeak memory, MB")
    for name, size in sorted(memory.items(), key=lambda each: -each[1]):
        print(f"  {name:<18}{size / 1e6:8.0f}")


def _running(home: Home, measure: Callable[[Mesh], Any]) -> Any:
    with home, Mesh(home, mesh_bootstrap, prefer_usual_ports=False) as mesh:
        mesh.wait_workers()  # models load in the background; a job that waited for one would tell nothing about the mesh
        return measure(mesh)


def _measured(mesh: Mesh, path: Path) -> tuple[list[tuple[str, Json]], dict[str, int], float]:
    rest = new_user(mesh.url)
    track = rest.upload(path, process=False)["trackId"]
    jobs = [("import", rest.settle_one(track)["work"])]
    jobs += [("separation", _ended(rest, rest.post("/api/v1/separations", trackId=track)["separationId"]))]
    jobs += [("analysis", _ended(rest, rest.post(f"/api/v1/tracks/{track}/analysis")["analysisId"]))]
    stems = [{"trackId": track, "type": kind} for kind in ("vocals", "drums", "bass", "other")]
    jobs += [("fusion", _ended(rest, rest.post("/api/v1/fusions", stems=stems)["fusionId"]))]
    return jobs, dict(mesh.peak_memory_bytes), mesh.seconds


def _ended(rest: Rest, job_id: str) -> Json:
    work: Json = rest.settle_one(job_id)["work"]
    return work


def _print_jobs(jobs: list[tuple[str, Json]]) -> None:
    print(f"one {SECONDS}-second song, seconds\n  {'job':<12}{'whole':>8}{'engine':>8}{'added':>8}")
    for kind, work in jobs:
        whole = _moment(work["finishTime"]) - _moment(work["createTime"])
        added = whole - work["engineSeconds"]
        verdict = "" if added <= LIMIT else f"  more than {LIMIT} s"
        print(f"  {kind:<12}{whole:8.2f}{work['engineSeconds']:8.2f}{added:8.2f}{verdict}")


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


if __name__ == "__main__":
    main()
