"""A cover: the song bent into a record, once around from its beginning to its end.

Every moment is a ray, as long as it is loud, and coloured by how bright it sounds. The same song has the same cover.
"""

from __future__ import annotations

import colorsys
import io
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from services.fusion.mixing.rendering.outline import Outline

__all__ = ["draw_cover"]

_SIDE: Final = 1000
_OVERSAMPLING: Final = 3
_PAPER: Final = ((18, 20, 30), (9, 10, 15))  # top, bottom
_LABEL: Final = 0.055  # radii, of the side
_INNER: Final = 0.17
_REACH: Final = 0.25
_INWARDS: Final = 0.15  # of a ray's length
_SHORTEST: Final = 0.012
_WIDTH: Final = 0.62  # of the room that a ray has
_NEIGHBOURS: Final = 9  # moments whose colours flow into each other
_HUES: Final = (0.62, 1.06)  # from blue over violet and red to orange
_QUIETEST_DB: Final = -48.0


def draw_cover(song: Outline) -> bytes:
    """The cover of a song, a square PNG of 1,000 pixels."""
    size = _SIDE * _OVERSAMPLING
    image = _paper(size)
    pen = ImageDraw.Draw(image)
    _label(pen, size)
    lengths, hues = _lengths(song.level), _spread(_smooth(song.brightness))
    width = round(2 * math.pi * _INNER * size / len(lengths) * _WIDTH)
    for number, (length, hue) in enumerate(zip(lengths, hues, strict=True)):
        ends = _ray(size, number / len(lengths), float(length))
        _draw(pen, ends, width, _colour(float(hue), float(length)))
    file = io.BytesIO()
    image.resize((_SIDE, _SIDE), Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()


def _lengths(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 to 1, even in dB, the loudest moment 1."""
    if not level.any():
        return np.zeros_like(level)
    decibels = 20 * np.log10(np.maximum(level / level.max(), 1e-9))
    return np.asarray(np.maximum(0.0, 1 - decibels / _QUIETEST_DB) ** 2)


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of each value and its neighbours, around the circle."""
    window, reach = np.hanning(_NEIGHBOURS + 2)[1:-1], _NEIGHBOURS // 2
    return np.convolve(np.pad(values, reach, mode="wrap"), window / window.sum(), "valid")


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value's place among the others, 0 to 1: every song has all colours."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(1, len(values) - 1)


def _paper(size: int) -> Image.Image:
    top, bottom = np.array(_PAPER, float)
    share = np.linspace(0, 1, size)[:, None, None]
    rows = np.rint(top + (bottom - top) * share).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(rows, (size, size, 3)).copy())


def _label(pen: ImageDraw.ImageDraw, size: int) -> None:
    for radius, colour in ((_LABEL, (36, 39, 54)), (_LABEL / 5, _PAPER[1])):
        middle, reach = size / 2, radius * size
        pen.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=colour)


def _ray(size: int, turn: float, length: float) -> list[tuple[float, float]]:
    reach = _SHORTEST + (_REACH - _SHORTEST) * length
    angle = 2 * math.pi * turn - math.pi / 2
    radii = (_INNER - reach * _INWARDS, _INNER + reach)
    return [(size * (0.5 + math.cos(angle) * radius), size * (0.5 + math.sin(angle) * radius)) for radius in radii]


def _draw(pen: ImageDraw.ImageDraw, ends: list[tuple[float, float]], width: int, colour: tuple[int, int, int]) -> None:
    """A line with round ends."""
    pen.line(ends, fill=colour, width=width)
    for x, y in ends:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)


def _colour(hue: float, length: float) -> tuple[int, int, int]:
    first, last = _HUES
    red, green, blue = colorsys.hsv_to_rgb((first + (last - first) * hue) % 1.0, 0.72, 0.55 + 0.45 * length)
    return round(red * 255), round(green * 255), round(blue * 255)
