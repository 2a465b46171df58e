"""HTDemucs' frequency branch in the plane: its residual branches as convolutions over (frequency, time).

demucs turns every frequency into a member of the batch before a `DConv`, which convolves and normalises along the time,
and back behind it. Here a kernel of one frequency does the same where the numbers lie; on a CPU that is a tenth of the
core's work. Equal to rounding.
"""

from collections.abc import Sequence
from typing import Any

import torch
from demucs.demucs import DConv
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn
from torch.linalg import vector_norm
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
            narrow, norm, activation, wide, wide_norm, _gate, scale = branch
            (hidden,) = _normalised(norm, _convolved(narrow, x, pieces=1))
            # The gate's two halves are made apart, so that nobody has to copy them out of one.
            signal, gate = _normalised(wide_norm, _convolved(wide, activation(hidden), pieces=2))
            x = x + scale.scale[:, None, None] * (signal * gate.sigmoid())
        return x


def _convolved(conv: nn.Conv1d, x: Tensor, pieces: int) -> list[Tensor]:
    """A convolution along the time, for each frequency; its channels in equal pieces."""
    padding, dilation = int(conv.padding[0]), int(conv.dilation[0])
    biases = [None] * pieces if conv.bias is None else conv.bias.chunk(pieces)
    return [
        functional.conv2d(x, weight[:, :, None], bias, padding=(0, padding), dilation=(1, dilation))
        for weight, bias in zip(conv.weight.chunk(pieces), biases, strict=True)
    ]


def _normalised(norm: nn.Module, pieces: Sequence[Tensor]) -> Sequence[Tensor]:
    """A normalisation over the channels of all pieces and time, for each frequency."""
    if not isinstance(norm, nn.GroupNorm):
        return pieces
    values = sum(piece.shape[1] * piece.shape[3] for piece in pieces)
    mean = torch.stack([piece.sum((1, 3), keepdim=True) for piece in pieces]).sum(0) / values
    # By norms, which need no square of every value in memory.
    power = torch.stack([vector_norm(piece, dim=(1, 3), keepdim=True).square() for piece in pieces]).sum(0) / values
    deviation = (power - mean.square() + norm.eps).sqrt()
    scales, shifts = (each[:, None, None].chunk(len(pieces)) for each in (norm.weight, norm.bias))
    return [
        (piece - mean) / deviation * scale + shift for piece, scale, shift in zip(pieces, scales, shifts, strict=True)
    ]
