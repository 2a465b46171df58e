"""The whole analysis of a track, in the order in which its parts need each other.

Chords need the tuning; downbeats are told better where it is known when the chords change; chords' edges and the form are
told better where the beats are known. Where there are stems, each question is asked of those that answer it best. The
chords take longest: what is known before them can be told first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.activations import BeatActivations
from services.mir.analysis.activity import hear_stem
from services.mir.analysis.findings import Analysis, Finding, Reason, Source, StemFindings
from services.mir.analysis.form import Features, hear_features, hear_form
from services.mir.analysis.harmony import FirstHarmony, Harmony, harmonic_change, hear_first_harmony, hear_harmony
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import RATE, Prepared, prepare
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard, within
from services.mir.analysis.rhythm import Rhythm, hear_rhythm
from services.mir.analysis.timbre import character

__all__ = ["HARMONIC_STEMS", "Heard", "Recording", "TellFirst", "analyse", "analyse_recording", "warmed_up"]

HARMONIC_STEMS: Final = ("bass", "other", "guitar", "piano")
"""What chords are played on: neither drums, which have none, nor vocals, which slide and hold against them."""


TellFirst = Callable[[Analysis], None]
"""Called once with provisional findings: tempo, beats, metre, tuning and key as they are told before the chords are heard."""


@dataclass(frozen=True)
class Recording:
    """What is listened to.

    Attributes:
        mix: the track.
        stems: by name, as long as the track; none if it has not been separated.
        harmonic: the sum of the HARMONIC_STEMS among them.
    """

    mix: Prepared
    stems: Mapping[str, Prepared] = field(default_factory=dict)
    harmonic: Prepared | None = None

    @property
    def pitched(self) -> Prepared:
        """What to ask for chords, key and tuning."""
        return self.harmonic if self.harmonic is not None and not self.harmonic.silent else self.mix

    def rest(self) -> None:
        """Give back the memory of all samples that lie in files."""
        for part in (self.mix, self.harmonic, *self.stems.values()):
            if part is not None:
                part.rest()

    @property
    def source(self) -> Source:
        """What the analysis says that it listened to."""
        return "stems" if self.stems else "mix"


@dataclass(frozen=True)
class Heard:
    """An analysis, and the features that pictures are drawn from."""

    analysis: Analysis
    features: Features


def analyse(pcm: NDArray[np.float32], sample_rate: int, networks: Networks) -> Analysis:
    """Analyse decoded PCM, float32 (frames, channels) in [-1, 1] at `sample_rate` Hz, of any length.

    Deterministic: the same samples give the same analysis.

    Raises:
        InvalidAudio: if the shape is another, there is no channel, or a sample is not finite.
    """
    return analyse_recording(Recording(prepare(pcm, sample_rate)), networks).analysis


def analyse_recording(
    recording: Recording,
    networks: Networks,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
    tell_first: TellFirst | None = None,
) -> Heard:
    """Analyse a prepared track and its stems. Memory beyond theirs hardly grows with the length.

    `tell_first` hears first findings of a track that is not silent; the analysis is the same without it.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    check(cancelled)
    mix = recording.mix
    if mix.silent:
        return _silence(mix)
    beats_heard = networks.beat_activations(mix.mono, within(progress, 0.0, 0.25), cancelled)
    recording.rest()
    first = hear_first_harmony(recording.pitched.mono, within(progress, 0.25, 0.3), cancelled)
    if tell_first:
        tell_first(_first_findings(recording, hear_rhythm(beats_heard, mix.mono, cancelled=cancelled), first))
    rhythm, harmony = _with_chords(recording, networks, beats_heard, first, within(progress, 0.3, 0.8), cancelled)
    progress(0.85)
    features = hear_features(mix.mono, first.tuning_cents or 0.0, within(progress, 0.85, 1.0), cancelled)
    form = hear_form(features, rhythm.beats, mix.seconds, harmony.chords)
    stems = tuple(_hear_stems(recording))
    progress(1.0)
    analysis = Analysis(
        mix.seconds,
        source=recording.source,
        tempo=rhythm.tempo,
        beats=rhythm.beats,
        metre=rhythm.metre,
        key=harmony.key,
        key_sections=harmony.key_sections,
        tuning_cents=harmony.tuning_cents,
        chords=harmony.chords,
        sections=form.sections,
        loudness=mix.loudness,
        silence=mix.silence,
        character=character(features, mix.loudness, rhythm.tempo, rhythm.beats, mix.seconds),
        passages=form.passages,
        stems=stems,
        absences={**rhythm.absences, **harmony.absences, **form.absences},
    )
    return Heard(analysis, features)


def _with_chords(
    recording: Recording,
    networks: Networks,
    beats_heard: BeatActivations,
    first: FirstHarmony,
    progress: Progress,
    cancelled: IsCancelled,
) -> tuple[Rhythm, Harmony]:
    """Rhythm and harmony, each with the other at hand. What the chord network answers is large, and kept no longer."""
    mix, tuning = recording.mix, first.tuning_cents
    recording.rest()
    chords_heard = networks.chord_activations(recording.pitched.mono, tuning or 0.0, progress, cancelled)
    recording.rest()
    rhythm = hear_rhythm(beats_heard, mix.mono, harmonic_change(chords_heard), cancelled)
    return rhythm, hear_harmony(chords_heard, rhythm.beats, mix.seconds, tuning, first.key)


def _hear_stems(recording: Recording) -> Iterator[StemFindings]:
    for name, stem in sorted(recording.stems.items()):
        yield hear_stem(name, stem, recording.mix)
        recording.rest()


def _silence(mix: Prepared) -> Heard:
    absences: dict[Finding, Reason] = dict.fromkeys(get_args(Finding), "silent")
    return Heard(Analysis(mix.seconds, silence=mix.silence, absences=absences), hear_features(mix.mono[:0]))


def _first_findings(recording: Recording, rhythm: Rhythm, harmony: FirstHarmony) -> Analysis:
    """What is known before the chords are; only what was listened for is absent with a reason."""
    mix, key = recording.mix, harmony.sure_key
    return Analysis(
        mix.seconds,
        source=recording.source,
        provisional=True,
        tempo=rhythm.tempo,
        beats=rhythm.beats,
        metre=rhythm.metre,
        key=key,
        tuning_cents=harmony.tuning_cents if key else None,
        loudness=mix.loudness,
        silence=mix.silence,
        absences=rhythm.absences,
    )


def warmed_up(folder: Path) -> Networks:
    """The networks of a folder, after everything that an analysis needs was imported and compiled, once per process.

    numba compiles on first use: seconds without its cache. Processes that may start at the same time should not
    share one NUMBA_CACHE_DIR, since a half-written cache breaks its readers.

    Raises:
        NetworksMissing, NetworksCorrupt: as `load_networks`.
    """
    networks = load_networks(folder)
    seconds = np.arange(16 * RATE) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 220 * seconds) * (seconds % 0.5 < 0.1)
    analyse(tone.astype(np.float32)[:, None], RATE, networks)
    return networks
