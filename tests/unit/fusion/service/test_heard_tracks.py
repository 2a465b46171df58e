"""What mir tells of a track is what planning knows of it."""

import pytest
from puremusic.mir.v1 import mir_pb2

from services.fusion.mir_client import to_track
from services.fusion.mixing.planning.material import Key, Section, Span, StemFacts, Track


def test_all_that_was_heard_arrives() -> None:
    analysis = mir_pb2.Analysis(
        analysis_id="a",
        version=7,
        track_id="t",
        duration_seconds=12.5,
        tempo=mir_pb2.Tempo(bpm=120, confidence=0.75),
        beats=mir_pb2.Beats(seconds=[0.5, 1.0], positions=[1, 2]),
        time_signature=mir_pb2.TimeSignature(numerator=3, denominator=4),
        key=mir_pb2.Key(tonic=9, mode=mir_pb2.MODE_MINOR, confidence=0.5),
        tuning_cents=-12,
        sections=[mir_pb2.Section(start_seconds=0, end_seconds=6, label="A", bars=3)],
        loudness_lufs=-9,
        stems=[
            mir_pb2.StemFindings(
                stem="vocals",
                loudness=mir_pb2.Loudness(integrated_lufs=-15),
                active=[mir_pb2.Span(start_seconds=1, end_seconds=2)],
            ),
            mir_pb2.StemFindings(stem="bass"),
        ],
    )
    assert to_track(analysis) == Track(
        "t",
        12.5,
        bpm=120.0,
        tempo_confidence=0.75,
        beats=(0.5, 1.0),
        positions=(1, 2),
        beats_per_bar=3,
        key=Key(9, "minor", 0.5),
        tuning_cents=-12.0,
        sections=(Section(Span(0.0, 6.0), "A", 3),),
        loudness_lufs=-9.0,
        stems={"vocals": StemFacts(-15.0, (Span(1.0, 2.0),)), "bass": StemFacts(None, ())},
        analysis_id="a",
        analysis_version=7,
    )


def test_what_was_not_heard_is_not_made_up() -> None:
    assert to_track(mir_pb2.Analysis(track_id="t", duration_seconds=3)) == Track("t", 3.0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "beats", "compound"),
    [(4, 4, 4, False), (3, 4, 3, False), (6, 8, 2, True), (9, 8, 3, True), (3, 8, 3, False), (7, 8, 7, False)],
)
def test_compound_metres_have_fewer_and_longer_beats(
    numerator: int, denominator: int, beats: int, compound: bool
) -> None:
    metre = mir_pb2.TimeSignature(numerator=numerator, denominator=denominator)
    track = to_track(mir_pb2.Analysis(track_id="t", time_signature=metre))
    assert (track.beats_per_bar, track.compound) == (beats, compound)
