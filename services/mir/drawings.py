"""What an analysis draws of a track, as objects: the spectrogram's image, and features over time.

They are drawn of the track's audio, so they lie by track, where every analysis of it puts them again:
`mir/<owner>/<track>/1/<name>`. They are real while the track has an analysis, and go with it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chassis.errors import Unavailable
from chassis.objects import ObjectKey, ObjectStore
from services.mir.config import SERVICE
from services.mir.store import AnalysisRow, Track

log = logging.getLogger(__name__)

SPECTROGRAM = "spectrogram.png"
FEATURES = "features.json"
CONTENT_TYPES = {SPECTROGRAM: "image/png", FEATURES: "application/json"}


@dataclass(frozen=True)
class DrawnFile:
    """Where a file can be fetched, and until when."""

    name: str
    url: str
    expires: datetime
    size_bytes: int


def prefix(owner_id: str, track_id: str = "") -> str:
    """Return what all objects of a track, or of an owner, begin with."""
    return f"{SERVICE}/{owner_id}/{track_id}/" if track_id else f"{SERVICE}/{owner_id}/"


async def put(objects: ObjectStore, track: Track, files: Mapping[str, Path]) -> dict[str, int]:
    """Store files and return their sizes in bytes, both by name."""
    sizes = {}
    for name, path in files.items():
        stored = await objects.put_file(_key(track, name), path, CONTENT_TYPES[name])
        sizes[name] = stored.size_bytes
    return sizes


def addresses(objects: ObjectStore, row: AnalysisRow) -> list[DrawnFile]:
    """Return where what was drawn can be fetched. Makes no call."""
    drawn = []
    for name, size_bytes in row.files.items():
        url, expires = objects.presign_get(
            str(_key(row.track, name)), name, inline=True, content_type=CONTENT_TYPES[name]
        )
        drawn.append(DrawnFile(name, url, expires, size_bytes))
    return drawn


async def remove(objects: ObjectStore, below: str) -> None:
    """Remove everything below a prefix. What the store keeps now, the collector finds later."""
    try:
        await objects.remove_prefix(below)
    except Unavailable as error:
        log.warning("objects left to the collector", extra={"facts": {"prefix": below, "why": error.reason}})


def _key(track: Track, name: str) -> ObjectKey:
    return ObjectKey(SERVICE, track.owner_id, track.track_id, 1, name)
