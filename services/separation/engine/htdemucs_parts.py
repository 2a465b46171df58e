"""HTDemucs in three parts, so that its core can run somewhere else than in plain PyTorch.

    split      (windows)            -> spectrogram and waveform as the core wants them, and their levels
    core       (spectrogram, waveform) -> the same two per stem; convolutions, attention, nothing complex
    join       (core's outputs, levels) -> stems

`split` and `join` (STFT, normalisation, inverse STFT; 6 % of the work) stay in float32 whatever the core computes in.
The arithmetic is that of `HTDemucs.forward` (Rouard, Massa, Défossez 2023; demucs 4.1.0) on windows of the training length.
"""

from dataclasses import dataclass

import torch
from demucs.htdemucs import HTDemucs
from einops import rearrange
from torch import Tensor, nn

_TINY = 1e-5


@dataclass(frozen=True, slots=True)
class Levels:
    """What `split` took off and `join` puts back: mean and standard deviation per window.

    Attributes:
        spectrogram_mean, spectrogram_deviation: (batch, 1, 1, 1).
        waveform_mean, waveform_deviation: (batch, 1, 1).
    """

    spectrogram_mean: Tensor
    spectrogram_deviation: Tensor
    waveform_mean: Tensor
    waveform_deviation: Tensor


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
        net = self.network
        if not net.crosstransformer:
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


def split(network: HTDemucs, windows: Tensor) -> tuple[Tensor, Tensor, Levels]:
    """What the core hears of windows of the training length, float32 (batch, channels, window_frames)."""
    spectrogram = network._magnitude(network._spec(windows)).to(windows.device)
    mean = spectrogram.mean(dim=(1, 2, 3), keepdim=True)
    deviation = spectrogram.std(dim=(1, 2, 3), keepdim=True)
    mean_t = windows.mean(dim=(1, 2), keepdim=True)
    deviation_t = windows.std(dim=(1, 2), keepdim=True)
    levels = Levels(mean, deviation, mean_t, deviation_t)
    return (spectrogram - mean) / (_TINY + deviation), (windows - mean_t) / (_TINY + deviation_t), levels


def join(network: HTDemucs, spectrogram: Tensor, waveform: Tensor, levels: Levels) -> Tensor:
    """The stems, float32 (batch, stems, channels, window_frames), of what the core made of a window."""
    batch, _, bins, frames = spectrogram.shape
    stems, length = len(network.sources), waveform.shape[-1]
    x = spectrogram.view(batch, stems, -1, bins, frames)
    x = x * levels.spectrogram_deviation[:, None] + levels.spectrogram_mean[:, None]
    masked = network._mask(None, x)
    xt = waveform.view(batch, stems, -1, length)
    xt = xt * levels.waveform_deviation[:, None] + levels.waveform_mean[:, None]
    joined: Tensor = network._ispec(masked, length) + xt
    return joined
