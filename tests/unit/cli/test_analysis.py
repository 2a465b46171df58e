"""What was heard as a person reads it, and what a person types against it."""

import pytest
from puremusic.mir.v1 import mir_pb2

from cli import corrections
from cli.stem_expressions import ExpressionError
from tests.unit.cli.scripted import answer, refusal
from tests.unit.cli.test_commands import SONG, Shell, shell

__all__ = ["shell"]

PATH = f"/api/v1/tracks/{SONG}/analysis"
HEARD = mir_pb2.Analysis(
    track_id=SONG,
    status=mir_pb2.ANALYSIS_STATUS_COMPLETED,
    source=mir_pb2.ANALYSIS_SOURCE_STEMS,
    tempo=mir_pb2.Tempo(
        bpm=120.5,
        confidence=0.9,
        steady=True,
        candidates=[mir_pb2.TempoCandidate(bpm=120.5), mir_pb2.TempoCandidate(bpm=60.25)],
    ),
    key=mir_pb2.Key(name="F# minor", camelot="11A", confidence=0.75, runner_up=mir_pb2.Key(name="A major")),
    time_signature=mir_pb2.TimeSignature(numerator=6, denominator=8, confidence=1),
    loudness=mir_pb2.Loudness(integrated_lufs=-9.5, true_peak_dbtp=-0.25),
    sections=[mir_pb2.Section(label="A", bars=8), mir_pb2.Section(label="B")],
    passages=[mir_pb2.Passage(start_seconds=61, end_seconds=69)],
    stems=[mir_pb2.StemFindings(stem="drums", active=[mir_pb2.Span(start_seconds=1, end_seconds=91)])],
    absences=[
        mir_pb2.Absence(finding=mir_pb2.FINDING_TUNING, reason=mir_pb2.ABSENCE_REASON_NO_PITCH),
    ],
)


def test_what_was_heard_is_shown(shell: Shell) -> None:
    shell.script.on("GET", PATH, answer(HEARD))
    shown = shell.run("analysis", "show", SONG).stdout
    for words in (
        "120.50 BPM (90% sure), steady; perhaps 60.25",
        "F# minor, 11A (75% sure); perhaps A major",
        "6/8 (100% sure)",
        "-9.5 LUFS, peak -0.2 dBTP",
        "A(8) B",
        "1:01 to 1:09",
        "silent; plays 1:30",
        "- (no pitch)",
    ):
        assert words in shown


def test_a_correction_names_what_it_changes(shell: Shell) -> None:
    shell.script.on("PATCH", PATH, answer(HEARD))
    code, document = shell.json("analysis", "correct", SONG, "--tempo", "x2", "--key", "heard", "--downbeat", "1.25")
    assert (code, document["tempo"]["bpm"]) == (0, 120.5)
    (asked,) = shell.script.asked(PATH)
    assert asked.url.params["updateMask"] == "tempo,downbeatSeconds,key"
    assert shell.script.said(PATH) == [{"tempo": {"factor": 2.0}, "downbeatSeconds": 1.25}]


@pytest.mark.parametrize("words", [(), ("--tempo", "fast"), ("--key", "H"), ("--metre", "waltz"), ("--downbeat", "x")])
def test_what_makes_no_sense_is_not_sent(shell: Shell, words: tuple[str, ...]) -> None:
    code, document = shell.json("analysis", "correct", SONG, *words)
    assert (code, document["error"]["reason"]) == (2, "USAGE")
    assert not shell.script.asked(PATH)


def test_what_the_service_refuses_is_said(shell: Shell) -> None:
    shell.script.on("PATCH", PATH, refusal(400, 3, "TEMPO_OUT_OF_RANGE"))
    code, document = shell.json("analysis", "correct", SONG, "--tempo", "1000")
    assert (code, document["error"]["reason"]) == (5, "TEMPO_OUT_OF_RANGE")


@pytest.mark.parametrize(
    ("word", "tonic", "mode"),
    [
        ("C", 0, "MODE_MAJOR"),
        ("Cb", 11, "MODE_MAJOR"),
        ("b#", 0, "MODE_MAJOR"),
        ("F#m", 6, "MODE_MINOR"),
        ("Bb minor", 10, "MODE_MINOR"),
        ("G major", 7, "MODE_MAJOR"),
    ],
)
def test_keys_as_musicians_write_them(word: str, tonic: int, mode: str) -> None:
    key = corrections.correction("t", {"key": word}).corrections.key
    assert (key.tonic, mir_pb2.Mode.Name(key.mode)) == (tonic, mode)


@pytest.mark.parametrize(("word", "factor"), [("x2", 2), ("/2", 0.5), ("/3", 1 / 3), ("x1.5", 1.5), ("/0", 0)])
def test_multiples_of_a_tempo(word: str, factor: float) -> None:
    assert corrections.correction("t", {"tempo": word}).corrections.tempo.factor == pytest.approx(factor)


def test_a_metre_is_two_numbers() -> None:
    signature = corrections.correction("t", {"time_signature": "6/8"}).corrections.time_signature
    assert (signature.numerator, signature.denominator) == (6, 8)
    with pytest.raises(ExpressionError):
        corrections.correction("t", {"time_signature": "6"})
