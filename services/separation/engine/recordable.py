"""HTDemucs as one unbroken piece of work on its device, which a CUDA graph can record.

`HTDemucs.forward` (demucs 4.1.0) fetches constants from the CPU (Hann windows, position embeddings) and waits for the device
(checks in its padding and in `torch.istft`); a recording allows neither. Here the constants lie on the device and nothing waits.
The transforms and the normalisation stay in float32 whatever the core computes in; the result in float32 is that of `forward`
to rounding.
"""

from typing import Final

import torch
from demucs.htdemucs import HTDemucs
from demucs.transformer import CrossTransformerEncoder, create_2d_sin_embedding
from einops import rearrange
from torch import Tensor, nn

from services.separation.engine.htdemucs_parts import (
    Core,
    can_be_parted,
    complex_spectra,
    levelled,
    spectrogram,
    waveform,
)
from services.separation.engine.precision import Precision

_HALVES: Final = {Precision.FP16: torch.float16, Precision.BF16: torch.bfloat16}


class RecordableHTDemucs(nn.Module):
    """Windows of the training length to stems: float32 (batch, channels, n) -> (batch, stems, channels, n)."""

    window: Tensor

    def __init__(self, network: HTDemucs, precision: Precision) -> None:
        """Takes `network` over: it shares its weights, and it is no more what it was.

        Args:
            network: in eval mode, on its device, complex as channels (`cac`), as all published ones are.
            precision: of the core.

        Raises:
            ValueError: a network of another kind.
        """
        super().__init__()
        if not can_be_parted(network):
            raise ValueError("only networks with complex spectrograms as channels, a quarter of a window apart")
        if isinstance(network.crosstransformer, CrossTransformerEncoder):
            setattr(network, "crosstransformer", FixedPositions(network.crosstransformer))  # noqa: B010  # of another type
        self.precision = precision
        self.stems = len(network.sources)
        self.core = Core(network)
        device = next(network.parameters()).device
        self.register_buffer("window", torch.hann_window(network.nfft, device=device), persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """The stems of normalised windows, in the precision asked for."""
        return self.stems_of(windows, self.precision)

    def stems_of(self, windows: Tensor, precision: Precision) -> Tensor:
        """As `forward`, in any precision."""
        with torch.autocast(windows.device.type, enabled=False):
            x, mean, deviation = levelled(spectrogram(windows, self.window))
            xt, mean_t, deviation_t = levelled(windows)
            # No cache of converted weights: it would be filled while recording, and emptied before the recording is played.
            with torch.autocast(
                windows.device.type, _HALVES.get(precision), enabled=precision in _HALVES, cache_enabled=False
            ):
                x, xt = self.core(x, xt)
            x = complex_spectra(x.float() * deviation + mean, self.stems)
            xt = (xt.float() * deviation_t + mean_t).unflatten(1, (self.stems, -1))
            stems: Tensor = waveform(x, self.window, windows.shape[-1]) + xt
            return stems


class FixedPositions(nn.Module):
    """demucs' cross-transformer with position embeddings that are made once per shape and stay on the device."""

    def __init__(self, transformer: CrossTransformerEncoder) -> None:
        """Takes the layers of `transformer`."""
        super().__init__()
        self.transformer = transformer
        self._made: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}

    def forward(self, x: Tensor, xt: Tensor) -> tuple[Tensor, Tensor]:
        """`CrossTransformerEncoder.forward`: (batch, c, bins, frames), (batch, c, n) -> the same shapes."""
        net, frames = self.transformer, x.shape[-1]
        positions, positions_t = self._positions(x, xt)
        x = net.norm_in(rearrange(x, "b c bins frames -> b (frames bins) c")) + positions
        xt = net.norm_in_t(rearrange(xt, "b c n -> b n c")) + positions_t
        for index, (layer, layer_t) in enumerate(zip(net.layers, net.layers_t, strict=True)):
            if index % 2 == net.classic_parity:
                x, xt = layer(x), layer_t(xt)
            else:
                x, xt = layer(x, xt), layer_t(xt, x)
        x = rearrange(x, "b (frames bins) c -> b c bins frames", frames=frames)
        return x, rearrange(xt, "b n c -> b c n")

    def _positions(self, x: Tensor, xt: Tensor) -> tuple[Tensor, Tensor]:
        shape = (*x.shape[1:], xt.shape[-1])
        if shape not in self._made:
            net, (channels, bins, frames) = self.transformer, x.shape[1:]
            plane = create_2d_sin_embedding(channels, bins, frames, x.device, net.max_period)  # type: ignore[no-untyped-call]  # demucs'
            line = net._get_pos_embedding(xt.shape[-1], 1, channels, x.device)  # type: ignore[no-untyped-call]  # demucs'
            self._made[shape] = (
                net.weight_pos_embed * rearrange(plane, "b c bins frames -> b (frames bins) c"),
                net.weight_pos_embed * rearrange(line, "n b c -> b n c"),
            )
        return self._made[shape]
