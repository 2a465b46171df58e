"""From a weights file to a network that is ready on a device."""

import hashlib
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from services.separation.engine.architecture import CLASSES, Architecture, from_metadata
from services.separation.engine.errors import DeviceUnavailable, WeightsCorrupt, WeightsMissing
from services.separation.engine.registry import DEFAULT_MODEL, MODELS, NetworkCard


def load_network(card: NetworkCard, weights_dir: Path, device: torch.device | None = None) -> nn.Module:
    """Loads a network's verified weights onto a device.

    Args:
        card: the network.
        weights_dir: the directory that holds `<name>.safetensors`.
        device: where the network is to be; None is the CPU.

    Returns:
        float32, in eval mode: (batch, channels, n) -> (batch, stems, channels, n).

    Raises:
        WeightsMissing: no weights file, or nothing that says which one it should be.
        WeightsCorrupt: a file of another SHA-256, or one that holds another network than the card says.
    """
    file = verified_weights(card, weights_dir)
    try:
        with safe_open(file, framework="pt") as content:
            architecture = card.architecture or from_metadata(content.metadata() or {})
            state = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118 - not a dict
        network = network_of(architecture, state)
    except (SafetensorError, WeightsCorrupt) as error:
        raise WeightsCorrupt(f"{file} cannot be used: {error}") from error
    _require_as_announced(card, network)
    return network.to(device or torch.device("cpu")).eval()


def network_of(architecture: Architecture, state: dict[str, Tensor]) -> nn.Module:
    """A network with these weights, on the CPU in float32.

    Raises:
        WeightsCorrupt: no network can be built from these arguments, or the weights are another one's.
    """
    network = build_network(architecture)
    try:
        network.load_state_dict(state)
    except (RuntimeError, AttributeError) as error:
        raise WeightsCorrupt(f"its tensors are not those of the network it says it is: {error}") from None
    return network


def build_network(architecture: Architecture) -> nn.Module:
    """A network with random weights, on the CPU.

    Arguments that its class does not know are left out, as demucs does: checkpoints may be older than the class.

    Raises:
        WeightsCorrupt: the class cannot be constructed with the others.
    """
    module, name = CLASSES[architecture.name].rsplit(".", 1)
    constructor: Any = getattr(import_module(module), name)
    known = inspect.signature(constructor).parameters
    arguments = {key: value for key, value in architecture.arguments.items() if key in known}
    try:
        network: nn.Module = constructor(*architecture.positional, **arguments)
    except Exception as error:
        raise WeightsCorrupt(f"no {name} can be built with its arguments ({error!r})") from error
    return network


def choose_device(wanted: str) -> torch.device:
    """The device called `wanted`, if this machine has it.

    Args:
        wanted: `cpu`, `cuda`, `cuda:<n>`, `mps`, or `auto` (a CUDA GPU where there is one, else the CPU).

    Raises:
        DeviceUnavailable: it has not, or there is no device of that name. Never replaced by another one.
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


def use_threads(threads: int) -> None:
    """Sets how many threads torch may use on the CPU, in this whole process.

    Raises:
        ValueError: below 1.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    torch.set_num_threads(threads)


def verified_weights(card: NetworkCard, directory: Path) -> Path:
    """The card's weights file, whose bytes are the right ones.

    Raises:
        WeightsMissing, WeightsCorrupt: as `load_network`.
    """
    file, expected = card.weights_file(directory), card.digest(directory)
    try:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        raise WeightsMissing(
            f"The weights of {card.name} are missing: there is no {file}. Run {_fetching(card)} to fetch them."
        ) from None
    if expected is None:
        raise WeightsMissing(
            f"There is no {card.digest_file(directory)}, which says what the weights of {card.name} are. "
            f"Run {_fetching(card)} to fetch them again."
        )
    if digest != expected:
        raise WeightsCorrupt(
            f"{file} is not the published model {card.name}: its SHA-256 is {digest}, "
            f"not {expected}. Run {_fetching(card)} to fetch it again."
        )
    return file


def _fetching(card: NetworkCard) -> str:
    """The command that fetches the card's weights."""
    models = [
        model.name for model in MODELS.values() if any(network.name == card.name for network, _ in model.networks)
    ]
    return "`make weights`" if DEFAULT_MODEL in models else f"`make weights MODELS={' '.join(models)}`"


def _require_as_announced(card: NetworkCard, network: Any) -> None:
    """Raise WeightsCorrupt unless the network is what the card promises to those who never load it."""
    found = (tuple(network.sources), network.samplerate, network.audio_channels)
    if found != (card.stems, card.sample_rate, card.channels):
        raise WeightsCorrupt(
            f"The weights file of {card.name} holds a network for {found}, not for "
            f"{(card.stems, card.sample_rate, card.channels)}."
        )
    # The transformer was trained on windows of one length; the others take any.
    trained_on = int(network.segment * network.samplerate)
    if type(network).__name__ == "HTDemucs" and trained_on != card.window_frames:
        raise WeightsCorrupt(
            f"The weights file of {card.name} holds a network for windows of {trained_on} frames, not {card.window_frames}."
        )
