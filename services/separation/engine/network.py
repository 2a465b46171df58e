"""From a weights file to a network that is ready on a device."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import torch
from demucs.htdemucs import HTDemucs
from safetensors.torch import load_file
from torch import Tensor, nn

from services.separation.engine.errors import DeviceUnavailable, WeightsCorrupt, WeightsMissing
from services.separation.engine.registry import DEFAULT_MODEL, ModelCard, card_of

# What the published checkpoints were trained with; everything else is demucs' default.
_ARCHITECTURES: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType(
    {
        "htdemucs": MappingProxyType(
            {
                "bottom_channels": 512,
                "channels": 48,
                "growth": 2,
                "nfft": 4096,
                "dconv_mode": 3,
                "t_layers": 5,
                "t_heads": 8,
                "cac": True,
            }
        )
    }
)


@dataclass(frozen=True, slots=True)
class Model:
    """A network with its weights on its device; stays loaded for as long as somebody holds it.

    Attributes:
        card: what the registry says about it.
        network: in eval mode; (batch, channels, window_frames) -> (batch, stems, channels, window_frames).
        device: where the network's weights are.
    """

    card: ModelCard
    network: nn.Module
    device: torch.device

    @property
    def device_name(self) -> str:
        """What it computes on, for people: `cpu`, `mps`, or `cuda:` and the GPU's name."""
        if self.device.type == "cuda":
            return f"cuda:{torch.cuda.get_device_name(self.device)}"
        return self.device.type

    def infer(self, windows: Tensor) -> Tensor:
        """Separates normalised windows.

        Args:
            windows: float32 (batch, channels, window_frames), on any device.

        Returns:
            float32 (batch, stems, channels, window_frames) on the model's device.
        """
        with torch.inference_mode(), _scaled_dot_product_attention():
            stems: Tensor = self.network(windows.to(self.device))
        return stems


def load_model(weights: Path, device: str = "auto", *, name: str = DEFAULT_MODEL, threads: int | None = None) -> Model:
    """Loads a model's verified weights onto a device.

    Args:
        weights: the directory that holds `<name>.safetensors`.
        device: `cpu`, `cuda`, `cuda:<n>`, `mps`, or `auto` (a CUDA GPU where there is one, else the CPU).
        name: the model, by its name in the registry.
        threads: how many threads torch may use on the CPU, in this whole process; None leaves torch's choice.

    Raises:
        UnknownModel: the registry has no such model.
        DeviceUnavailable: the device is not in this machine. Never replaced by another one.
        WeightsMissing: no weights file.
        WeightsCorrupt: a file of another SHA-256 than the pinned one.
        ValueError: `threads` is below 1.
    """
    card = card_of(name)
    chosen = choose_device(device)
    if threads is not None:
        _use_threads(threads)
    file = _verified(card, weights)
    network = build_network(card)
    network.load_state_dict(load_file(file))
    return Model(card=card, network=network.to(chosen).eval(), device=chosen)


def build_network(card: ModelCard) -> nn.Module:
    """The card's network with random weights, on the CPU."""
    network: nn.Module = HTDemucs(
        sources=list(card.stems),
        audio_channels=card.channels,
        samplerate=card.sample_rate,
        segment=card.window_seconds,
        **_ARCHITECTURES[card.name],
    )
    return network


def choose_device(wanted: str) -> torch.device:
    """The device called `wanted`, if this machine has it.

    Raises:
        DeviceUnavailable: it has not, or there is no device of that name.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = None
    if device is None or device.type not in {"cpu", "cuda", "mps"}:
        raise DeviceUnavailable(f"There is no device {wanted!r}; use auto, cpu, cuda, cuda:<n> or mps.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceUnavailable(
            f"Device {wanted!r} was asked for, but PyTorch {torch.__version__} sees "
            f"{torch.cuda.device_count()} CUDA GPUs on this machine. Install a CUDA build of PyTorch and the "
            "driver, or choose cpu or auto."
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceUnavailable("Device 'mps' was asked for, but this machine has no Apple GPU; choose cpu or auto.")
    return device


def _verified(card: ModelCard, directory: Path) -> Path:
    file = card.weights_file(directory)
    try:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        raise WeightsMissing(
            f"The weights of {card.name} are missing: there is no {file}. Run `make weights` to fetch them."
        ) from None
    if digest != card.weights_sha256:
        raise WeightsCorrupt(
            f"{file} is not the published model {card.name}: its SHA-256 is {digest}, "
            f"not {card.weights_sha256}. Run `make weights` to fetch it again."
        )
    return file


def _use_threads(threads: int) -> None:
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    torch.set_num_threads(threads)


@contextmanager
def _scaled_dot_product_attention() -> Iterator[None]:
    """Sends attention through `scaled_dot_product_attention` instead of the fused multi-head path.

    On CPUs the fused path holds every head's whole score matrix and is 8-13 % slower for this network; the result
    is the same to rounding. The switch is torch's and process-wide, so it is put back: a reference run of demucs in
    the same process keeps its own arithmetic. Two threads at once may cost each other the speed, never the result.
    """
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
