"""Small random networks of demucs' classes under the names of real ones.

A network whose digest is not pinned says in its file what it is built as. So a small one may stand under its name, and
everybody loads, lists and runs it as if it were the real one, in whatever process: only that it answers in milliseconds.
"""

import hashlib
import io
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from demucs.demucs import Demucs
from demucs.hdemucs import HDemucs
from demucs.htdemucs import HTDemucs
from safetensors.torch import save_file
from torch import nn

from services.separation.engine.architecture import Architecture, to_metadata
from services.separation.engine.registry import ModelCard, NetworkCard, card_of

BAG_OF_BOTH = ("mdx_extra_e51eebcc", "mdx_extra_5d2d6c55")
"""Networks that are a Demucs here; a bag of several classes is what mdx_extra is."""


def small_model(model: str, directory: Path) -> ModelCard:
    """Write small weights for all networks of a model whose digests are not pinned, and return its card."""
    card = card_of(model)
    for network, _ in card.networks:
        write_weights(network, small_network(network), directory)
    return card


def small_network(card: NetworkCard, **others: Any) -> nn.Module:
    """A small network with random weights (the same for the same card) and the card's stems and windows."""
    kind, arguments = _small(card)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(zlib.crc32(card.name.encode()))
        network: nn.Module = kind(**{"sources": list(card.stems), **arguments, **others})
    return network.eval()


def write_weights(card: NetworkCard, network: nn.Module, directory: Path) -> Path:
    """Write a network's weights file as the weights step does, with its digest beside it."""
    remembered: Any = network  # demucs remembers on every network what it was constructed with
    positional, arguments = remembered._init_args_kwargs
    file = card.weights_file(directory)
    metadata = to_metadata(Architecture(type(network).__name__, arguments, positional))
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, file, metadata)
    card.digest_file(directory).write_text(hashlib.sha256(file.read_bytes()).hexdigest() + "\n")
    return file


def publish_checkpoint(card: NetworkCard, folder: Path) -> NetworkCard:
    """Save the small network as demucs publishes its own (half precision, the digest in the name), and return the card that
    says so."""
    network: Any = small_network(card)
    positional, arguments = network._init_args_kwargs
    state = {name: tensor.half() for name, tensor in network.state_dict().items()}
    content = io.BytesIO()
    torch.save({"klass": type(network), "args": positional, "kwargs": arguments, "state": state}, content)
    signature = PurePosixPath(str(card.checkpoint)).name.split("-")[0]
    name = f"{signature}-{hashlib.sha256(content.getvalue()).hexdigest()[:8]}.th"
    (folder / name).write_bytes(content.getvalue())
    return replace(card, checkpoint=name)


def _small(card: NetworkCard) -> tuple[Any, dict[str, Any]]:
    """A class, and arguments that make it small."""
    segment = card.window_frames / card.sample_rate
    if card.name.startswith("htdemucs"):
        return HTDemucs, {
            "segment": segment,
            "channels": 8,
            "nfft": 2048,
            "t_layers": 1,
            "t_heads": 2,
            "dconv_depth": 1,
        }
    if card.name in BAG_OF_BOTH:
        return Demucs, {"segment": segment, "channels": 4, "depth": 3}
    return HDemucs, {"segment": segment, "channels": 4, "dconv_depth": 1}
