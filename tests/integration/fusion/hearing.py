"""What mir says about composed songs: the truth."""

import uuid

from puremusic.mir.v1 import mir_pb2

from tests.songs import Song

MODES = {"major": mir_pb2.MODE_MAJOR, "minor": mir_pb2.MODE_MINOR}
BEATS_PER_BAR = 4


def analysis_of(song: Song, track_id: str, stem_lufs: float = -20.0) -> mir_pb2.Analysis:
    """Return the truth about a song as mir would tell it, had it heard everything; but for the loudness of its stems."""
    truth, seconds = song.truth, len(song.mix) / song.sample_rate
    downbeats = set(truth.downbeats)
    first = next(number for number, beat in enumerate(truth.beats) if beat in downbeats)
    whole = mir_pb2.Span(start_seconds=0, end_seconds=seconds)
    return mir_pb2.Analysis(
        analysis_id=str(uuid.uuid4()),
        track_id=track_id,
        status=mir_pb2.ANALYSIS_STATUS_COMPLETED,
        source=mir_pb2.ANALYSIS_SOURCE_STEMS,
        duration_seconds=seconds,
        tempo=mir_pb2.Tempo(bpm=truth.tempo_bpm, confidence=1, steady=True),
        time_signature=mir_pb2.TimeSignature(numerator=BEATS_PER_BAR, denominator=4, confidence=1),
        beats=mir_pb2.Beats(
            seconds=truth.beats,
            positions=[(number - first) % BEATS_PER_BAR + 1 for number in range(len(truth.beats))],
            confidence=1,
            downbeat_confidence=1,
        ),
        key=mir_pb2.Key(tonic=truth.tonic, mode=MODES[truth.mode], confidence=1),
        tuning_cents=truth.cents,
        stems=[
            mir_pb2.StemFindings(stem=name, active=[whole], loudness=mir_pb2.Loudness(integrated_lufs=stem_lufs))
            for name in ("vocals", "drums", "bass", "other")
        ],
        version=3,
    )
