"""The models this service can run: data only, no torch.

The server process lists models from here; the worker loads them; the weights step fetches them. A model is usable
when the file whose SHA-256 is pinned here lies in the weights directory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.separation.engine.errors import UnknownModel


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
class ModelCard:
    """One separation model.

    Attributes:
        name: its name in the API and of its weights file.
        stems: what it separates, in the order of the network's outputs.
        sample_rate: the rate the network works at, in Hz. Tracks of other rates are resampled there and back.
        channels: the channels the network works on. Mono tracks are heard twice.
        window_seconds: how much music the network hears at once: the length it was trained on.
        licence: what its weights may be used for; users must be told.
        citation: who made it and where it is described.
        weights_sha256: the digest of its safetensors file, in full; it alone decides whether a file is the model.
        export: where its weights are published, if the weights step can fetch them by itself.
    """

    name: str
    stems: tuple[str, ...]
    sample_rate: int
    channels: int
    window_seconds: float
    licence: str
    citation: str
    weights_sha256: str
    export: NpmExport | None

    @property
    def window_frames(self) -> int:
        """The window in frames at `sample_rate`."""
        return int(self.window_seconds * self.sample_rate)

    def weights_file(self, directory: Path) -> Path:
        """Where the model's weights lie in a weights directory."""
        return directory / f"{self.name}.safetensors"

    def present(self, directory: Path) -> bool:
        """Whether a weights file is there; whether it is the right one is checked when it is loaded."""
        return self.weights_file(directory).is_file()


HTDEMUCS: Final = ModelCard(
    name="htdemucs",
    stems=("drums", "bass", "other", "vocals"),
    sample_rate=44_100,
    channels=2,
    window_seconds=7.8,
    licence="personal and research use only",
    citation=(
        "Rouard, Massa, Défossez: Hybrid Transformers for Music Source Separation, ICASSP 2023, arXiv:2211.08553"
    ),
    weights_sha256="35c75b75f04e59d382e338566948f4336fa07962cdeeb7e9314f016910478038",
    export=NpmExport(
        package="demucs",
        version="0.0.1",
        member="package/htdemucs.onnx",
        size=174_263_526,
        sha256="da9e5101ee0804d04933974b59d8aae9c862e80e14f2f24e7c74cae76bdbe748",
    ),
)

MODELS: Final[Mapping[str, ModelCard]] = MappingProxyType({card.name: card for card in (HTDEMUCS,)})
"""Every model by its name."""

DEFAULT_MODEL: Final = HTDEMUCS.name
"""The model of a request that names none."""


def card_of(name: str) -> ModelCard:
    """The card of the model called `name`.

    Raises:
        UnknownModel: there is none; the message lists those there are.
    """
    try:
        return MODELS[name]
    except KeyError:
        raise UnknownModel(f"There is no model {name!r}; there are: {', '.join(sorted(MODELS))}.") from None
