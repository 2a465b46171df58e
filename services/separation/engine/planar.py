"""HTDemucs' two branches in the plane: what demucs does by moving numbers about, done where they lie.

The frequencies' branch is a plane of (frequency, time), and the waveform's one of a single frequency: so both have the layout
in which a CPU convolves, channels last, from end to end. What is cut off a transposed convolution is not computed, and the
halves of what a gate multiplies are made apart, so that nobody has to copy them out of one. Equal to rounding.
"""

from itertools import chain
from typing import Any

from demucs.hdemucs import HDecLayer, HEncLayer
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn
from torch.nn import functional

from services.separation.engine.residual_branches import PlanarDConv, is_plain
from services.separation.engine.token_transformer import TokenTransformer, is_usual


def make_planar(network: HTDemucs) -> None:
    """Rebuilds `network`, which keeps its weights, if it consists of what is known here, as all published do."""
    encoders, decoders = (network.encoder, network.tencoder), (network.decoder, network.tdecoder)
    attends: Any = network.crosstransformer  # demucs has a None where its types have a module
    if not (
        all(_is_known(layer, HEncLayer) for layer in chain(*encoders))
        and all(_is_known(layer, HDecLayer) for layer in chain(*decoders))
        and (attends is None or is_usual(attends))
    ):
        return
    for layers in encoders:
        for index, layer in enumerate(layers):
            layers[index] = PlanarEncoder(layer)
    for layers in decoders:
        for index, layer in enumerate(layers):
            layers[index] = PlanarDecoder(layer)
    if attends is not None:
        setattr(network, "crosstransformer", TokenTransformer(network))  # noqa: B010  # of another type
        network.bottom_channels = 0  # it changes their number itself


def _is_known(layer: Any, kind: type[nn.Module]) -> bool:
    """Whether a layer is of that kind, does all that it does, and has residual branches of the plain kind or none."""
    if not isinstance(layer, kind):
        return False
    known: Any = layer
    return not known.empty and (known.dconv is None or is_plain(known.dconv))


class PlanarEncoder(nn.Module):
    """demucs' `HEncLayer` in the plane.

    (batch, channels, bins, frames) -> the same with other channels and fewer bins, or of one bin and fewer frames.
    """

    empty = False

    def __init__(self, layer: Any) -> None:
        """Takes the modules of `layer`."""
        super().__init__()
        self.conv, self.norm = layer.conv, layer.norm1
        self.dconv = nn.Identity() if layer.dconv is None else PlanarDConv(layer.dconv)
        self.gated = nn.Identity() if layer.rewrite is None else Gated(layer.rewrite, layer.norm2)
        # Frames are made as many as the stride divides; demucs trained on as many frequencies.
        self.multiple = 1 if layer.freq else layer.stride

    def forward(self, x: Tensor, inject: None = None) -> Tensor:
        """`x` may come without bins, and is then of one."""
        if x.ndim == 3:
            x = x.unsqueeze(2)
        x = functional.pad(x, (0, -x.shape[-1] % self.multiple))
        stride, padding = (_planar(pair, least) for pair, least in ((self.conv.stride, 1), (self.conv.padding, 0)))
        y = functional.conv2d(x, _kernel(self.conv), self.conv.bias, stride, padding)
        made: Tensor = self.gated(self.dconv(functional.gelu(self.norm(y))))
        return made


class PlanarDecoder(nn.Module):
    """demucs' `HDecLayer` in the plane.

    (batch, channels, bins, frames) -> the same with other channels and more bins, or of one bin and more frames; the last
    one of the waveform's branch hands it on without bins.
    """

    empty = False

    def __init__(self, layer: Any) -> None:
        """Takes the modules of `layer`."""
        super().__init__()
        self.gated = nn.Identity() if layer.rewrite is None else Gated(layer.rewrite, layer.norm1)
        self.dconv = nn.Identity() if layer.dconv is None else PlanarDConv(layer.dconv)
        self.conv, self.norm = layer.conv_tr, layer.norm2
        self.freq, self.last, self.cut = layer.freq, layer.last, layer.pad

    def forward(self, x: Tensor, skip: Tensor, length: int) -> tuple[Tensor, Tensor]:
        """`skip` is what the encoder made at this depth, `length` how many frames it heard."""
        y = self.dconv(self.gated(x + skip))
        # Both ends are cut off; a norm is taken over them, too.
        unmade = self.cut if isinstance(self.norm, nn.Identity) else 0
        kernel, stride = _kernel(self.conv), _planar(self.conv.stride, 1)
        padding = (unmade, 0) if self.freq else (0, unmade)
        z = self.norm(functional.conv_transpose2d(y, kernel, self.conv.bias, stride, padding))
        begin = self.cut - unmade
        z = z[:, :, begin : z.shape[2] - begin] if self.freq else z[..., begin : begin + length]
        if not self.last:
            z = functional.gelu(z)
        elif not self.freq:
            z = z.squeeze(2)
        return z, y


class Gated(nn.Module):
    """A convolution to twice as many channels, of which one half gates the other: (batch, channels, bins, frames)."""

    def __init__(self, conv: Any, norm: nn.Module) -> None:
        """A convolution over (bins, frames) or frames, and the norm between it and the gate."""
        super().__init__()
        self.conv, self.norm = conv, norm

    def forward(self, x: Tensor) -> Tensor:
        """The gated half."""
        kernel, bias, padding = _kernel(self.conv), self.conv.bias, _planar(self.conv.padding, 0)
        if not isinstance(self.norm, nn.Identity):
            return functional.glu(self.norm(functional.conv2d(x, kernel, bias, padding=padding)), dim=1)
        signal, gate = (
            functional.conv2d(x, half, half_bias, padding=padding)
            for half, half_bias in zip(kernel.chunk(2), bias.chunk(2), strict=True)
        )
        return signal * gate.sigmoid()


def _kernel(conv: Any) -> Tensor:
    """The weights of a convolution over frames alone, or over the plane, as one over the plane: (out, in, bins, frames)."""
    weight: Tensor = conv.weight
    return weight.unsqueeze(2) if weight.ndim == 3 else weight


def _planar(pair: tuple[int, ...], least: int) -> tuple[int, int]:
    """A setting of such a convolution per (bins, frames)."""
    return (least, pair[0]) if len(pair) == 1 else (pair[0], pair[1])
