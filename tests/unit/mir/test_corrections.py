"""A person's word over what was heard, and what follows from it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from services.mir.analysis.corrections import NO_CORRECTIONS, Corrections, TimeSignature, corrected
from services.mir.analysis.findings import (
    Analysis,
    Beats,
    Grid,
    Key,
    KeyName,
    KeySection,
    Metre,
    Passage,
    Section,
    Tempo,
    TempoCandidate,
    TempoPoint,
)

SECONDS = 32.0
C_MAJOR, A_MINOR, G_MAJOR = KeyName(0, "major"), KeyName(9, "minor"), KeyName(7, "major")
SIGNATURES = {2: (6, 8), 3: (3, 4), 4: (4, 4)}


def beats(bpm: float = 120, first: float = 0.5, per_bar: int = 4, pickup: int = 0) -> Beats:
    """Equal beats to the end; the first bar begins after `pickup` of them."""
    period = 60 / bpm
    seconds = tuple(first + index * period for index in range(int((SECONDS - first) / period) + 1))
    positions = tuple((index - pickup) % per_bar + 1 for index in range(len(seconds)))
    return Beats(seconds, positions, 0.9, 0.7)


def heard(bpm: float = 120, first: float = 0.5, per_bar: int = 4, pickup: int = 0) -> Analysis:
    """A steady track in C major."""
    found = beats(bpm, first, per_bar, pickup)
    return Analysis(
        seconds=SECONDS,
        tempo=Tempo(bpm, 0.6, (TempoCandidate(bpm, 0.6),), grid=Grid(found.downbeats[0], bpm)),
        beats=found,
        metre=Metre(*SIGNATURES[per_bar], 0.8),
        key=Key(C_MAJOR, 0.5, A_MINOR, 0.3),
        key_sections=(KeySection(0, 20, C_MAJOR, 0.5), KeySection(20, SECONDS, G_MAJOR, 0.4)),
        sections=(Section(0, 16.5, "A", 8), Section(16.5, SECONDS, "B", 8)),
        passages=(Passage(4.5, 8.5, 1, 1, 0.5, 0.2),),
        absences={"tuning": "no_pitch"},
    )


def bars(analysis: Analysis) -> list[float]:
    """The downbeats, rounded."""
    assert analysis.beats
    return [round(at, 6) for at in analysis.beats.downbeats]


def distances(analysis: Analysis) -> set[float]:
    """Between neighbouring beats, rounded."""
    assert analysis.beats
    return {*np.diff(analysis.beats.seconds).round(6).tolist()}


def assert_on_grid(analysis: Analysis) -> None:
    """Every downbeat is a whole number of bars from the grid's offset, which lies in the first bar."""
    assert analysis.tempo
    assert analysis.tempo.grid
    grid, metre = analysis.tempo.grid, analysis.metre
    per_bar = {(6, 8): 2, (12, 8): 4}.get((metre.numerator, metre.denominator), metre.numerator) if metre else 4
    bar = per_bar * 60 / grid.bpm
    assert 0 <= grid.offset_seconds < bar
    for at in bars(analysis):
        assert abs((at - grid.offset_seconds) / bar - round((at - grid.offset_seconds) / bar)) < 1e-4


def test_nothing_said_changes_nothing() -> None:
    assert corrected(heard(), NO_CORRECTIONS) == heard()


@pytest.mark.parametrize("per_bar", [2, 3, 4])
@pytest.mark.parametrize("pickup", [0, 1])
@pytest.mark.parametrize(("times", "distance"), [(2, 0.25), (0.5, 1.0), (3, 1 / 6), (1 / 3, 1.5), (1.5, 1 / 3)])
def test_a_tempo_at_another_level_subdivides_beats_or_leaves_some_out(
    times: float, distance: float, pickup: int, per_bar: int
) -> None:
    before = heard(per_bar=per_bar, pickup=pickup)
    after = corrected(before, Corrections(tempo_bpm=120 * times))

    assert after.tempo
    assert (after.tempo.bpm, after.tempo.confidence) == (120 * times, 1)
    assert after.tempo.candidates == (TempoCandidate(120 * times, 1),)
    assert distances(after) == {round(distance, 6)}
    assert bars(before)[0] in bars(after)
    assert np.diff(bars(after)) == pytest.approx(per_bar * distance, abs=1e-5)
    assert_on_grid(after)
    assert after.metre == before.metre


def test_doubled_beats_keep_every_downbeat_and_sections_count_twice_the_bars() -> None:
    after = corrected(heard(), Corrections(tempo_bpm=240))
    assert set(bars(heard())) <= set(bars(after))
    assert [section.bars for section in after.sections] == [16, 16]
    assert after.passages == heard().passages


def test_halved_beats_leave_passages_on_bars() -> None:
    after = corrected(heard(), Corrections(tempo_bpm=60))
    assert bars(after)[:3] == [0.5, 4.5, 8.5]
    (passage,) = after.passages
    assert {passage.start, passage.end} <= set(bars(after))


def test_a_short_bar_stays_a_bar_when_beats_are_doubled() -> None:
    short = Beats((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 1, 2, 1, 2, 3, 4), 1, 1)
    analysis = Analysis(10, tempo=Tempo(60, 0.5, steady=False), beats=short, metre=Metre(4, 4, 1))
    assert bars(corrected(analysis, Corrections(tempo_bpm=120))) == [0, 2, 4, 6, 8]


def test_a_rounded_tempo_leaves_beats_and_grid_where_they_were_heard() -> None:
    after = corrected(heard(bpm=119.4), Corrections(tempo_bpm=120))
    assert after.beats == heard(bpm=119.4).beats
    assert after.tempo
    assert after.tempo.bpm == 120
    assert after.tempo.grid
    assert after.tempo.grid.bpm == 119.4


def test_a_varying_tempo_varies_at_its_new_level() -> None:
    varying = Tempo(100, 0.5, steady=False, curve=(TempoPoint(0, 98), TempoPoint(16, 102)))
    after = corrected(replace(heard(), tempo=varying), Corrections(tempo_bpm=200))
    assert after.tempo
    assert [point.bpm for point in after.tempo.curve] == [196, 204]
    assert (after.tempo.steady, after.tempo.grid) == (False, None)


def test_another_tempo_lays_the_beats_anew_from_the_first_downbeat() -> None:
    after = corrected(heard(), Corrections(tempo_bpm=96))
    assert distances(after) == {0.625}
    assert 0.5 in bars(after)
    assert_on_grid(after)
    assert after.tempo
    assert after.tempo.steady


def test_a_tempo_where_none_was_heard_needs_a_downbeat_to_lay_beats() -> None:
    nothing = Analysis(SECONDS, absences={"tempo": "no_pulse", "beats": "no_pulse", "grid": "no_pulse"})
    without = corrected(nothing, Corrections(tempo_bpm=120))
    assert without.tempo
    assert (without.tempo.bpm, without.tempo.grid, without.beats) == (120, None, None)
    assert set(without.absences) == {"beats", "grid"}

    both = corrected(nothing, Corrections(tempo_bpm=120, downbeat_seconds=1.25))
    assert both.beats
    assert 1.25 in bars(both)
    assert both.beats.downbeat_confidence == 1
    assert_on_grid(both)
    assert not both.absences


@pytest.mark.parametrize("off", [-0.08, 0.0, 0.08])
def test_a_downbeat_near_a_beat_is_that_beat(off: float) -> None:
    after = corrected(heard(), Corrections(downbeat_seconds=1.5 + off))
    assert after.beats
    assert after.beats.seconds == beats().seconds
    assert bars(after)[:2] == [1.5, 3.5]
    assert after.beats.downbeat_confidence == 1
    assert_on_grid(after)


@pytest.mark.parametrize("downbeat", [0.75, 10.25, 31.75])
def test_a_downbeat_between_beats_moves_them_all(downbeat: float) -> None:
    after = corrected(heard(), Corrections(downbeat_seconds=downbeat))
    assert downbeat in bars(after)
    assert distances(after) == {0.5}
    assert after.beats
    assert after.beats.seconds[0] >= 0
    assert after.beats.seconds[-1] <= SECONDS
    assert_on_grid(after)
    (passage,) = after.passages
    assert {passage.start, passage.end} <= set(bars(after))


def test_a_downbeat_after_the_last_beat_counts_as_if_they_went_on() -> None:
    few = replace(beats(), seconds=beats().seconds[:8], positions=beats().positions[:8])
    after = corrected(replace(heard(), beats=few), Corrections(downbeat_seconds=9.5))
    assert after.beats
    assert after.beats.seconds == few.seconds
    assert bars(after) == [1.5, 3.5]


def test_another_metre_groups_the_beats_anew() -> None:
    after = corrected(heard(), Corrections(time_signature=TimeSignature(3, 4)))
    assert after.metre == Metre(3, 4, 1)
    assert bars(after)[:3] == [0.5, 2.0, 3.5]
    assert_on_grid(after)
    assert [section.bars for section in after.sections] == [11, 10]


def test_a_metre_with_as_many_beats_leaves_them() -> None:
    after = corrected(heard(), Corrections(time_signature=TimeSignature(12, 8)))
    assert after.beats == heard().beats
    assert after.metre == Metre(12, 8, 1)


def test_a_key_takes_the_place_of_the_one_heard_and_modulations_stay() -> None:
    after = corrected(heard(), Corrections(key=A_MINOR))
    assert after.key == Key(A_MINOR, 1, None)
    assert [(section.name, section.confidence) for section in after.key_sections] == [(A_MINOR, 1), (G_MAJOR, 0.4)]
    unheard = corrected(Analysis(SECONDS, absences={"key": "no_pitch"}), Corrections(key=A_MINOR))
    assert unheard.key == Key(A_MINOR, 1, None)
    assert not unheard.absences


def test_everything_can_be_said_at_once() -> None:
    said = Corrections(tempo_bpm=60, downbeat_seconds=3.5, key=G_MAJOR, time_signature=TimeSignature(3, 4))
    after = corrected(heard(), said)
    assert distances(after) == {1.0}
    assert 3.5 in bars(after)
    assert after.beats
    assert Counter(after.beats.positions).keys() == {1, 2, 3}
    assert_on_grid(after)
    assert after.absences == {"tuning": "no_pitch"}
