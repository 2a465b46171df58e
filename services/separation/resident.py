"""The networks a worker holds: loaded once, kept on their device, lent to one job after the other."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chassis.errors import Exhausted
from services.separation.config import DeviceConfig
from services.separation.engine.choice import Part
from services.separation.engine.errors import OutOfMemory, WeightsCorrupt, WeightsMissing
from services.separation.engine.inference import Inference
from services.separation.engine.loading import Computing, computing, give_memory_back, load_inference, unload
from services.separation.engine.registry import NetworkCard
from services.separation.engine.stems import Ensemble
from services.separation.models import Stamp, not_present, stamp_of

log = logging.getLogger(__name__)

_MEBIBYTE = 2**20


@dataclass(eq=False)
class _Resident:
    """A network that is loaded."""

    inference: Inference
    size_bytes: int
    jobs: int = 0
    """How many jobs are using it."""
    used: int = 0
    """When it was last lent, by the count of loans."""


@dataclass
class ResidentModels:
    """Networks by name, under a budget of memory: the least recently used goes, but none that a job is using.

    Where weights are missing nothing takes their place; once they are there they are found.
    """

    weights_dir: Path
    config: DeviceConfig
    _resident: dict[str, _Resident] = field(default_factory=dict)
    _refused: dict[str, tuple[Stamp | None, str | None]] = field(default_factory=dict)
    """Names whose weights could not be loaded, the file's stamp and wanted digest then: while these stay, so does the answer."""
    _proven: set[str] = field(default_factory=set)
    """Names that could be loaded once."""
    _arriving: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one request that makes room and loads: each network is loaded once, and nobody is overtaken."""
    _returned: asyncio.Event = field(default_factory=asyncio.Event)
    _loans: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _how: Computing | None = None

    @property
    def how(self) -> Computing:
        """How networks are computed here; raises `DeviceUnavailable` unless the configured device is in this machine."""
        if self._how is None:
            config = self.config
            self._how = computing(
                config.device,
                threads=config.threads,
                cpu_core=config.core,
                precision=config.precision,
                batch_sizes=config.batch_sizes,
            )
        return self._how

    @asynccontextmanager
    async def ensemble(self, parts: Sequence[Part]) -> AsyncIterator[Ensemble]:
        """Lend the networks of `parts`, with the weights wanted from them, for as long as the block runs.

        Loads what is not there. While others use what would have to go, it waits; networks that are too large for the budget
        even alone are loaded all the same, and said so.

        Raises:
            NotReady: weights are missing or not the right ones.
            Exhausted: the device has no room for them.
        """
        cards = [part.network for part in parts]
        async with self._arriving:
            await self._make_room(cards)
            lent = [await self._get(card) for card in cards]
            for resident in lent:
                resident.jobs += 1
                resident.used = next(self._loans)
        try:
            yield [(resident.inference, part.weights) for resident, part in zip(lent, parts, strict=True)]
        finally:
            for resident in lent:
                resident.jobs -= 1
            self._returned.set()

    async def check(self, parts: Sequence[Part]) -> None:
        """Raise as `ensemble` does if these networks can't be had. Loads them, but not again once that has succeeded."""
        if not self._proven.issuperset(part.network.name for part in parts):
            async with self.ensemble(parts):
                pass

    async def close(self) -> None:
        """End all that is loaded; nobody uses it any more."""
        residents = list(self._resident.values())
        self._resident.clear()
        for resident in residents:
            await asyncio.to_thread(unload, resident.inference)

    async def _make_room(self, cards: Sequence[NetworkCard]) -> None:
        wanted = {card.name for card in cards}
        needed = sum(self._size_bytes(card) for card in cards if card.name not in self._resident)
        budget = self.config.model_memory_mb * _MEBIBYTE
        while needed and sum(resident.size_bytes for resident in self._resident.values()) + needed > budget:
            others = {name: resident for name, resident in self._resident.items() if name not in wanted}
            idle = [name for name, resident in others.items() if not resident.jobs]
            if idle:
                await self._evict(min(idle, key=lambda name: others[name].used))
            elif others:
                self._returned.clear()
                await self._returned.wait()
            else:
                facts = {
                    "models": sorted(wanted),
                    "needed_mb": needed // _MEBIBYTE,
                    "budget_mb": self.config.model_memory_mb,
                }
                log.warning("more memory for models than the budget", extra={"facts": facts})
                return

    def _size_bytes(self, card: NetworkCard) -> int:
        stamp = stamp_of(card.weights_file(self.weights_dir))
        return stamp[0] * self.how.memory_factor if stamp else 0

    async def _evict(self, name: str) -> None:
        await asyncio.to_thread(unload, self._resident.pop(name).inference)
        await asyncio.to_thread(give_memory_back, self.how)
        log.info("model evicted", extra={"facts": {"model": name}})

    async def _get(self, card: NetworkCard) -> _Resident:
        if card.name not in self._resident:
            self._resident[card.name] = _Resident(await self._load(card), self._size_bytes(card))
        return self._resident[card.name]

    async def _load(self, card: NetworkCard) -> Inference:
        """Load a network, unless that failed before and its files are still the same."""
        state = (stamp_of(card.weights_file(self.weights_dir)), card.digest(self.weights_dir))
        if self._refused.get(card.name) == state:
            raise not_present(card.name)
        try:
            inference = await asyncio.to_thread(load_inference, card, self.weights_dir, self.how)
        except (WeightsMissing, WeightsCorrupt) as error:
            self._refused[card.name] = state
            log.error("no separation until this is put right: %s", error, extra={"facts": {"model": card.name}})  # noqa: TRY400
            raise not_present(card.name) from None
        except OutOfMemory as error:
            raise Exhausted("OUT_OF_MEMORY", str(error), model=card.name) from None
        self._proven.add(card.name)
        log.info("model loaded", extra={"facts": {"model": card.name, "device": inference.device_name}})
        return inference
