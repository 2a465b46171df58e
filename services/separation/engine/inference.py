"""A network as the windows see it, wherever it computes: submit a window, get its stems."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import Tensor, nn

from services.separation.engine.registry import NetworkCard


class Inference(Protocol):
    """A network on its device; may be used by several threads at once.

    Attributes:
        card: what the registry says about the network.
        ahead: how many windows of one track are worth being submitted before the first is waited for, at least 1.
        device_name: what it computes on, for people: `cpu`, `mps`, or `cuda:` and the GPU's name.
    """

    @property
    def card(self) -> NetworkCard: ...
    @property
    def ahead(self) -> int: ...
    @property
    def device_name(self) -> str: ...
    def input_frames(self, heard: int) -> int:
        """How many frames the network wants to be given for a window of which `heard` frames are wanted, >= `heard`."""

    def submit(self, window: Tensor) -> "Future[Tensor]":
        """Has a window separated.

        Args:
            window: float32 (channels, n) on the CPU, normalised over its track; `n` is what `input_frames` says.
                Left as it is by both sides until the future is done.

        Returns:
            The future of float32 (stems, channels, n) on the CPU, the stems in the card's order; nobody writes into it.
            It ends in the exception the window met, also in one that was raised before this returned. Cancelling it
            saves the work if that has not begun.
        """


# HDemucs normalises what its first layer leaves of four frames, and of a single value there is no deviation.
_FEWEST_FRAMES = 8


def input_frames(network: nn.Module, heard: int) -> int:
    """As Inference.input_frames, for a network of demucs: its `valid_length`, where its class has one."""
    valid_length = getattr(network, "valid_length", None)
    return max(heard, _FEWEST_FRAMES) if valid_length is None else int(valid_length(heard))


def device_name(device: torch.device) -> str:
    """A device for people: `cpu`, `mps`, or `cuda:` and the GPU's name."""
    return f"cuda:{torch.cuda.get_device_name(device)}" if device.type == "cuda" else device.type


class DirectInference:
    """A network in plain PyTorch that computes one window at a time, in the thread that submits it."""

    ahead = 1

    def __init__(self, card: NetworkCard, network: nn.Module, device: torch.device) -> None:
        """`network` in eval mode, its weights on `device`."""
        self.card = card
        self.device_name = device_name(device)
        self.network = network
        self.device = device

    def input_frames(self, heard: int) -> int:
        """As Inference.input_frames."""
        return input_frames(self.network, heard)

    def submit(self, window: Tensor) -> "Future[Tensor]":
        """As Inference.submit; the future is done when this returns."""
        future: Future[Tensor] = Future()
        try:
            future.set_result(self._separated(window))
        except Exception as error:  # noqa: BLE001 - whatever it is, the future carries it to whoever waits
            future.set_exception(error)
        return future

    def _separated(self, window: Tensor) -> Tensor:
        with torch.inference_mode(), scaled_dot_product_attention():
            stems: Tensor = self.network(window[None].to(self.device))[0].cpu()
        return stems


_attention = threading.Lock()
_attending = 0
_fast_path = True


@contextmanager
def scaled_dot_product_attention() -> Iterator[None]:
    """Sends attention through `scaled_dot_product_attention` instead of the fused multi-head path.

    On CPUs the fused path holds every head's whole score matrix and is 8-13 % slower for this network; the two differ
    by rounding. The switch is torch's and process-wide: it stays until the last thread inside is out, so that
    everybody inside gets the same bytes, and is then put back as it was.
    """
    global _attending, _fast_path  # a switch that is itself one per process
    with _attention:
        if _attending == 0:
            _fast_path = torch.backends.mha.get_fastpath_enabled()
            torch.backends.mha.set_fastpath_enabled(False)
        _attending += 1
    try:
        yield
    finally:
        with _attention:
            _attending -= 1
            if _attending == 0:
                torch.backends.mha.set_fastpath_enabled(_fast_path)
