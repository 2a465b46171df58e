"""The worker's eye on its device."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.work import Finish, Run
from services.separation.engine.errors import DeviceFailed
from services.separation.worker import Watched
from tests.unit.job_rows import JOB

PATIENCE = 30.0


def run() -> Run:
    job = replace(JOB, state="running", attempt=1)
    return Run(job, lambda _payload: None)


async def finish(_connection: AsyncConnection) -> None:
    """A job that writes nothing."""


async def test_a_device_that_failed_ends_the_process_and_its_job_is_tried_again() -> None:
    async def handler(_run: Run) -> Finish:
        raise DeviceFailed("The GPU fell off its bus.")

    watched = Watched(handler)
    ending = asyncio.create_task(watched.until_the_device_fails())
    for _ in range(2):  # jobs at once fail together
        with pytest.raises(DeviceFailed):
            await watched(run())
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(DeviceFailed, match="fell off"):
            await ending


async def test_other_errors_are_the_jobs_own_affair() -> None:
    async def handler(run: Run) -> Finish:
        if run.stopped():
            raise ArithmeticError
        return finish

    watched, first, second = Watched(handler), run(), run()
    ending = asyncio.create_task(watched.until_the_device_fails())
    second.stop()
    assert await watched(first) is finish
    with pytest.raises(ArithmeticError):
        await watched(second)
    assert not ending.done()
    ending.cancel()
