"""Pictures of a track: its mel spectrogram as PNG, and its features as a document."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import librosa
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import fft

from services.mir.analysis.form import FRAMES_PER_SECOND, Features
from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard

__all__ = ["features_document", "spectrogram_png"]

Picture = NDArray[np.uint8]

_HOP: Final = 512
_WINDOW: Final = 2048
_CHUNK: Final = 1024  # frames
_BANDS: Final = 128
_RANGE_DB: Final = 80
_COLUMNS: Final = (400, 1860)  # of the spectrogram itself, at least and at most
_ROWS_PER_BAND: Final = 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 76, 12, 28  # pixels around it
_MARKED_HZ: Final = (125, 250, 500, 1000, 2000, 4000, 8000)
_MARKED_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MARKS: Final = 12  # at most, on the axis of seconds
_STEP_DB: Final = 20

# Perceptually even from black over violet and orange to pale yellow, after matplotlib's "inferno" (CC0).
_COLOURS: Final = (
    (0, 0, 4),
    (40, 11, 84),
    (101, 21, 110),
    (159, 42, 99),
    (212, 72, 66),
    (245, 125, 21),
    (250, 193, 39),
    (252, 255, 164),
)
_SHADES: Final = 254
_PAPER, _INK = 254, 255


def features_document(features: Features) -> dict[str, object]:
    """MFCC (13, dB) and chroma (12, C first, sum 1) five times a second, rounded, ready for JSON."""
    return {
        "frames_per_second": FRAMES_PER_SECOND,
        "mfcc": np.round(features.cepstrum.astype(np.float64), 1).tolist(),
        "chroma": np.round(features.chroma.astype(np.float64), 3).tolist(),
    }


def spectrogram_png(mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never) -> bytes:
    """A mel spectrogram as PNG, at most 2000 pixels wide whatever the length; the same track gives the same bytes.

    `mono`: float32 (samples,) at `RATE`. Colours are dB below the loudest point, over 80 dB; the axes are in Hz and
    seconds.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    picture = _shades(_columns(mono, progress, cancelled))
    height, width = picture.shape
    canvas = np.full((height + _TOP + _BOTTOM, width + _LEFT + _RIGHT), _PAPER, np.uint8)
    canvas[_TOP : _TOP + height, _LEFT : _LEFT + width] = picture
    bar = np.linspace(_SHADES - 1, 0, height).astype(np.uint8)
    canvas[_TOP : _TOP + height, _LEFT + width + 16 : _LEFT + width + 30] = bar[:, None]
    image = Image.fromarray(canvas, "P")
    image.putpalette(_palette())
    _write_axes(ImageDraw.Draw(image), width, height, len(mono) / RATE)
    written = BytesIO()
    image.save(written, "PNG", compress_level=6)
    return written.getvalue()


def _columns(mono: Mono, progress: Progress, cancelled: IsCancelled) -> NDArray[np.float64]:
    """Mean mel power (bands, columns), at least one column."""
    frames = 1 + len(mono) // _HOP
    count = min(frames, _COLUMNS[1])
    sums, heard = np.zeros((count, _BANDS)), np.zeros(count)
    for first, powers in _mel_powers(mono, frames):
        check(cancelled)
        column = (first + np.arange(len(powers))) * count // frames
        begins = np.flatnonzero(np.diff(column, prepend=-1))
        sums[column[begins]] += np.add.reduceat(powers, begins, axis=0)
        heard += np.bincount(column, minlength=count)
        progress((first + len(powers)) / frames)
    return (sums / heard[:, None]).T


def _mel_powers(mono: Mono, frames: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The first frame and the mel powers (frames, bands) of every chunk; frames are centred on multiples of the hop."""
    weights = librosa.filters.mel(sr=RATE, n_fft=_WINDOW, n_mels=_BANDS).T
    shape = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    for first in range(0, frames, _CHUNK):
        last = min(frames, first + _CHUNK)
        start, end = first * _HOP - _WINDOW // 2, (last - 1) * _HOP + _WINDOW // 2
        sound = np.pad(mono[max(0, start) : end], (max(0, -start), max(0, end - len(mono))))
        spectra = fft.rfft(sliding_window_view(sound, _WINDOW)[::_HOP] * shape, axis=1)
        yield first, np.square(np.abs(spectra)) @ weights


def _shades(power: NDArray[np.float64]) -> Picture:
    """Low bands at the bottom; a short track's columns are drawn several pixels wide."""
    level = 10 * np.log10(np.maximum(power, 1e-12) / max(power.max(), 1e-12))
    silent = power.max() <= 1e-12
    shade = np.zeros(level.shape) if silent else np.clip(1 + level / _RANGE_DB, 0, 1) * (_SHADES - 1)
    wide = -(-_COLUMNS[0] // shade.shape[1])
    return np.repeat(np.repeat(shade[::-1].round().astype(np.uint8), _ROWS_PER_BAND, axis=0), wide, axis=1)


def _palette() -> list[int]:
    place = np.linspace(0, len(_COLOURS) - 1, _SHADES)
    channels = [np.interp(place, np.arange(len(_COLOURS)), values) for values in zip(*_COLOURS, strict=True)]
    shades = np.stack(channels, axis=1).round().astype(int)
    return [*shades.ravel().tolist(), 255, 255, 255, 30, 30, 30]


def _write_axes(draw: ImageDraw.ImageDraw, width: int, height: int, seconds: float) -> None:
    bottom, right = _TOP + height, _LEFT + width
    for hertz in _MARKED_HZ:
        y = bottom - 1 - _place_of(hertz) * height
        draw.line([(_LEFT - 5, y), (_LEFT - 1, y)], fill=_INK)
        _write(draw, (_LEFT - 8, y), f"{hertz} Hz" if hertz < 1000 else f"{hertz // 1000} kHz", "rm")
    step = next((step for step in _MARKED_SECONDS if seconds / step <= _MARKS), max(_MARKED_SECONDS[-1], seconds))
    for at in np.arange(0, seconds, step):
        x = _LEFT + at / max(seconds, 1e-9) * width
        draw.line([(x, bottom), (x, bottom + 4)], fill=_INK)
        _write(draw, (x, bottom + 6), f"{at:g} s", "mt")
    for level in range(0, _RANGE_DB + 1, _STEP_DB):
        y = _TOP + level / _RANGE_DB * (height - 1)
        _write(draw, (right + 34, y), f"{-level} dB", "lm")


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, anchor: str) -> None:
    draw.text(at, text, fill=_INK, font=ImageFont.load_default(size=11), anchor=anchor)


def _place_of(hertz: float) -> float:
    """How far up the mel axis a frequency lies, from 0 at the bottom to 1 at half the sample rate."""
    return float(librosa.hz_to_mel(hertz) / librosa.hz_to_mel(RATE / 2))
