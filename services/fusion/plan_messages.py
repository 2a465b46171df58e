"""Plans as the contract shows them."""

from collections.abc import Mapping

from puremusic.fusion.v1 import fusion_pb2 as pb

from services.fusion.mixing.planning import Collision, Compatibility, Note, Plan, TrackPlan
from services.fusion.mixing.planning.material import Key, Span
from services.fusion.mixing.planning.wording import key_name, tonic_name

NO_GAINS: Mapping[str, float] = {}
_MODES = {"major": pb.KEY_MODE_MAJOR, "minor": pb.KEY_MODE_MINOR}


def to_plan(plan: Plan, rank: int, stems: Mapping[str, str], gains: Mapping[str, float] = NO_GAINS) -> pb.Plan:
    """Return a plan; `stems` are the stems' ids by the names of their voices, `gains` in dB what balance did to tracks."""
    cost = plan.cost
    return pb.Plan(
        rank=rank,
        tempo_bpm=plan.bpm,
        beats_per_bar=0 if plan.bpm is None else plan.beats_per_bar,
        key=None if plan.key is None else _key(plan.key),
        tuning_cents=plan.tuning_cents,
        tracks=[_track(each, gains.get(each.track_id, 0.0)) for each in plan.tracks],
        leading_track_id=plan.leader or "",
        cost=pb.Cost(total=cost.total, stretch=cost.stretch, pitch=cost.pitch, level=cost.level, clash=cost.clash),
        reasons=map(_notice, plan.reasons),
        warnings=map(_notice, plan.warnings),
        collisions=[_collision(each, stems) for each in plan.collisions],
    )


def to_compatibility(found: Compatibility) -> pb.Compatibility:
    """Return how well two tracks go together."""
    return pb.Compatibility(
        track_id=found.track_id,
        other_track_id=found.other_id,
        score=found.score,
        reasons=map(_notice, found.reasons),
        plan=None if found.plan is None else to_plan(found.plan, 1, {}),
    )


def as_tag(key: Key | None) -> str:
    """Return a key as tags have it: `F#m`; empty for none."""
    return "" if key is None else tonic_name(key) + ("m" if key.mode == "minor" else "")


def _notice(note: Note) -> pb.Notice:
    return pb.Notice(code=note.code, message=note.sentence)


def _key(key: Key) -> pb.Key:
    return pb.Key(tonic=key.tonic, mode=_MODES[key.mode], name=key_name(key))


def _track(track: TrackPlan, balance_db: float) -> pb.TrackPlan:
    return pb.TrackPlan(
        track_id=track.track_id,
        level_factor=track.level,
        speed=track.ratio,
        semitones=track.semitones,
        cents=track.cents,
        balance_db=balance_db,
        key=None if track.key is None else _key(track.key),
        damages=[
            pb.StemDamage(stem_id=voice.stem_id, stretch=voice.stretch, pitch=voice.pitch) for voice in track.damage
        ],
    )


def _collision(collision: Collision, stems: Mapping[str, str]) -> pb.Collision:
    return pb.Collision(
        role=collision.role,
        stem_id=stems.get(collision.voice, ""),
        other_stem_id=stems.get(collision.other, ""),
        spans=map(_span, collision.spans),
        share=collision.share,
        certain=collision.certain,
        remedy=collision.remedy,
    )


def _span(span: Span) -> pb.Span:
    return pb.Span(start_seconds=span.start, end_seconds=span.end)
