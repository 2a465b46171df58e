"""Plans as people and programs are told of them."""

import pytest
from puremusic.fusion.v1 import fusion_pb2 as pb

from services.fusion import plan_messages
from services.fusion.mixing.planning import Collision, Compatibility, Cost, Note, Plan, TrackPlan, VoiceDamage
from services.fusion.mixing.planning.material import Key, Span

PLAN = Plan(
    tracks=(TrackPlan("t", 2.0, 1.25, -2, 3.5, Key(6, "minor"), (VoiceDamage("s", "vocals", 1.5, 0.5),)),),
    bpm=120.5,
    beats_per_bar=3,
    key=Key(9, "major"),
    tuning_cents=-4.0,
    leader="t",
    cost=Cost(1.5, 0.25, 0.5, 0.75),
    warnings=(Note("W", "Mind."),),
    reasons=(Note("R", "Because.", {"bpm": 1.0}),),
    collisions=(Collision("vocals", "vocals 1", "vocals 2", (Span(1.0, 2.0),), 0.5, certain=False, remedy="ducked"),),
)


def test_all_of_a_plan_is_told() -> None:
    assert plan_messages.to_plan(PLAN, 2, {"vocals 1": "s", "vocals 2": "o"}, {"t": 1.5}) == pb.Plan(
        rank=2,
        tempo_bpm=120.5,
        beats_per_bar=3,
        key=pb.Key(tonic=9, mode=pb.KEY_MODE_MAJOR, name="A major"),
        tuning_cents=-4,
        tracks=[
            pb.TrackPlan(
                track_id="t",
                level_factor=2,
                speed=1.25,
                semitones=-2,
                cents=3.5,
                key=pb.Key(tonic=6, mode=pb.KEY_MODE_MINOR, name="F# minor"),
                damages=[pb.StemDamage(stem_id="s", stretch=1.5, pitch=0.5)],
                balance_db=1.5,
            )
        ],
        leading_track_id="t",
        cost=pb.Cost(total=3, stretch=1.5, level=0.25, pitch=0.5, clash=0.75),
        reasons=[pb.Notice(code="R", message="Because.")],
        warnings=[pb.Notice(code="W", message="Mind.")],
        collisions=[
            pb.Collision(
                role="vocals",
                stem_id="s",
                other_stem_id="o",
                spans=[pb.Span(start_seconds=1, end_seconds=2)],
                share=0.5,
                remedy="ducked",
            )
        ],
    )


def test_what_is_not_matched_is_absent() -> None:
    told = plan_messages.to_plan(Plan((TrackPlan("t"),)), 1, {})
    assert not any(told.HasField(name) for name in ("tempo_bpm", "key", "tuning_cents"))
    assert told.beats_per_bar == 0
    assert not told.tracks[0].HasField("level_factor")


def test_tracks_that_cannot_be_brought_together_have_no_plan() -> None:
    told = plan_messages.to_compatibility(Compatibility("t", "u", 0.0, None, (Note("R", "Too far."),)))
    assert told == pb.Compatibility(track_id="t", other_track_id="u", reasons=[pb.Notice(code="R", message="Too far.")])


@pytest.mark.parametrize(
    ("key", "tag"), [(None, ""), (Key(6, "minor"), "F#m"), (Key(3, "major"), "Eb"), (Key(0, "minor"), "Cm")]
)
def test_a_key_is_tagged_as_dj_software_writes_it(key: Key | None, tag: str) -> None:
    assert plan_messages.as_tag(key) == tag
