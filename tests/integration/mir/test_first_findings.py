"""Tempo and key can be read while the chords are still being listened for."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2 as pb

from deploy.local.ports import LOOPBACK
from deploy.local.process import Process
from deploy.local.waiting import answers_ok
from tests import songs
from tests.integration.mir.running import Mir, User
from tests.integration.service import READY_SECONDS

SONG = songs.compose(tempo_bpm=104, tonic=9, mode="minor", seconds=14)


@dataclass(frozen=True)
class Waiting:
    """A worker that hears no chords before the gate is opened."""

    process: Process
    gate: Path

    def open_gate(self) -> None:
        """Let it hear the chords of one track."""
        self.gate.open("w").close()


@pytest.fixture
def waiting(mir: Mir, tmp_path: Path) -> Iterator[Waiting]:
    """It begins with what other modules left pending, of which none comes as far as its chords."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    argv = (sys.executable, "-m", "tests.integration.mir.waiting_worker", str(gate))
    process = mir.service.supervisor.start(replace(mir.service.command("work", "waiting"), argv=argv))
    process.wait_ready(lambda: answers_ok(LOOPBACK, mir.service.http_port("work"), "/ready"), READY_SECONDS)
    yield Waiting(process, gate)
    mir.service.supervisor.stop([process.command.name])


def first_findings(user: User) -> tuple[ingest_pb2.Track, pb.Analysis]:
    """A track, and what is heard of it before its chords."""
    track = user.track(SONG.mix, SONG.sample_rate)
    user.analyse(track)
    return track, next(each for each in user.watch(track) if each.provisional)


def test_tempo_and_key_are_read_before_the_chords_are_there(mir: Mir, ada: User, waiting: Waiting) -> None:
    track, told = first_findings(ada)
    first = ada.heard(track)
    assert (told.status, first.status) == (pb.ANALYSIS_STATUS_ANALYSING, pb.ANALYSIS_STATUS_ANALYSING)
    assert (first.provisional, first.source) == (True, pb.ANALYSIS_SOURCE_MIX)
    assert first.tempo.bpm == pytest.approx(104, rel=0.02)
    assert (first.key.name, first.time_signature.numerator) == ("A minor", 4)
    assert first.beats.seconds
    assert first.loudness.HasField("integrated_lufs")
    assert not first.chords
    assert not first.sections
    assert not first.absences, "they are not absent but not heard yet"
    assert ada.present(track)[track.track_id].tempo == told.tempo

    said = ada.correct(track, tempo={"factor": 2})
    assert said.provisional
    assert said.tempo.bpm == pytest.approx(2 * first.tempo.bpm)

    waiting.open_gate()
    assert not ada.ended(track).provisional
    whole = ada.heard(track)
    assert whole.status == pb.ANALYSIS_STATUS_COMPLETED
    assert whole.chords
    assert whole.tempo.bpm == said.tempo.bpm, "a person's word holds"
    assert whole.key.name == "A minor"
    changes = mir.changes(whole.analysis_id)
    assert [verb for verb, _ in changes] == ["pending", "analysing", "analysing", "analysing", "completed"]
    assert [fact.analysis.provisional for _, fact in changes] == [False, False, True, True, False]


def test_first_findings_outlive_the_worker_that_heard_them(mir: Mir, ada: User, waiting: Waiting) -> None:
    track, told = first_findings(ada)
    waiting.process.kill()
    after = ada.heard(track)
    assert after.provisional
    assert (after.tempo.bpm, after.key.name) == (told.tempo.bpm, told.key.name)

    another = mir.service.start("work", "another")
    done = ada.ended(track)
    mir.service.supervisor.stop([another.command.name])
    assert (done.status, done.work.attempts) == (pb.ANALYSIS_STATUS_COMPLETED, 2)
    assert not done.provisional
    assert mir.states(done.analysis_id) == ["pending", "analysing", "completed"]


def test_what_was_heard_before_is_not_replaced_by_first_findings(mir: Mir, ada: User, waiting: Waiting) -> None:
    track, _ = first_findings(ada)
    waiting.open_gate()
    ada.ended(track)
    before = ada.heard(track)
    ada.analyse(track)
    waiting.open_gate()  # returns when the chords are about to be heard: first findings would have been told
    meanwhile = ada.heard(track)
    assert not meanwhile.provisional
    assert meanwhile.chords == before.chords
    verbs = mir.service.verbs("analysis", ada.ended(track).analysis_id)
    assert verbs == ["pending", "analysing", "completed"]
