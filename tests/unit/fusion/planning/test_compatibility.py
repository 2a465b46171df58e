"""Which tracks go together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fusion.mixing.planning import Compatibility, compatibility, rank
from services.fusion.mixing.planning.compatibility import score
from services.fusion.mixing.planning.material import Key, Track
from tests.unit.fusion.planning.songs import track_of

SINGING = {"vocals": [(4.0, 50.0)]}
SINGER = track_of("singer", 120, key=Key(0, "major"), active=SINGING)
BACKING = ("drums", "bass", "other")


def _with(band: Track, singer: Track = SINGER) -> Compatibility:
    return compatibility(singer, ["vocals"], band, BACKING)


def _band(bpm: float = 120, key: Key | None = None, **other: object) -> Track:
    return track_of("band", bpm, key=key or Key(0, "major"), **other)  # type: ignore[arg-type]  # any of its settings


def test_a_track_with_itself_is_perfect() -> None:
    assert compatibility(SINGER, ["vocals"], SINGER, BACKING).score == pytest.approx(1)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2))
def test_more_damage_never_scores_higher(points: list[float]) -> None:
    less, more = sorted(points)
    assert 0 < score(more) <= score(less) <= 1


@settings(max_examples=30)
@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_tempo_farther_away_never_scores_higher(one: float, other: float) -> None:
    """In octaves, up to the half from where double time is nearer."""
    near, far = (_with(_band(120 * 2**away)).score for away in sorted((one, other)))
    assert far <= near + 1e-9


@settings(max_examples=30)
@given(st.floats(-30, 30), st.floats(-30, 30))
def test_a_tuning_farther_away_never_scores_higher(one: float, other: float) -> None:
    near, far = (_with(_band(tuning=cents)).score for cents in sorted((one, other), key=abs))
    assert far <= near + 1e-9


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (_band(122), _band(135)),
        (_band(60), _band(85)),
        (_band(key=Key(9, "minor")), _band(key=Key(6, "major"))),
        (_band(key=Key(7, "major")), _band(key=Key(4, "major"))),
        (_band(), _band(bar=3)),
        (_band(), replace(_band(), compound=True)),
        (_band(), replace(_band(), key=None)),
        (_band(), replace(_band(), beats=(), positions=())),
        (_band(count=120), _band(count=40)),
        (_band(), _band(tuning=45.0)),
    ],
)
def test_what_fits_better_scores_higher(better: Track, worse: Track) -> None:
    assert _with(better).score > _with(worse).score


def test_it_matters_whose_vocals_are_sung_over_whose_band() -> None:
    other = track_of("other", 120, count=50, key=Key(2, "major"), active={"vocals": [(2.0, 9.0)]})
    there = compatibility(SINGER, ["vocals"], other, BACKING)
    back = compatibility(other, ["vocals"], SINGER, BACKING)
    assert there.score < back.score
    assert "TOO_SHORT" in {note.code for note in there.reasons}


def test_drums_fit_any_key() -> None:
    drums = [compatibility(SINGER, ["vocals"], _band(key=Key(tonic, "minor")), ["drums"]).score for tonic in range(12)]
    assert drums == [pytest.approx(1)] * 12


def test_two_who_sing_at_once_fit_less() -> None:
    together = track_of("band", 120, key=Key(0, "major"), active={"vocals": [(4.0, 50.0)]})
    apart = track_of("band", 120, key=Key(0, "major"), active={"vocals": [(52.0, 60.0)]})
    scores = [compatibility(SINGER, ["vocals"], band, ["vocals"]) for band in (together, apart)]
    assert scores[0].score < scores[1].score
    assert "SINGING_MEETS" in {note.code for note in scores[0].reasons}


def test_tempi_that_cannot_meet_score_nothing_and_say_why() -> None:
    found = compatibility(track_of("a", 8), ["drums"], track_of("b", 500), ["drums"])
    assert found.score == 0
    assert [note.code for note in found.reasons] == ["TEMPI_TOO_FAR_APART"]


def test_tracks_are_ranked_with_the_best_first() -> None:
    bands = [
        track_of("far", 150, key=Key(6, "major")),
        track_of("same", 120, key=Key(0, "major")),
        track_of("relative", 121, key=Key(9, "minor")),
    ]
    found = rank(SINGER, "vocals", [*bands, SINGER])
    assert [one.other_id for one in found] == ["same", "relative", "far"]
    assert all(one.plan is not None and one.reasons for one in found)


def test_equals_are_ranked_by_their_ids() -> None:
    bands = [track_of(name, 120, key=Key(0, "major")) for name in "cab"]
    assert [one.other_id for one in rank(SINGER, "vocals", bands)] == ["a", "b", "c"]
