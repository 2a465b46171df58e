"""Listening early: pieces of the stems are saved while the rest is still computed."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from puremusic.gateway.v1.gateway_pb2 import Job
from puremusic.separation.v1 import separation_pb2
from puremusic.separation.v1.separation_pb2 import Segment

from cli.client import Api, ApiError, downloads, methods
from cli.stem_types import name_of

__all__ = ["Early"]


class Early:
    """Saves the segments of a separation as they appear: FOLDER/<stem>/<milliseconds>.flac, in the order of time."""

    def __init__(self, api: Api, separation_id: str, folder: Path, failed: Callable[[ApiError], None]) -> None:
        self._api = api
        self._separation_id = separation_id
        self._folder = folder
        self._failed = failed
        self._heard_of = 0
        self._grown = asyncio.Event()

    def changed(self, job: Job) -> None:
        """Hear that a job has changed."""
        if job.job_id == self._separation_id and job.playable_seconds:
            self._grown.set()

    async def save_all(self) -> None:
        """Save what there is whenever there is more, until cancelled. A piece that can't be had ends it, not the job."""
        try:
            while await self._grown.wait():
                self._grown.clear()
                await self._save_new()
        except ApiError as error:
            self._failed(error)

    async def _save_new(self) -> None:
        while True:
            request = separation_pb2.ListSegmentsRequest(separation_id=self._separation_id, from_frame=self._heard_of)
            answer = await self._api.call(methods.LIST_SEGMENTS, request)
            if not answer.segments:
                return
            for segment in answer.segments:
                await self._save(segment, answer.sample_rate)
                self._heard_of = segment.first_frame + segment.frames

    async def _save(self, segment: Segment, sample_rate: int) -> None:
        begins = f"{segment.first_frame * 1000 // sample_rate:09}.flac"
        for stem in segment.stems:
            into = self._folder / name_of(stem.type) / begins
            into.parent.mkdir(parents=True, exist_ok=True)
            await downloads.save(self._api, stem.url, into, lambda _: None)
