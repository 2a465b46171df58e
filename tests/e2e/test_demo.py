"""`make demo` against a mesh that runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from deploy.local.stack import Mesh
from tests import songs

ROOT = Path(__file__).resolve().parents[2]


def test_two_songs_in_one_song_out(mesh: Mesh, tmp_path: Path) -> None:
    paths = []
    for name, tempo, rate in (("one.wav", 100, 44_100), ("two.ogg", 130, 48_000)):
        song = songs.compose(tempo_bpm=tempo, seconds=6, sample_rate=rate, seed=tempo)
        paths.append(songs.write(song.mix, song.sample_rate, tmp_path / name))
    out, figures = tmp_path / "new.wav", tmp_path / "figures.json"
    words = ["--url", mesh.url, "--a", str(paths[0]), "--b", str(paths[1]), "--stems", "a:drums b:bass@-2dB,vocals"]
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.demo", *words, "--out", str(out), "--json", str(figures)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(out) in done.stdout
    assert str(out.with_suffix(".mp3")) in done.stdout
    assert soundfile.info(out).duration == pytest.approx(6, abs=0.1)
    report = json.loads(figures.read_text())
    assert list(report["stages"]) == ["sign up", "upload", "separate and analyse", "fuse", "download"]
    assert (
        sorted(job["kind"] for job in report["jobs"])
        == ["analysis"] * 2 + ["check"] * 2 + ["fusion"] + ["separation"] * 2
    )
    assert all(job["whole_seconds"] >= job["waiting_seconds"] >= 0 for job in report["jobs"])
    assert all(heard["null_test"]["exact"] for heard in report["heard"])
    assert [heard["duration_seconds"] for heard in report["heard"]] == [pytest.approx(6, abs=0.01)] * 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--stems", "c:drums"], "neither a nor b"),
        (["--stems", "drums"], "TRACK:STEM"),
        (["--a", "one.wav"], "two songs"),
        (["--a", "no.wav", "--b", "no.wav"], "no.wav"),
    ],
)
def test_what_makes_no_sense_is_told_at_once(mesh: Mesh, words: list[str], told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.demo", "--url", mesh.url, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
