"""HTDemucs' frequency branch in the plane: its residual branches as convolutions over (frequency, time).

demucs turns every frequency into a member of the batch before a `DConv`, which convolves and normalises along the time,
and back behind it. Here a kernel of one frequency does the same where the numbers lie; on a CPU that is a tenth of the
core's work. Equal to rounding.
"""

from typing import Any

from demucs.demucs import DConv
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn
from torch.nn import functional


def make_planar(network: HTDemucs) -> None:
    """Rebuilds the frequency branch of `network`, which keeps its weights, as far as it consists of what is known here."""
    layer: Any  # of demucs, which has no types
    for layer in network.encoder:
        if _is_planar(layer) and layer.rewrite:
            layer.rewrite, layer.dconv = nn.Sequential(PlanarDConv(layer.dconv), layer.rewrite), None
    if any(layer.empty for layer in network.tdecoder):
        return  # such a network hands on what lies between the two modules joined here
    for layer in network.decoder:
        if _is_planar(layer):
            layer.conv_tr, layer.dconv = nn.Sequential(PlanarDConv(layer.dconv), layer.conv_tr), None


def _is_planar(layer: Any) -> bool:
    """Whether a layer works on frequencies, with residual branches of the plain kind (no LSTM, no attention)."""
    return (
        bool(layer.freq)
        and isinstance(layer.dconv, DConv)
        and all(len(list(branch.children())) == 7 for branch in layer.dconv.layers)
    )


class PlanarDConv(nn.Module):
    """demucs' `DConv` for each frequency: (batch, channels, bins, frames) -> the same shape."""

    def __init__(self, dconv: DConv) -> None:
        """Takes the branches of `dconv`."""
        super().__init__()
        self.branches = dconv.layers

    def forward(self, x: Tensor) -> Tensor:
        """Adds one branch after the other."""
        branch: Any  # a sequence of seven modules
        for branch in self.branches:
            narrow, norm, activation, wide, wide_norm, gate, scale = branch
            hidden = activation(_normalised(norm, _convolved(narrow, x)))
            x = x + scale.scale[:, None, None] * gate(_normalised(wide_norm, _convolved(wide, hidden)))
        return x


def _convolved(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """A convolution along the time, for each frequency."""
    padding, dilation = int(conv.padding[0]), int(conv.dilation[0])
    return functional.conv2d(x, conv.weight[:, :, None], conv.bias, padding=(0, padding), dilation=(1, dilation))


def _normalised(norm: nn.Module, x: Tensor) -> Tensor:
    """A normalisation over channels and time, for each frequency."""
    if not isinstance(norm, nn.GroupNorm):
        return x
    centred = x - x.mean((1, 3), keepdim=True)
    deviation = (centred.square().mean((1, 3), keepdim=True) + norm.eps).sqrt()
    return centred / deviation * norm.weight[:, None, None] + norm.bias[:, None, None]
