"""demucs' residual branches (`DConv`) in the plane: (frequency, time).

demucs turns every frequency into a member of the batch before a `DConv`, which convolves and normalises along the time,
and back behind it. Here a kernel of one frequency does the same where the numbers lie. And a branch goes from many channels
over few to many: what is normalised last is sixteen times as wide as what it is made of. So its mean and deviation are
taken from the narrow numbers, and the convolution that makes it wide makes it normalised, gated and scaled at once. Equal
to rounding.
"""

from typing import Any, Final

import torch
from demucs.demucs import DConv
from torch import Tensor, nn
from torch.nn import functional

_FEW: Final = 32
"""As many frames are summed one after the other."""


def is_plain(dconv: nn.Module) -> bool:
    """Whether the branches are what is known here: normalised, without LSTM and attention."""
    branches: Any = dconv.layers if isinstance(dconv, DConv) else [[]]
    return all(
        len(branch) == 7
        and all(isinstance(branch[place], nn.GroupNorm) and branch[place].num_groups == 1 for place in (1, 4))
        for branch in branches
    )


class PlanarDConv(nn.Module):
    """demucs' `DConv` for each frequency: (batch, channels, bins, frames) -> the same shape."""

    def __init__(self, dconv: DConv) -> None:
        """As the branches of `dconv`."""
        super().__init__()
        branches: Any = dconv.layers  # sequences of seven modules
        self.branches = nn.ModuleList([_Branch(*branch) for branch in branches])

    def forward(self, x: Tensor) -> Tensor:
        """Adds one branch after the other."""
        for branch in self.branches:
            x = x + branch(x)
        return x


class _Branch(nn.Module):
    """One branch: narrow convolution, norm, activation; wide convolution, norm, gate, scale.

    With h what the activation leaves, the wide convolution makes y = W h + b, and its norm f (y - mean) / deviation + s. That
    is a convolution, too: of (h, 1, mean) / deviation by (f W, f b, -f). So the narrow convolution has two more channels,
    which are ones behind the activation; and as weights the numbers below have places for both.
    """

    narrow: Tensor
    narrow_bias: Tensor
    factor: Tensor
    shift: Tensor
    hears: Tensor
    ones: Tensor
    means: Tensor
    wide: Tensor
    triangle: Tensor
    signal: Tensor
    signal_bias: Tensor
    gate: Tensor
    gate_bias: Tensor

    def __init__(
        self, narrow: Any, norm: Any, activation: nn.Module, wide: Any, wide_norm: Any, _glu: nn.Module, scale: Any
    ) -> None:
        super().__init__()
        self.activation = activation
        self.hidden, self.channels = narrow.out_channels, wide.out_channels
        self.padding, self.dilation = (0, *narrow.padding), (1, *narrow.dilation)
        self.eps, self.wide_eps = norm.eps, wide_norm.eps
        one = activation(torch.ones(1)).double()  # what two channels are, then
        weight, bias = wide.weight.detach().double()[:, :, 0], wide.bias.detach().double()[:, None] / one
        factor, shift = wide_norm.weight.detach().double()[:, None], wide_norm.bias.detach().double()
        normalised = torch.cat([factor * weight, factor * bias, -factor / one], 1)
        half, scales = self.channels // 2, scale.scale.detach().double()
        # |W h|² = |R h|² with W = Q R, which has no more rows than there are hidden channels.
        triangle = torch.linalg.qr(weight, mode="r").R
        constants = {
            "narrow": functional.pad(narrow.weight.detach()[:, :, None], (0, 0, 0, 0, 0, 0, 0, 2)),
            "narrow_bias": functional.pad(narrow.bias.detach(), (0, 2)),
            "factor": functional.pad(norm.weight.detach(), (0, 2))[:, None, None],
            "shift": functional.pad(norm.bias.detach(), (0, 2), value=1.0)[:, None, None],
            "hears": functional.pad(torch.ones(self.hidden), (0, 2))[:, None, None],
            "ones": functional.pad(torch.ones(self.hidden + 1), (0, 1))[:, None, None],
            "means": functional.pad(torch.ones(1), (self.hidden + 1, 0))[:, None, None],
            "wide": functional.pad(torch.cat([weight, bias], 1), (0, 1))[:, :, None, None],
            "triangle": functional.pad(triangle, (0, 2))[:, :, None, None],
            "signal": (normalised[:half] * scales[:, None])[:, :, None, None],
            "signal_bias": shift[:half] * scales,
            "gate": normalised[half:, :, None, None],
            "gate_bias": shift[half:],
        }
        for name, value in constants.items():
            self.register_buffer(name, value.float().contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, bins, frames) -> what is to be added to it."""
        narrow = functional.conv2d(x, self.narrow, self.narrow_bias, padding=self.padding, dilation=self.dilation)
        mean = _averaged(narrow).sum(1, keepdim=True) / self.hidden
        centred = narrow - self.hears * mean
        variance = _averaged(centred.square()).sum(1, keepdim=True) / self.hidden
        hidden = self.activation(centred / (variance + self.eps).sqrt() * self.factor + self.shift)
        # What varies is taken as such: in a mean square less the square of the mean, nothing is left of small deviations.
        typical = _averaged(hidden)
        levels = functional.conv2d(typical, self.wide)
        mean = levels.mean(1, keepdim=True)
        spread = functional.conv2d(hidden, self.triangle) - functional.conv2d(typical, self.triangle)
        within = _averaged(spread.square()).sum(1, keepdim=True) / self.channels
        variance = within + (levels - mean).square().mean(1, keepdim=True)
        normalised = hidden * ((self.ones + self.means * mean) / (variance + self.wide_eps).sqrt())
        signal = functional.conv2d(normalised, self.signal, self.signal_bias)
        gate = functional.conv2d(normalised, self.gate, self.gate_bias)
        return signal * gate.sigmoid()


def _averaged(x: Tensor) -> Tensor:
    """The mean over the frames, (..., frames) -> (..., 1).

    Of a few at a time, and then of those: what sums all in a row loses so much of the last ones that the stems are 15 dB
    farther from what they should be.
    """
    frames = counted = x.shape[-1]
    for_each = 1
    while counted > _FEW:
        size = next(size for size in range(_FEW // 2, _FEW) if -counted % size % 2 == 0)
        x = functional.avg_pool2d(x, (1, size), padding=(0, -counted % size // 2))
        counted, for_each = x.shape[-1], for_each * size
    return x.sum(-1, keepdim=True) * (for_each / frames)
