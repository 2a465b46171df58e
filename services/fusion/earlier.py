"""Fusions that were asked for before fusions were planned: their rows say nothing but stems and faders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.fusion import deciding
from services.fusion.mixing.planning.wish import StemWish, Wish
from services.fusion.mixing.receipts import Receipt, SourceRecord
from services.fusion.mixing.rendering.tagging.tags import Tags
from services.fusion.mixing.sources import FileSource
from services.fusion.store import Selection


def unplanned(title: str, stems: Sequence[Selection], paths: Mapping[str, Path]) -> Receipt:
    """Return what is rendered of such a row, its stems' files by their ids: all of them as they are, from the beginning.

    Raises:
        InvalidSource: if a stem has neither one nor two channels.
    """
    wish = Wish(tuple(_wish(stem, FileSource(paths[stem.stem_id])) for stem in stems))
    _, arrangement = deciding.decided(wish, deciding.unheard(wish), 1)
    sources = {stem.stem_id: SourceRecord(stem.track_id, stem.type, scale_bits=stem.scale_bits) for stem in stems}
    return Receipt(arrangement, sources, tags=Tags(title=title))


def _wish(stem: Selection, source: FileSource) -> StemWish:
    return StemWish(
        stem_id=stem.stem_id,
        track_id=stem.track_id,
        role=stem.type,
        seconds=source.frames / source.sample_rate,
        sample_rate=source.sample_rate,
        gain_db=stem.gain_db,
        pan=stem.pan,
        muted=stem.mute,
    )
