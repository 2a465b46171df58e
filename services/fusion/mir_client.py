"""Mir as fusion sees it: what is known of these tracks?"""

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
from puremusic.mir.v1 import mir_pb2, mir_pb2_grpc

from chassis import peers
from services.fusion.mixing.planning.material import Key, Section, Span, StemFacts, Track

Context = grpc.aio.ServicerContext[Any, Any]

AT_ONCE = 8
"""Analyses that are asked for at the same time: a ranking wants many."""

_MODES = {mir_pb2.MODE_MAJOR: "major", mir_pb2.MODE_MINOR: "minor"}


class MirClient:
    """Asks mir with the caller's own token, so that mir checks the owner."""

    def __init__(self, address: str) -> None:
        self._channel = peers.channel(address)
        self._analyses = mir_pb2_grpc.AnalysesServiceStub(self._channel)

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()

    async def tracks(self, track_ids: Iterable[str], context: Context) -> dict[str, Track]:
        """Return what was heard in each track, by its id; those that nobody has listened to to the end are left out."""
        permits = asyncio.Semaphore(AT_ONCE)

        async def ask(track_id: str) -> mir_pb2.Analysis | None:
            async with permits:
                return await self._analysis(track_id, context)

        answers = await asyncio.gather(*(ask(track_id) for track_id in dict.fromkeys(track_ids)))
        return {
            answer.track_id: to_track(answer)
            for answer in answers
            if answer is not None and answer.source and not answer.provisional
        }

    async def _analysis(self, track_id: str, context: Context) -> mir_pb2.Analysis | None:
        request = mir_pb2.GetAnalysisRequest(track_id=track_id, view=mir_pb2.ANALYSIS_VIEW_FULL)
        try:
            return await self._analyses.GetAnalysis(request, **peers.options(context))
        except grpc.aio.AioRpcError as failure:
            if failure.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise


def to_track(analysis: mir_pb2.Analysis) -> Track:
    """Return what planning needs of an analysis; what was not heard is None or empty."""
    tempo = analysis.tempo if analysis.HasField("tempo") else None
    metre = analysis.time_signature if analysis.HasField("time_signature") else None
    compound = metre is not None and is_compound(metre)
    return Track(
        track_id=analysis.track_id,
        seconds=analysis.duration_seconds,
        bpm=tempo.bpm if tempo else None,
        tempo_confidence=tempo.confidence if tempo else 0.0,
        beats=tuple(analysis.beats.seconds),
        positions=tuple(analysis.beats.positions),
        beats_per_bar=_beats_per_bar(metre) if metre else None,
        compound=compound,
        key=_key(analysis.key) if analysis.HasField("key") else None,
        tuning_cents=analysis.tuning_cents,
        sections=tuple(Section(_span(part), part.label, part.bars) for part in analysis.sections),
        loudness_lufs=analysis.loudness_lufs if analysis.HasField("loudness_lufs") else None,
        stems={stem.stem: _stem(stem) for stem in analysis.stems},
        analysis_id=analysis.analysis_id,
        analysis_version=analysis.version,
    )


def is_compound(metre: mir_pb2.TimeSignature) -> bool:
    """Whether a beat falls into three: 6/8, 9/8, 12/8."""
    return metre.denominator >= 8 and metre.numerator > 3 and metre.numerator % 3 == 0


def _beats_per_bar(metre: mir_pb2.TimeSignature) -> int:
    return metre.numerator // 3 if is_compound(metre) else metre.numerator


def _key(key: mir_pb2.Key) -> Key:
    return Key(key.tonic, _MODES[key.mode], key.confidence)


def _stem(found: mir_pb2.StemFindings) -> StemFacts:
    loudness = found.loudness.integrated_lufs if found.loudness.HasField("integrated_lufs") else None
    return StemFacts(loudness, tuple(_span(span) for span in found.active))


def _span(span: mir_pb2.Span | mir_pb2.Section) -> Span:
    return Span(span.start_seconds, span.end_seconds)
