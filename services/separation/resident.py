"""The models a worker holds: loaded once, kept on their device, used by one job after the other."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

from services.separation.config import DeviceConfig
from services.separation.engine.errors import UnknownModel, WeightsCorrupt, WeightsMissing
from services.separation.engine.network import Model, choose_device, load_model
from services.separation.engine.registry import card_of
from services.separation.models import Stamp, not_present, stamp_of

log = logging.getLogger(__name__)


@dataclass
class ResidentModels:
    """Models by name. Where weights are missing nothing takes their place; once they are there they are found."""

    weights_dir: Path
    config: DeviceConfig
    _loaded: dict[str, Model] = field(default_factory=dict)
    _refused: dict[str, Stamp | None] = field(default_factory=dict)
    """Names whose weights could not be loaded, and the file's stamp at that time: while it stays, so does the answer."""
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def require_device(self) -> None:
        """Raise `DeviceUnavailable` unless the configured device is in this machine."""
        choose_device(self.config.device)

    async def get(self, name: str) -> Model:
        """Return the model, loading it if need be, or raise `NotReady`."""
        async with self._loading:
            if name not in self._loaded:
                self._loaded[name] = await self._load(name)
        return self._loaded[name]

    async def _load(self, name: str) -> Model:
        """Load a model, unless that failed before and its file is still the same."""
        try:
            stamp = stamp_of(card_of(name).networks[0][0].weights_file(self.weights_dir))
        except UnknownModel:
            raise not_present(name) from None
        if name in self._refused and self._refused[name] == stamp:
            raise not_present(name)
        try:
            model = await asyncio.to_thread(
                load_model, self.weights_dir, self.config.device, name=name, threads=self.config.threads or None
            )
        except (WeightsMissing, WeightsCorrupt) as error:
            self._refused[name] = stamp
            log.error("no separation until this is put right: %s", error, extra={"facts": {"model": name}})  # noqa: TRY400
            raise not_present(name) from None
        log.info("model loaded", extra={"facts": {"model": name, "device": model.device_name}})
        return model
