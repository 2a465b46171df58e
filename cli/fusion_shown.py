"""Fusions and plans in words."""

from collections.abc import Iterator

from puremusic.fusion.v1 import fusion_pb2

from cli.moments import length
from cli.output import short

__all__ = ["described", "plan_rows"]


def described(fusion: fusion_pb2.Fusion) -> str:
    """Return a fusion in a line."""
    status = fusion_pb2.FusionStatus.Name(fusion.status).removeprefix("FUSION_STATUS_").lower()
    words = [f"fusion {short(fusion.fusion_id)} '{fusion.title}': {status}"]
    if fusion.HasField("plan"):
        words += target(fusion.plan)
    if not fusion.HasField("result"):
        return ", ".join(words)
    result = fusion.result
    words.append(length(result.duration_seconds))
    if result.HasField("loudness_lufs"):
        words.append(f"{result.loudness_lufs:.1f} LUFS")
    if result.HasField("true_peak_dbtp"):
        words.append(f"peak {result.true_peak_dbtp:.1f} dBTP")
    return ", ".join(words)


def target(plan: fusion_pb2.Plan) -> list[str]:
    """Return what a plan brings its stems to, in words; nothing where nothing is matched."""
    words = [f"{plan.tempo_bpm:.1f} BPM"] if plan.HasField("tempo_bpm") else []
    return words + ([plan.key.name] if plan.HasField("key") else [])


def plan_rows(plan: fusion_pb2.Plan) -> Iterator[tuple[str, str]]:
    """Return what a plan does and why, line by line."""
    yield f"plan {plan.rank}", ", ".join([*target(plan), f"cost {plan.cost.total:.2f}"])
    for track in plan.tracks:
        yield f"  {short(track.track_id)}", _bent(track)
    for reason in plan.reasons:
        yield "  why", reason.message
    for warning in plan.warnings:
        yield "  but", warning.message
    for collision in plan.collisions:
        where = ", ".join(f"{length(span.start_seconds)} to {length(span.end_seconds)}" for span in collision.spans[:3])
        yield "  at once", f"two {collision.role} ({collision.share:.0%}): {where}"


def _bent(track: fusion_pb2.TrackPlan) -> str:
    words = [f"x{track.speed:.3f}"]
    if track.level_factor not in (0, 1):
        words.append(f"counted x{track.level_factor:g}")
    if track.semitones or track.cents:
        words.append(f"{track.semitones:+d} semitones {track.cents:+.0f} cents")
    return ", ".join(words)
