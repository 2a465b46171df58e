"""Which networks make which stems: for a model, for a quality, or stem by stem.

Pure functions over cards; nothing here looks at files or imports torch.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.separation.engine.registry import ModelCard, NetworkCard

ENGINE_VERSION: Final = 1
"""Grows whenever the engine makes other samples of the same audio, networks and weights."""


class Quality(StrEnum):
    """A choice among models for those who don't know models."""

    DRAFT = "draft"
    STANDARD = "standard"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Part:
    """What one network has to do with the stems that are wanted.

    Attributes:
        network: which.
        weights: of each stem wanted from it, in the order of its outputs; over all parts a stem's weights sum to 1.
    """

    network: NetworkCard
    weights: Mapping[str, float]


def parts_of(stem_models: Mapping[str, ModelCard]) -> tuple[Part, ...]:
    """The networks that have to run, each once, so that every stem is made by its model.

    Args:
        stem_models: per stem wanted the model that makes it; the model has the stem.

    Returns:
        In the order of the networks' names, whatever the order of the stems: equal wishes are equal sums.
    """
    wanted: dict[str, tuple[NetworkCard, dict[str, float]]] = {}
    for stem, model in stem_models.items():
        column = model.stems.index(stem)
        total = sum(row[column] for _, row in model.networks)
        for network, row in model.networks:
            if row[column]:
                _, weights = wanted.setdefault(network.name, (network, {}))
                weights[stem] = row[column] / total
    return tuple(
        Part(network, {stem: weights[stem] for stem in network.stems if stem in weights})
        for _, (network, weights) in sorted(wanted.items())
    )


def model_for(
    quality: Quality, present: Collection[ModelCard], default: ModelCard, stems: Collection[str] = ()
) -> ModelCard:
    """The model that a quality stands for.

    Args:
        quality: `draft` is the cheapest, `standard` the default, `best` the one of the highest published SDR, and the
            cheaper where two are equal.
        present: the models to choose from, usually those whose weights are installed.
        default: the installation's default model; also what `draft` and `best` stand for where there is no other.
        stems: those that are wanted; only models that know them all are chosen by `draft` and `best`.
    """
    able = [card for card in present if set(stems) <= set(card.stems)]
    if quality is Quality.DRAFT:
        return min(able, key=_by_cost, default=default)
    if quality is Quality.BEST:
        rated = [(card.sdr_db, card) for card in able if card.sdr_db is not None]
        return min(rated, key=lambda pair: (-pair[0], *_by_cost(pair[1])), default=(0.0, default))[1]
    return default


def recipe_of(content_hash: str, parts: Collection[Part]) -> str:
    """The digest of all that decides what the stems will be: SHA-256, hexadecimal.

    Args:
        content_hash: of the audio's decoded samples, rate and channels.
        parts: the networks, their weights and with them the stems.
    """
    ingredients = {
        "engine": ENGINE_VERSION,
        "audio": content_hash,
        "parts": {part.network.identity: dict(part.weights) for part in parts},
    }
    return hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()


def _by_cost(card: ModelCard) -> tuple[float, str]:
    return card.relative_cost, card.name
