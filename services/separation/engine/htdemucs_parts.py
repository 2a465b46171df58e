"""HTDemucs in parts, so that its core can run somewhere else than in plain PyTorch.

    spectrogram  waveform -> the spectrogram that the core hears
    levelled     both at level one, as the core wants them
    Core         the two -> the same two per stem; convolutions, attention, nothing complex
    waveform     the core's spectrograms -> their share of the stems

The transforms and the levels (6 % of the work) stay in float32 whatever the core computes in. Together the parts are
`HTDemucs.forward` (Rouard, Massa, Défossez 2023; demucs 4.1.0) on windows of the training length, to rounding.
"""

import math
from typing import Any, Final

import torch
from demucs.htdemucs import HTDemucs
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

_TINY: Final = 1e-5
_HANN_OVERLAP: Final = 1.5
"""The sum of the squares of Hann windows that follow each other by a quarter of their length."""


def can_be_parted(network: nn.Module) -> bool:
    """Whether the parts are those of this network: an HTDemucs that hears complex numbers as channels, as all published do."""
    return isinstance(network, HTDemucs) and network.cac and network.hop_length * 4 == network.nfft


class Core(nn.Module):
    """The part of HTDemucs between the transforms.

    (batch, 2 * channels, bins, frames), (batch, channels, window_frames) ->
    (batch, stems * 2 * channels, bins, frames), (batch, stems * channels, window_frames).
    """

    def __init__(self, network: HTDemucs) -> None:
        """The core of `network`, whose modules it shares."""
        super().__init__()
        self.network = network

    def forward(self, spectrogram: Tensor, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """Encode both branches, let them hear each other, decode both."""
        net, x, xt = self.network, spectrogram, waveform
        skips: list[Tensor] = []
        skips_t: list[Tensor] = []
        lengths: list[int] = []
        lengths_t: list[int] = []
        for index, encode in enumerate(net.encoder):
            lengths.append(x.shape[-1])
            inject = None
            if index < len(net.tencoder):
                lengths_t.append(xt.shape[-1])
                encode_t = net.tencoder[index]
                xt = encode_t(xt)
                if encode_t.empty:
                    inject = xt
                else:
                    skips_t.append(xt)
            x = encode(x, inject)
            if index == 0 and net.freq_emb is not None:
                bins = torch.arange(x.shape[-2], device=x.device)
                embedding = net.freq_emb(bins).t()[None, :, :, None].expand_as(x)
                x = x + net.freq_emb_scale * embedding
            skips.append(x)
        x, xt = self._attend(x, xt)
        offset = net.depth - len(net.tdecoder)
        for index, decode in enumerate(net.decoder):
            x, before = decode(x, skips.pop(), lengths.pop())
            if index < offset:
                continue
            decode_t = net.tdecoder[index - offset]
            length_t = lengths_t.pop()
            if decode_t.empty:
                xt, _ = decode_t(before[:, :, 0], None, length_t)
            else:
                xt, _ = decode_t(xt, skips_t.pop(), length_t)
        return x, xt

    def _attend(self, x: Tensor, xt: Tensor) -> tuple[Tensor, Tensor]:
        net: Any = self.network  # demucs has a None where its types have a module
        if net.crosstransformer is None:
            return x, xt
        bins = x.shape[-2]
        if net.bottom_channels:
            x = rearrange(net.channel_upsampler(rearrange(x, "b c f t -> b c (f t)")), "b c (f t) -> b c f t", f=bins)
            xt = net.channel_upsampler_t(xt)
        x, xt = net.crosstransformer(x, xt)
        if net.bottom_channels:
            x = rearrange(net.channel_downsampler(rearrange(x, "b c f t -> b c (f t)")), "b c (f t) -> b c f t", f=bins)
            xt = net.channel_downsampler_t(xt)
        return x, xt


def levelled(signal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The signal at level one, its mean and its deviation, per member of the batch."""
    every = tuple(range(1, signal.ndim))
    mean, deviation = signal.mean(every, keepdim=True), signal.std(every, keepdim=True)
    return (signal - mean) / (_TINY + deviation), mean, deviation


def spectrogram(windows: Tensor, hann: Tensor) -> Tensor:
    """`HTDemucs._spec` and `_magnitude`: (batch, channels, n) -> (batch, 2 * channels, bins, frames).

    `hann` is the periodic Hann window of the transform, on the device of `windows`.
    """
    size, length = hann.shape[0], windows.shape[-1]
    hop, edge = size // 4, _edge(size)
    frames = math.ceil(length / hop)
    padded = functional.pad(windows, (edge, edge + frames * hop - length), mode="reflect")
    heard = padded.unfold(-1, size, hop) * hann
    spectra = torch.view_as_real(torch.fft.rfft(heard, norm="ortho")[..., :-1])
    return rearrange(spectra, "b c frames bins parts -> b (c parts) bins frames")


def waveform(spectra: Tensor, hann: Tensor, length: int) -> Tensor:
    """`HTDemucs._ispec`, of spectra as `complex_spectra` has them: (..., frames, bins, 2) -> (..., length)."""
    size = hann.shape[0]
    heard = torch.fft.irfft(torch.view_as_complex(spectra), n=size, norm="ortho").mul_(hann)
    whole = _overlap_added(heard.unflatten(-1, (4, size // 4)))
    return whole[..., _edge(size) : _edge(size) + length] / _HANN_OVERLAP


def complex_spectra(channels: Tensor, stems: int) -> Tensor:
    """`HTDemucs._mask`: (batch, stems * 2 * channels, bins, frames) -> (batch, stems, channels, frames, bins, 2)."""
    return rearrange(channels, "b (s c parts) bins frames -> b s c frames bins parts", s=stems, parts=2).contiguous()


def _edge(size: int) -> int:
    """The frames that demucs hears before the first of a window, for a transform of this size."""
    return size // 8 * 3


def _overlap_added(quarters: Tensor) -> Tensor:
    """Frames a quarter of their length apart, (..., frames, 4, hop) -> (..., (frames + 3) * hop)."""
    frames, hop = quarters.shape[-3], quarters.shape[-1]
    whole = quarters.new_zeros((*quarters.shape[:-3], frames + 3, hop))
    for quarter in range(4):
        whole[..., quarter : quarter + frames, :] += quarters[..., quarter, :]
    return whole.flatten(-2)
