"""Findings as the contract shows them, and a person's word as it comes. Pure: data in, message out."""

from collections.abc import Iterable

from puremusic.mir.v1 import mir_pb2

from services.mir.analysis import findings as found
from services.mir.analysis.corrections import NO_CORRECTIONS, Corrections
from services.mir.analysis.findings import Analysis, Finding, KeyName, Mode, Quality, Reason
from services.mir.correcting import Said

MODES: dict[Mode, mir_pb2.Mode.ValueType] = {"major": mir_pb2.MODE_MAJOR, "minor": mir_pb2.MODE_MINOR}
_MODE_NAMES = {number: mode for mode, number in MODES.items()}
_SOURCES = {"mix": mir_pb2.ANALYSIS_SOURCE_MIX, "stems": mir_pb2.ANALYSIS_SOURCE_STEMS}
_QUALITIES: dict[Quality, tuple[mir_pb2.ChordQuality.ValueType, str]] = {
    "none": (mir_pb2.CHORD_QUALITY_NONE, ""),
    "major": (mir_pb2.CHORD_QUALITY_MAJOR, ""),
    "minor": (mir_pb2.CHORD_QUALITY_MINOR, "m"),
    "dominant_seventh": (mir_pb2.CHORD_QUALITY_DOMINANT_SEVENTH, "7"),
    "major_seventh": (mir_pb2.CHORD_QUALITY_MAJOR_SEVENTH, "maj7"),
    "minor_seventh": (mir_pb2.CHORD_QUALITY_MINOR_SEVENTH, "m7"),
    "diminished": (mir_pb2.CHORD_QUALITY_DIMINISHED, "dim"),
}
_FINDINGS: dict[Finding, mir_pb2.Finding.ValueType] = {
    "tempo": mir_pb2.FINDING_TEMPO,
    "grid": mir_pb2.FINDING_GRID,
    "beats": mir_pb2.FINDING_BEATS,
    "metre": mir_pb2.FINDING_TIME_SIGNATURE,
    "key": mir_pb2.FINDING_KEY,
    "tuning": mir_pb2.FINDING_TUNING,
    "chords": mir_pb2.FINDING_CHORDS,
    "sections": mir_pb2.FINDING_SECTIONS,
    "passages": mir_pb2.FINDING_PASSAGES,
    "loudness": mir_pb2.FINDING_LOUDNESS,
}
_REASONS: dict[Reason, mir_pb2.AbsenceReason.ValueType] = {
    "silent": mir_pb2.ABSENCE_REASON_SILENT,
    "too_short": mir_pb2.ABSENCE_REASON_TOO_SHORT,
    "no_pulse": mir_pb2.ABSENCE_REASON_NO_PULSE,
    "tempo_varies": mir_pb2.ABSENCE_REASON_TEMPO_VARIES,
    "no_pitch": mir_pb2.ABSENCE_REASON_NO_PITCH,
    "no_clear_key": mir_pb2.ABSENCE_REASON_NO_CLEAR_KEY,
    "no_form": mir_pb2.ABSENCE_REASON_NO_FORM,
}

# The Camelot wheel: numbers go up by fifths; B is major, A minor. C major is 8B, A minor 8A.
_FIFTHS_FROM_C = 7
_CAMELOT_OF_C = 8

# As charts spell roots: a chord's own key is not known, so the accidentals that are met most.
_ROOTS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def camelot(name: KeyName) -> str:
    """Return the Camelot code of a key, `1A` to `12B`."""
    major = name.tonic if name.mode == "major" else (name.tonic + 3) % 12
    number = (_CAMELOT_OF_C - 1 + major * _FIFTHS_FROM_C) % 12 + 1
    return f"{number}{'B' if name.mode == 'major' else 'A'}"


def chord_name(root: int | None, quality: Quality) -> str:
    """Return a chord as charts write it, `F#m7`; `N` for none."""
    return "N" if root is None else f"{_ROOTS[root]}{_QUALITIES[quality][1]}"


def add_findings(shown: mir_pb2.Analysis, heard: Analysis, *, full: bool) -> None:
    """Put findings into an analysis; those that grow with the track's length only if `full`."""
    shown.source, shown.provisional = _SOURCES[heard.source], heard.provisional
    if heard.tempo:
        shown.tempo.CopyFrom(_tempo(heard.tempo, full=full))
    if heard.metre:
        shown.time_signature.CopyFrom(_time_signature(heard.metre))
    if heard.key:
        shown.key.CopyFrom(_whole_key(heard.key))
    if heard.tuning_cents is not None:
        shown.tuning_cents = heard.tuning_cents
    if heard.loudness.integrated_lufs is not None:
        shown.loudness_lufs = heard.loudness.integrated_lufs
    shown.loudness.CopyFrom(_loudness(heard.loudness))
    shown.silence.head_seconds, shown.silence.tail_seconds = heard.silence.head_seconds, heard.silence.tail_seconds
    if heard.character:
        shown.character.CopyFrom(mir_pb2.Character(**vars(heard.character)))
    shown.stems.extend(_stem(stem, full=full) for stem in heard.stems)
    shown.absences.extend(
        mir_pb2.Absence(finding=_FINDINGS[finding], reason=_REASONS[reason])
        for finding, reason in heard.absences.items()
    )
    if full:
        _add_time_lines(shown, heard)


def _add_time_lines(shown: mir_pb2.Analysis, heard: Analysis) -> None:
    if heard.beats:
        shown.beats.CopyFrom(mir_pb2.Beats(**vars(heard.beats)))
    shown.key_sections.extend(
        mir_pb2.KeySection(start_seconds=part.start, end_seconds=part.end, key=_key(part.name, part.confidence))
        for part in heard.key_sections
    )
    shown.chords.extend(_chord(chord) for chord in heard.chords)
    shown.sections.extend(
        mir_pb2.Section(
            start_seconds=part.start,
            end_seconds=part.end,
            label=part.label,
            bars=part.bars,
            confidence=part.confidence,
        )
        for part in heard.sections
    )
    shown.passages.extend(_passage(passage) for passage in heard.passages)


def _tempo(tempo: found.Tempo, *, full: bool) -> mir_pb2.Tempo:
    shown = mir_pb2.Tempo(bpm=tempo.bpm, confidence=tempo.confidence, steady=tempo.steady)
    shown.candidates.extend(mir_pb2.TempoCandidate(bpm=each.bpm, share=each.share) for each in tempo.candidates)
    if full:
        shown.curve.extend(mir_pb2.TempoPoint(seconds=point.seconds, bpm=point.bpm) for point in tempo.curve)
    if tempo.grid:
        shown.grid.CopyFrom(mir_pb2.Grid(offset_seconds=tempo.grid.offset_seconds, bpm=tempo.grid.bpm))
    return shown


def _time_signature(metre: found.Metre) -> mir_pb2.TimeSignature:
    return mir_pb2.TimeSignature(numerator=metre.numerator, denominator=metre.denominator, confidence=metre.confidence)


def _key(name: KeyName, confidence: float) -> mir_pb2.Key:
    return mir_pb2.Key(
        tonic=name.tonic, mode=MODES[name.mode], name=str(name), confidence=confidence, camelot=camelot(name)
    )


def _whole_key(key: found.Key) -> mir_pb2.Key:
    shown = _key(key.name, key.confidence)
    if key.runner_up:
        shown.runner_up.CopyFrom(_key(key.runner_up, key.runner_up_confidence))
    return shown


def _chord(chord: found.Chord) -> mir_pb2.Chord:
    return mir_pb2.Chord(
        start_seconds=chord.start,
        end_seconds=chord.end,
        root=chord.root,
        quality=_QUALITIES[chord.quality][0],
        name=chord_name(chord.root, chord.quality),
        confidence=chord.confidence,
    )


def _passage(passage: found.Passage) -> mir_pb2.Passage:
    return mir_pb2.Passage(
        start_seconds=passage.start,
        end_seconds=passage.end,
        difficulty=passage.difficulty,
        onset_density=passage.onset_density,
        harmonic_change=passage.harmonic_change,
        spectral_complexity=passage.spectral_complexity,
    )


def _loudness(loudness: found.Loudness) -> mir_pb2.Loudness:
    return mir_pb2.Loudness(**vars(loudness))


def _stem(stem: found.StemFindings, *, full: bool) -> mir_pb2.StemFindings:
    active: Iterable[found.Span] = stem.active if full else ()
    spans = [mir_pb2.Span(start_seconds=span.start, end_seconds=span.end) for span in active]
    return mir_pb2.StemFindings(stem=stem.stem, loudness=_loudness(stem.loudness), active=spans)


def add_heard(shown: mir_pb2.Analysis, heard: Analysis) -> None:
    """Put what corrections are about into an analysis, as it was heard."""
    before = mir_pb2.Heard()
    if heard.tempo:
        before.tempo.CopyFrom(_tempo(heard.tempo, full=False))
    if heard.metre:
        before.time_signature.CopyFrom(_time_signature(heard.metre))
    if heard.key:
        before.key.CopyFrom(_whole_key(heard.key))
    shown.heard.CopyFrom(before)


def add_corrections(shown: mir_pb2.Analysis, corrections: Corrections) -> None:
    """Put what a person said into an analysis."""
    if corrections == NO_CORRECTIONS:
        return
    said = mir_pb2.Corrections(downbeat_seconds=corrections.downbeat_seconds)
    if corrections.tempo_bpm is not None:
        said.tempo.bpm = corrections.tempo_bpm
    if corrections.key:
        said.key.tonic, said.key.mode = corrections.key.tonic, MODES[corrections.key.mode]
    if corrections.time_signature:
        signature = corrections.time_signature
        said.time_signature.numerator, said.time_signature.denominator = signature.numerator, signature.denominator
    shown.corrections.CopyFrom(said)


def to_said(corrections: mir_pb2.Corrections) -> Said:
    """Return what a person says, as it came."""
    tempo, key, signature = corrections.tempo, corrections.key, corrections.time_signature
    return Said(
        bpm=tempo.bpm if tempo.HasField("bpm") else None,
        factor=tempo.factor if tempo.HasField("factor") else None,
        downbeat_seconds=corrections.downbeat_seconds if corrections.HasField("downbeat_seconds") else None,
        key=(key.tonic, _MODE_NAMES[key.mode]) if corrections.HasField("key") else None,
        time_signature=(
            (signature.numerator, signature.denominator) if corrections.HasField("time_signature") else None
        ),
    )
