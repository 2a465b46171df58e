"""Mir's worker listens: to songs with known truth, to silence, to what is taken away while it listens."""

import httpx
import numpy as np
import pytest
from puremusic.mir.v1 import mir_pb2 as pb

from deploy.local.waiting import until
from tests import songs
from tests.integration.mir.running import Mir, User, silence
from tests.integration.service import Pcm


def long_song() -> Pcm:
    """Four minutes: the worker is at it for seconds."""
    song = songs.compose(seconds=12, sample_rate=22_050)
    return np.tile(song.mix, (20, 1))


def test_a_song_is_heard_by_itself(listening: Mir, ada: User) -> None:
    song = songs.compose(tempo_bpm=104, tonic=9, mode="minor", seconds=14)
    track = ada.track(song.mix, song.sample_rate)
    listening.service.tell_track("uploaded", track, 3)
    assert until(lambda: bool(ada.present(track)), 30)
    seen = list(ada.watch(track))

    done = seen[-1]
    assert done.status == pb.ANALYSIS_STATUS_COMPLETED
    assert done.tempo.bpm == pytest.approx(104, rel=0.02)
    assert (done.key.tonic, done.key.mode, done.key.name, done.key.camelot) == (9, pb.MODE_MINOR, "A minor", "8A")
    assert 0 < done.tempo.confidence <= 1
    assert 0 < done.key.confidence <= 1
    assert -30 < done.loudness_lufs < -5
    assert abs(done.tuning_cents) < 10
    assert done.duration_seconds == pytest.approx(14, abs=0.5)
    progress = [analysis.work.progress for analysis in seen]
    assert progress == sorted(progress)
    work = done.work
    assert (work.device, work.attempts, work.progress) == ("cpu", 1, 1)
    assert work.engine_seconds > 0
    assert work.bytes_read > 10_000
    changes = listening.changes(done.analysis_id)
    assert [verb for verb, _ in changes] == ["pending", "analysing", "analysing", "completed"]
    assert [fact.analysis.provisional for _, fact in changes] == [False, False, True, False]
    assert [fact.meta.version for _, fact in changes] == [1, 2, 3, 4]
    assert changes[-1][1].analysis.key == done.key
    basic = pb.GetAnalysisRequest(track_id=track.track_id, view=pb.ANALYSIS_VIEW_BASIC)
    assert ada.present(track)[track.track_id] == ada.call("GetAnalysis", basic) == done


def test_silence_has_neither_tempo_nor_key(listening: Mir, ada: User) -> None:
    track = ada.track(silence(3))
    ada.analyse(track)
    done = ada.ended(track)

    assert done.status == pb.ANALYSIS_STATUS_COMPLETED
    assert not any(done.HasField(name) for name in ("tempo", "key", "loudness_lufs", "tuning_cents"))


def test_what_was_drawn_can_be_fetched_and_goes_with_the_track(listening: Mir, ada: User) -> None:
    track = ada.track(silence(2))
    ada.analyse(track)
    done = ada.ended(track)
    answer = ada.call("ListAnalysisFiles", pb.ListAnalysisFilesRequest(track_id=track.track_id))
    files = {file.kind: httpx.get(file.url) for file in answer.files}

    spectrogram, features = files[pb.ANALYSIS_FILE_KIND_SPECTROGRAM], files[pb.ANALYSIS_FILE_KIND_FEATURES]
    assert spectrogram.content.startswith(b"\x89PNG")
    assert spectrogram.headers["content-type"] == "image/png"
    assert set(features.json()) >= {"mfcc", "chroma"}
    assert done.stored_bytes == done.work.bytes_written == sum(len(file.content) for file in files.values())
    assert not listening.service.orphans()

    listening.service.tell_track("deleted", track, 9)
    below = f"{ada.user_id}/{track.track_id}/"
    assert until(lambda: not listening.service.objects(below), 30)


def test_listening_again_replaces_what_was_heard(listening: Mir, ada: User) -> None:
    track = ada.track(silence())
    first = ada.analyse(track)
    ada.ended(track)
    second = ada.analyse(track)

    assert second.analysis_id != first.analysis_id
    assert ada.ended(track).status == pb.ANALYSIS_STATUS_COMPLETED
    assert listening.service.verbs("analysis", first.analysis_id)[-2:] == ["completed", "deleted"]


def test_a_master_that_is_gone_fails_for_good(listening: Mir, ada: User) -> None:
    track = ada.track()
    ada.analyse(track)
    failed = ada.ended(track)

    assert failed.status == pb.ANALYSIS_STATUS_FAILED
    assert failed.work.failure.reason == "TRACK_NOT_FOUND"
    assert "Try again; if it stays gone, delete the song" in failed.work.failure.message
    assert failed.work.attempts == 1


def test_what_is_being_heard_can_be_cancelled_and_deleted(listening: Mir, ada: User, bob: User) -> None:
    song = long_song()
    cancelled, deleted, waiting = ada.track(song), ada.track(song), bob.track(silence())
    first, second = ada.analyse(cancelled), ada.analyse(deleted)
    bob.analyse(waiting)
    next(analysis for analysis in ada.watch(cancelled) if analysis.work.stage == "analysing")
    ada.cancel(cancelled)
    assert ada.ended(cancelled).status == pb.ANALYSIS_STATUS_CANCELLED
    next(analysis for analysis in ada.watch(deleted) if analysis.work.stage == "analysing")
    listening.service.tell_track("deleted", deleted, 9)

    assert bob.ended(waiting).status == pb.ANALYSIS_STATUS_COMPLETED, "the worker goes on with what is next"
    assert not ada.present(deleted)
    assert listening.states(first.analysis_id) == ["pending", "analysing", "cancelled"]
    assert listening.states(second.analysis_id) == ["pending", "analysing", "deleted"]
    assert not listening.service.orphans()
