"""The networks a worker holds: loaded once, lent to jobs, and gone when others need the room."""

import asyncio
import gc
import logging
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path

import pytest

from chassis.errors import NotReady
from services.separation.config import DeviceConfig
from services.separation.engine.choice import Part, parts_of
from services.separation.engine.cpu_core import CpuCore
from services.separation.engine.errors import DeviceUnavailable
from services.separation.engine.inference import DirectInference, Inference
from services.separation.engine.registry import card_of
from services.separation.resident import ResidentModels
from tests.servers.small_weights import small_model

PATIENCE = 30.0
ROOM_FOR_TWO = 3
"""Megabytes; each of the small networks has 1.4."""

FOUR = card_of("htdemucs_ft")
VOCALS, DRUMS, BASS = (parts_of({stem: FOUR}) for stem in ("vocals", "drums", "bass"))
"""One network each."""
WHOLE = parts_of(dict.fromkeys(FOUR.stems, FOUR))
"""Four networks."""


@pytest.fixture
def weights_dir(tmp_path: Path) -> Path:
    """A folder with the weights of four small networks."""
    small_model(FOUR.name, tmp_path)
    return tmp_path


def resident(weights_dir: Path, budget_mb: int = 1024) -> ResidentModels:
    return ResidentModels(weights_dir, DeviceConfig(device="cpu", model_memory_mb=budget_mb))


async def lent(residents: ResidentModels, parts: Sequence[Part]) -> list[Inference]:
    """The inferences of a loan that is over at once."""
    async with residents.ensemble(parts) as ensemble:
        assert [weights for _, weights in ensemble] == [part.weights for part in parts]
        return [inference for inference, _ in ensemble]


async def test_networks_are_loaded_once_also_when_asked_for_at_once(weights_dir: Path) -> None:
    residents = resident(weights_dir)
    first, second, (alone,) = await asyncio.gather(
        lent(residents, WHOLE), lent(residents, WHOLE), lent(residents, VOCALS)
    )
    assert [id(inference) for inference in first] == [id(inference) for inference in second]
    assert alone in first
    assert {inference.device_name for inference in first} == {"cpu"}


async def test_the_least_recently_used_makes_room(weights_dir: Path) -> None:
    residents = resident(weights_dir, ROOM_FOR_TWO)
    (vocals,) = await lent(residents, VOCALS)
    (drums,) = await lent(residents, DRUMS)
    await lent(residents, VOCALS)
    await lent(residents, BASS)
    assert await lent(residents, VOCALS) == [vocals]
    assert await lent(residents, DRUMS) != [drums]


async def test_the_memory_of_what_went_is_given_back(weights_dir: Path) -> None:
    residents = resident(weights_dir, ROOM_FOR_TWO)
    (vocals,) = await lent(residents, VOCALS)
    assert isinstance(vocals, DirectInference)
    network = weakref.ref(vocals.network)
    del vocals
    gc.disable()  # whoever evicts has to see to it
    try:
        await lent(residents, DRUMS)
        assert network() is not None
        await lent(residents, BASS)
        assert network() is None
    finally:
        gc.enable()


async def test_what_a_job_uses_stays_and_others_wait_for_it(weights_dir: Path) -> None:
    residents = resident(weights_dir, ROOM_FOR_TWO)
    async with residents.ensemble(VOCALS) as in_use, residents.ensemble(DRUMS):
        waiting = asyncio.create_task(lent(residents, BASS))
        patient = asyncio.create_task(lent(residents, VOCALS))
        done, _ = await asyncio.wait({waiting, patient}, timeout=0.2)
        assert not done, "there is no room, and who came later does not overtake"
    async with asyncio.timeout(PATIENCE):
        await waiting
        assert (await patient)[0].card is in_use[0][0].card


async def test_a_request_that_is_given_up_while_it_waits_holds_nobody_up(weights_dir: Path) -> None:
    residents = resident(weights_dir, ROOM_FOR_TWO)
    async with residents.ensemble(VOCALS), residents.ensemble(DRUMS):
        waiting = asyncio.create_task(lent(residents, BASS))
        await asyncio.wait({waiting}, timeout=0.1)
        waiting.cancel()
        async with asyncio.timeout(PATIENCE):
            await lent(residents, VOCALS)


async def test_a_bag_beyond_the_budget_is_loaded_all_the_same_and_said_so(
    weights_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    residents = resident(weights_dir, ROOM_FOR_TWO)
    async with asyncio.timeout(PATIENCE):
        assert len(await lent(residents, WHOLE)) == 4
        assert "more memory for models than the budget" in caplog.text
        caplog.clear()
        await lent(residents, DRUMS)
    assert not caplog.records


async def test_a_job_that_fails_returns_what_it_was_lent(weights_dir: Path) -> None:
    residents = resident(weights_dir, ROOM_FOR_TWO)
    with pytest.raises(ArithmeticError):
        async with residents.ensemble(VOCALS), residents.ensemble(DRUMS):
            raise ArithmeticError
    async with asyncio.timeout(PATIENCE):
        await lent(residents, BASS)


async def test_without_weights_it_refuses_until_the_file_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    residents = resident(tmp_path)
    for _ in range(2):
        with pytest.raises(NotReady, match="make weights"):
            await lent(residents, VOCALS)
    assert len(caplog.records) == 1, "once is loud enough"

    small_model(FOUR.name, tmp_path)
    file = VOCALS[0].network.weights_file(tmp_path)
    right = file.read_bytes()
    file.write_bytes(b"not the model")
    with pytest.raises(NotReady):
        await lent(residents, VOCALS)
    assert "is not the published model" in caplog.text

    file.write_bytes(right)
    assert len(await lent(residents, VOCALS)) == 1


async def test_the_check_loads_once_and_keeps_nothing_in_memory(
    weights_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    residents = resident(weights_dir, ROOM_FOR_TWO)
    await residents.check(VOCALS)
    await lent(residents, parts_of({"drums": FOUR, "bass": FOUR}))
    loaded = [record.getMessage() for record in caplog.records].count("model loaded")
    await residents.check(VOCALS)
    assert [record.getMessage() for record in caplog.records].count("model loaded") == loaded == 3


async def test_the_check_refuses_without_weights(tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        await resident(tmp_path).check(VOCALS)


@pytest.mark.parametrize(
    ("config", "error"),
    [(DeviceConfig(device="cuda:99"), DeviceUnavailable), (DeviceConfig(device="cpu", batch_sizes=(8, 0)), ValueError)],
)
def test_what_cannot_be_computed_with_is_an_error_at_the_start(
    tmp_path: Path, config: DeviceConfig, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _ = ResidentModels(tmp_path, config).how


def test_a_core_that_is_not_installed_is_an_error_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(DeviceUnavailable, match="not installed"):
        _ = ResidentModels(tmp_path, DeviceConfig(device="cpu", core=CpuCore.OPENVINO)).how
