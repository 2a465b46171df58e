"""The models of this installation: which are known, and whose weights are really there."""

import asyncio
import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from chassis.errors import InvalidInput, NotReady
from services.separation.engine import choice
from services.separation.engine.choice import Quality
from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import MODELS, ModelCard, NetworkCard, card_of

log = logging.getLogger(__name__)

Stamp = tuple[int, int]
"""Size in bytes and time of change of a file: while both stay, so does its content."""


@dataclass
class Models:
    """What may be asked for. Weights count as present once their SHA-256 was found right; that is checked once per file."""

    weights_dir: Path
    default_name: str
    _verified: dict[Path, tuple[Stamp, str, bool]] = field(default_factory=dict)
    """Per weights file: its stamp and the digest it should have when it was hashed, and whether it had it."""

    def __post_init__(self) -> None:
        """Refuse a default model that nobody knows."""
        card_of(self.default_name)

    def card(self, name: str) -> ModelCard:
        """Return the model of this name (empty: the default one), or raise `InvalidInput`."""
        try:
            return card_of(name or self.default_name)
        except UnknownModel as error:
            raise InvalidInput("UNKNOWN_MODEL", str(error), model=name) from None

    def cards(self) -> list[ModelCard]:
        """Return every known model, the default one first."""
        return sorted(MODELS.values(), key=lambda card: (card.name != self.default_name, card.name))

    async def present(self, card: ModelCard) -> bool:
        """Say whether the weights of all the model's networks are there and are the right ones."""
        for network, _ in card.networks:
            if not await self._network_present(network):
                return False
        return True

    async def chosen(self, quality: Quality, stems: Collection[str] = ()) -> ModelCard:
        """Return the model that a quality stands for here; only one that knows these stems, unless it is the default."""
        present = [card for card in self.cards() if await self.present(card)]
        return choice.model_for(quality, present, self.card(""), stems)

    async def qualities_of(self, card: ModelCard) -> list[Quality]:
        """Return the qualities that choose this model here."""
        return [quality for quality in Quality if await self.chosen(quality) is card]

    async def warn_if_absent(self) -> None:
        """Say at the start what will be refused later."""
        card = self.card("")
        if not await self.present(card):
            log.error(
                "the default model's weights are missing or wrong: nothing will be separated; run `make weights`",
                extra={"facts": {"model": card.name, "weights_dir": str(self.weights_dir)}},
            )

    async def _network_present(self, card: NetworkCard) -> bool:
        file = card.weights_file(self.weights_dir)
        stamp, digest = stamp_of(file), card.digest(self.weights_dir)
        if stamp is None or digest is None:
            return False
        known = self._verified.get(file)
        if known is None or known[:2] != (stamp, digest):
            known = (stamp, digest, await asyncio.to_thread(_matches, file, digest))
            self._verified[file] = known
        return known[2]


def stamp_of(file: Path) -> Stamp | None:
    """Return the file's stamp, or None where there is no file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def not_present(name: str) -> NotReady:
    """Return the error of a model without weights."""
    return NotReady(
        "MODEL_NOT_PRESENT",
        f"The weights of the model {name} are not installed here, and nothing else is used in their place."
        " The operator has to run `make weights` (with `MODELS=` for others than the default one); then ask again.",
        model=name,
    )


def _matches(file: Path, sha256: str) -> bool:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except OSError:
        return False
