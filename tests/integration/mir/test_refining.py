"""A track is heard again when there are stems, and what a person said outlives that."""

import uuid
from collections.abc import Mapping

import numpy as np
import pytest
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2 as pb

from deploy.local.waiting import until
from tests import songs
from tests.integration.mir.running import Mir, User, silence
from tests.integration.service import Pcm

SECONDS = 120
SONG = songs.compose(tempo_bpm=104, tonic=9, mode="minor", seconds=14)


def new_id() -> str:
    """The id of something new."""
    return str(uuid.uuid4())


def heard_with(user: User, track: ingest_pb2.Track, keys: Mapping[str, str]) -> pb.Analysis:
    """The analysis, once it knows these stems."""
    assert until(lambda: user.stems_listened_to(track) == keys, SECONDS)
    return user.ended(track)


@pytest.fixture(scope="module")
def stems() -> dict[str, Pcm | None]:
    """As a separation leaves them: as long as the track."""
    return {"drums": SONG.mix, "bass": SONG.mix}


def test_stems_have_a_track_heard_again_and_what_was_heard_stands_meanwhile(
    listening: Mir, ada: User, stems: dict[str, Pcm | None]
) -> None:
    track, separation = ada.track(SONG.mix, SONG.sample_rate), new_id()
    ada.analyse(track)
    first = ada.ended(track)
    keys = ada.separated(track, stems, separation, SONG.sample_rate)
    second = heard_with(ada, track, keys)

    assert second.analysis_id != first.analysis_id
    assert (first.source, second.source) == (pb.ANALYSIS_SOURCE_MIX, pb.ANALYSIS_SOURCE_STEMS)
    assert {stem.stem for stem in second.stems} == set(stems)
    assert second.status == pb.ANALYSIS_STATUS_COMPLETED
    assert second.work.bytes_read > first.work.bytes_read
    changes = listening.changes(second.analysis_id)
    assert [verb for verb, _ in changes] == ["pending", "analysing", "completed"]
    assert [fact.analysis.tempo for _, fact in changes[:2]] == [first.tempo] * 2, "it is never forgotten between"

    ada.separated(track, stems, separation, SONG.sample_rate)
    assert ada.separated(track, {}, new_id()) == {}
    last = ada.track()
    listening.service.tell_track("uploaded", last, 3)
    assert until(lambda: bool(ada.present(last)), SECONDS)
    assert ada.present(track)[track.track_id].analysis_id == second.analysis_id, "stems that are known are no news"


def test_stems_that_went_meanwhile_leave_what_was_heard(listening: Mir, ada: User) -> None:
    track = ada.track(SONG.mix, SONG.sample_rate)
    ada.analyse(track)
    first = ada.ended(track)
    keys = ada.separated(track, {"drums": None}, new_id())
    second = heard_with(ada, track, keys)

    assert second.status == pb.ANALYSIS_STATUS_COMPLETED
    assert (second.tempo, second.key, second.source) == (first.tempo, first.key, first.source)


def test_stems_that_come_while_the_track_is_heard_are_heard_at_once(listening: Mir, ada: User) -> None:
    track = ada.track(np.tile(SONG.mix, (5, 1)), SONG.sample_rate)
    analysis = ada.analyse(track)
    next(each for each in ada.watch(track) if each.work.stage == "analysing")
    keys = ada.separated(track, {"drums": silence()}, new_id())
    done = heard_with(ada, track, keys)

    assert (done.analysis_id, done.status) == (analysis.analysis_id, pb.ANALYSIS_STATUS_COMPLETED)
    states = listening.states(done.analysis_id)
    assert states == ["pending", "analysing", "pending", "analysing", "completed"]


def test_what_a_person_said_is_true_of_every_later_analysis(listening: Mir, ada: User) -> None:
    track = ada.track(SONG.mix, SONG.sample_rate)
    ada.analyse(track)
    first = ada.ended(track)
    said = ada.correct(track, tempo={"factor": 2}, key={"tonic": 0, "mode": pb.MODE_MAJOR})
    assert said.tempo.bpm == pytest.approx(2 * first.tempo.bpm)
    assert (said.version, said.analysis_id) == (first.version + 1, first.analysis_id)
    assert listening.changes(first.analysis_id)[-1][1].analysis.tempo == said.tempo

    ada.analyse(track)
    again = ada.ended(track)
    assert again.analysis_id != first.analysis_id
    assert again.tempo.bpm == said.tempo.bpm
    assert (again.tempo.confidence, again.key.name, again.key.camelot) == (1, "C major", "8B")

    heard = ada.correct(track, "tempo", "key")
    assert (heard.tempo.bpm, heard.key.name) == (first.tempo.bpm, first.key.name)
