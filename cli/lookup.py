"""What a person calls a thing: its id, the beginning of its id, or its title."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2

from cli.client import Api, NotFound, Refused, methods

__all__ = ["Named", "find", "fusion_id", "fusions", "is_full", "job_id", "track_id", "track_ids", "tracks"]

_FULL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")
_SHORTEST = 4
_PAGE = 200


@dataclass(frozen=True)
class Named:
    """A thing with an id and a title, which others may have too."""

    id: str
    title: str


def find(name: str, things: Sequence[Named], what: str) -> str:
    """Return the id of the one thing of that title, or whose id begins so; raises `NotFound` or `Refused`."""
    titled = [each.id for each in things if each.title == name]
    prefixed = [each.id for each in things if len(name) >= _SHORTEST and each.id.startswith(name.lower())]
    found = titled or prefixed
    if not found:
        raise NotFound(f"{what.upper()}_NOT_FOUND", f"There is no {what} '{name}'.", code="NOT_FOUND")
    if len(found) > 1:
        ids = ", ".join(sorted(found))
        raise Refused("AMBIGUOUS", f"'{name}' may be any of {ids}. Type more of the id.", code="INVALID_ARGUMENT")
    return found[0]


def is_full(name: str) -> bool:
    """Whether it is a whole id, for which nobody needs to be asked."""
    return _FULL.fullmatch(name) is not None


async def tracks(api: Api) -> list[Named]:
    """Return all tracks of the user."""
    request = ingest_pb2.ListTracksRequest(page_size=_PAGE)
    found = await api.items(methods.LIST_TRACKS, request, lambda page: page.tracks)
    return [Named(track.track_id, track.title) for track in found]


async def fusions(api: Api) -> list[Named]:
    """Return all fusions of the user."""
    request = fusion_pb2.ListFusionsRequest(page_size=_PAGE)
    found = await api.items(methods.LIST_FUSIONS, request, lambda page: page.fusions)
    return [Named(fusion.fusion_id, fusion.title) for fusion in found]


async def fusion_id(api: Api, name: str) -> str:
    """Return the id of the fusion that the name means."""
    return name if is_full(name) else find(name, await fusions(api), "fusion")


async def track_ids(api: Api, names: Sequence[str]) -> list[str]:
    """Return the ids of the tracks that the names mean, in their order."""
    known = [] if all(map(is_full, names)) else await tracks(api)
    return [name if is_full(name) else find(name, known, "track") for name in names]


async def track_id(api: Api, name: str) -> str:
    """Return the id of the track that the name means."""
    return (await track_ids(api, [name]))[0]


async def job_id(api: Api, name: str) -> str:
    """Return the id of the job that the name means."""
    if is_full(name):
        return name
    found = await api.items(methods.LIST_JOBS, gateway_pb2.ListJobsRequest(page_size=_PAGE), lambda page: page.jobs)
    return find(name, [Named(job.job_id, job.title) for job in found], "job")
