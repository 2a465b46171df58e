"""The best few plans, and what they say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from services.fusion.mixing.arrangement import Effects, Mastering
from services.fusion.mixing.planning import Plan, PlanError, suggest
from services.fusion.mixing.planning.contributions import contributions
from services.fusion.mixing.planning.material import Key, Track
from services.fusion.mixing.planning.wish import Match, MatchMode, Target, Wish
from tests.unit.fusion.planning.exhaustive import coarseness, least_key_cost, least_tempo_cost
from tests.unit.fusion.planning.songs import BAND, by_id, stem_of, stems_of, track_of

BOTH = Match(MatchMode.TEMPO_AND_KEY)


def _codes(plan: Plan) -> set[str]:
    return {note.code for note in (*plan.warnings, *plan.reasons)}


def _drawn(seed: int) -> list[Track]:
    """A pair of tracks of any tempo, key and tuning."""
    random = np.random.default_rng(seed)
    return [
        track_of(
            name,
            float(random.uniform(60, 190)),
            count=32,
            key=Key(int(random.integers(12)), str(random.choice(["major", "minor"])), float(random.random())),
            tuning=float(random.integers(-40, 40)),
        )
        for name in "ab"
    ]


@pytest.mark.parametrize("seed", range(50))
def test_the_first_plan_costs_as_little_as_an_exhaustive_search_finds(seed: int) -> None:
    pair = _drawn(seed)
    random = np.random.default_rng(1000 + seed)
    stems = tuple(
        stem_of(track, str(role))
        for track in pair
        for role in random.choice(BAND, random.integers(1, 4), replace=False)
    )
    wish = Wish(stems, BOTH)
    plan = suggest(wish, by_id(*pair), 1)[0]
    parts = contributions(wish, by_id(*pair))
    paced = [part.paced for part in parts if part.paced]
    pitched = [part.pitched for part in parts if part.pitched]
    least = least_tempo_cost(paced) + (least_key_cost(pitched) if pitched else 0.0)
    assert least - coarseness(paced) <= plan.cost.total <= least + 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_plans_are_different_and_the_best_comes_first(seed: int) -> None:
    pair = _drawn(seed)
    plans = suggest(Wish(stems_of(*pair), BOTH), by_id(*pair), 5)
    assert len(plans) == 5
    assert plans[0].cost.total == pytest.approx(min(plan.cost.total for plan in plans))
    sounds = {tuple((track.ratio, track.shift_cents) for track in plan.tracks) for plan in plans}
    assert len(sounds) == 5
    assert len({plan.bpm for plan in plans}) > 1
    assert len({plan.key for plan in plans}) > 1


def test_a_plan_costs_what_its_voices_lose() -> None:
    plan = suggest(Wish(stems_of(*_drawn(3)), BOTH), by_id(*_drawn(3)), 1)[0]
    voices = [voice for track in plan.tracks for voice in track.damage]
    assert plan.cost.stretch == pytest.approx(sum(voice.stretch for voice in voices))
    assert plan.cost.pitch == pytest.approx(sum(voice.pitch for voice in voices))
    assert plan.cost.total == pytest.approx(plan.cost.stretch + plan.cost.level + plan.cost.pitch + plan.cost.clash)
    assert {voice.pitch for voice in voices if voice.role == "drums"} == {0.0}


def test_nothing_matched_costs_nothing() -> None:
    (plan,) = suggest(Wish(stems_of(*_drawn(1))), by_id(*_drawn(1)))
    assert (plan.bpm, plan.key, plan.cost.total, plan.warnings) == (None, None, 0, ())


def test_a_track_with_itself_costs_nothing() -> None:
    track = track_of("a", key=Key(3, "minor"), tuning=12.0)
    plan = suggest(Wish(stems_of(track), BOTH), by_id(track), 1)[0]
    assert plan.cost.total == pytest.approx(0, abs=1e-6)
    assert plan.warnings == ()


def test_the_target_of_a_track_leaves_it_as_it_is() -> None:
    a, b = _drawn(5)
    match = Match(MatchMode.FULL, Target(tempo_of="b", key_of="b"))
    plan = suggest(Wish(stems_of(a, b), match), by_id(a, b), 1)[0]
    its = plan.of("b")
    assert (its.level, its.shift_cents) == (1, 0)
    assert its.ratio == pytest.approx(1)
    assert plan.tuning_cents == b.tuning_cents


def test_given_targets_are_kept() -> None:
    match = Match(MatchMode.TEMPO_AND_KEY, Target(bpm=123.0, key=Key(4, "minor")))
    plans = suggest(Wish(stems_of(*_drawn(6)), match), by_id(*_drawn(6)))
    assert {(plan.bpm, plan.key) for plan in plans} == {(123.0, Key(4, "minor"))}


def test_pitched_voices_share_one_tuning() -> None:
    a, b = track_of("a", key=Key(0, "major"), tuning=30.0), track_of("b", key=Key(0, "major"), tuning=-15.0)
    plan = suggest(Wish(stems_of(a, b), BOTH), by_id(a, b), 1)[0]
    assert 30 + plan.of("a").shift_cents == pytest.approx(-15 + plan.of("b").shift_cents)


def test_a_tuning_of_more_than_half_a_semitone_is_no_transposition() -> None:
    a, b = track_of("a", key=Key(0, "major"), tuning=40.0), track_of("b", key=Key(0, "major"), tuning=-40.0)
    plan = suggest(Wish(stems_of(a, b), BOTH), by_id(a, b), 1)[0]
    assert [track.semitones for track in plan.tracks] == [0, 0]
    assert [track.key for track in plan.tracks] == [Key(0, "major")] * 2


def _matched(a: Track, b: Track, match: Match = BOTH) -> Plan:
    return suggest(Wish(stems_of(a, b), match), by_id(a, b), 1)[0]


PLAIN = track_of("b", 120, key=Key(0, "major"))


@pytest.mark.parametrize(
    ("track", "codes"),
    [
        (track_of("a", 131, key=Key(0, "major")), {"STRETCHED"}),
        (track_of("a", 150, key=Key(0, "major")), {"STRETCHED_FAR"}),
        (track_of("a", 240, key=Key(0, "major")), {"HALF_TIME"}),
        (track_of("a", 60, key=Key(0, "major")), {"DOUBLE_TIME"}),
        (replace(track_of("a", 120, key=Key(0, "major")), tempo_confidence=0.2), {"TEMPO_UNCERTAIN"}),
        (track_of("a", 120, key=Key(2, "major")), {"TRANSPOSED"}),
        (track_of("a", 120, key=Key(0, "major", 0.3)), {"KEY_UNCERTAIN"}),
        (track_of("a", 120, key=Key(0, "major"), tuning=30), {"TUNED"}),
        (track_of("a", 120), {"NO_KEY"}),
        (replace(track_of("a", key=Key(0, "major")), beats=(), positions=()), {"NO_BEATS"}),
        (track_of("a", 120, key=Key(0, "major"), bar=3), {"OTHER_METRE"}),
        (replace(track_of("a", 120, key=Key(0, "major")), compound=True), {"OTHER_FEEL"}),
        (track_of("a", 120, key=Key(0, "major")), {"TEMPO", "KEY", "TEMPO_KEPT", "KEY_KEPT"}),
    ],
)
def test_plans_say_what_is_done_and_what_may_be_heard(track: Track, codes: set[str]) -> None:
    plan = _matched(track, PLAIN)
    assert codes <= _codes(plan)
    assert all(note.sentence.endswith(".") for note in (*plan.warnings, *plan.reasons))


@pytest.mark.parametrize(
    ("bpm", "target", "sentence"),
    [
        (131, Target(tempo_of="b"), "The song has 120.0 BPM, the tempo of b."),
        (131, Target(bpm=125.0), "The song has 125.0 BPM, as asked."),
        (60, Target(tempo_of="b"), "The song has 120.0 BPM, twice the tempo of a."),
        (152, Target(), "The song has 135.1 BPM, between the tempi of the tracks."),
    ],
)
def test_plans_say_whose_tempo_the_song_has(bpm: float, target: Target, sentence: str) -> None:
    plan = _matched(track_of("a", bpm), PLAIN, Match(MatchMode.TEMPO, target))
    assert plan.reasons[0].sentence == sentence


@pytest.mark.parametrize(
    ("bpm", "key", "codes"),
    [
        (131.0, Key(0, "major"), {"STRETCHED_FAR"}),
        (165.0, Key(0, "major"), {"STRETCHED_VERY_FAR"}),
        (120.0, Key(4, "major"), {"TRANSPOSED_FAR"}),
    ],
)
def test_beyond_the_limits_plans_warn(bpm: float, key: Key, codes: set[str]) -> None:
    plan = _matched(track_of("a", key=Key(0, "major")), PLAIN, Match(MatchMode.TEMPO_AND_KEY, Target(bpm=bpm, key=key)))
    assert codes <= {note.code for note in plan.warnings}


@pytest.mark.parametrize("tonic", [3, 9])
@pytest.mark.parametrize("bpm", [129.59, 111.12])
def test_three_semitones_and_eight_percent_are_within_the_limits(bpm: float, tonic: int) -> None:
    match = Match(MatchMode.TEMPO_AND_KEY, Target(bpm=bpm, key=Key(tonic, "major")))
    assert _matched(track_of("a", 120, key=Key(0, "major")), PLAIN, match).warnings == ()


def _warned(wish: Wish, tracks: Collection[Track]) -> set[str]:
    return {note.code for note in suggest(wish, by_id(*tracks), 1)[0].warnings}


def test_a_track_without_beats_is_left_as_it_is() -> None:
    a = replace(track_of("a", key=Key(0, "major")), beats=(), positions=())
    its = _matched(a, PLAIN).of("a")
    assert (its.level, its.ratio) == (None, 1.0)


def test_without_any_beats_nothing_is_matched_in_time() -> None:
    a, b = (replace(track_of(name), beats=(), positions=()) for name in "ab")
    plan = _matched(a, b)
    assert plan.bpm is None
    assert "NO_COMMON_BEAT" in _codes(plan)


def test_a_track_nobody_listened_to_is_taken_for_one_without_findings() -> None:
    assert {"NO_BEATS", "NO_KEY"} <= _warned(Wish(stems_of(track_of("a"), PLAIN), BOTH), [PLAIN])


def test_what_leaves_the_beat_by_wish_is_pointed_at() -> None:
    wish = Wish((stem_of(PLAIN, "drums"), stem_of(PLAIN, "bass", speed=1.1)), BOTH)
    assert _warned(wish, [PLAIN]) == {"OFF_THE_BEAT"}


def test_drums_that_should_be_transposed_are_pointed_at() -> None:
    assert _warned(Wish((stem_of(PLAIN, "drums", semitones=2.0),)), [PLAIN]) == {"NEVER_TRANSPOSED"}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish((stem_of(PLAIN, "drums", effects=Effects(low_cut_hz=-5.0)),)), "EFFECT_OUT_OF_RANGE"),
        (Wish((stem_of(PLAIN, "drums"),), mastering=Mastering(loudness_lufs=3.0)), "SETTING_OUT_OF_RANGE"),
    ],
)
def test_what_could_not_be_performed_is_not_planned(wish: Wish, code: str) -> None:
    with pytest.raises(PlanError) as refused:
        suggest(wish, by_id(PLAIN))
    assert refused.value.code == code


def test_the_same_wish_gives_the_same_plans() -> None:
    pair = _drawn(9)
    wish = Wish(stems_of(*pair), BOTH)
    assert suggest(wish, by_id(*pair)) == suggest(wish, by_id(*pair))
