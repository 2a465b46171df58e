"""Networks for the engine's tests that answer in milliseconds: small ones of demucs' classes, and one that changes nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import torch
from demucs.demucs import Demucs
from demucs.hdemucs import HDemucs
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn

from services.separation.engine.inference import DirectInference, Inference
from services.separation.engine.registry import NetworkCard
from services.separation.engine.stems import Ensemble

RATE = 44_100
STEMS = ("drums", "bass", "other", "vocals")


def alone(inference: Inference, stems: Sequence[str] | None = None) -> Ensemble:
    """An ensemble of one network, for all its stems or some."""
    return [(inference, dict.fromkeys(stems or inference.card.stems, 1.0))]


def small_htdemucs(seed: int = 3, *, seconds: float = 0.5) -> DirectInference:
    """A small HTDemucs with random weights and windows of `seconds`."""
    return _direct(
        lambda: HTDemucs(list(STEMS), segment=seconds, channels=8, nfft=2048, t_layers=2, t_heads=2), seed, seconds
    )


def small_hdemucs(seed: int = 4, *, seconds: float = 0.4) -> DirectInference:
    """A small HDemucs with random weights and windows of `seconds`; it hears a shorter one as it is."""
    return _direct(
        lambda: HDemucs(list(STEMS), segment=seconds, channels=4, nfft=1024, depth=4, time_stride=2), seed, seconds
    )


def small_demucs(seed: int = 5, *, seconds: float = 0.3) -> DirectInference:
    """A small Demucs with random weights and windows of `seconds`; it wants some context on both sides of them."""
    return _direct(lambda: Demucs(list(STEMS), segment=seconds, channels=4, depth=3, lstm_layers=0), seed, seconds)


def _direct(build: Callable[[], nn.Module], seed: int, seconds: float) -> DirectInference:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build().eval()
    card = NetworkCard(f"{type(network).__name__}-{seed}", STEMS, int(seconds * RATE))
    return DirectInference(card, network, torch.device("cpu"))


class Echo:
    """A network whose every stem is what it hears: whatever differs from the track, the engine did."""

    device_name = "cpu"

    def __init__(self, *, seconds: float = 0.5, stems: Sequence[str] = STEMS, ahead: int = 1) -> None:
        self.card = NetworkCard("echo", tuple(stems), int(seconds * RATE))
        self.ahead = ahead

    def input_frames(self, heard: int) -> int:
        return max(heard, self.card.window_frames)

    def submit(self, window: Tensor) -> "Future[Tensor]":
        future: Future[Tensor] = Future()
        future.set_result(window.expand(len(self.card.stems), -1, -1))
        return future


class Refusing(Echo):
    """A network that must not be asked."""

    def submit(self, window: Tensor) -> "Future[Tensor]":
        raise AssertionError("the network was asked")
