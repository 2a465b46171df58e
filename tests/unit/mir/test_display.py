"""What pictures show, and that they stay small."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.mir.analysis.display import features_document, spectrogram_png
from services.mir.analysis.form import hear_features
from services.mir.analysis.preparation import RATE
from services.mir.analysis.progress import Cancelled
from tests.songs import compose

Mono = NDArray[np.float32]


def _tone(hertz: float, seconds: float) -> Mono:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def _picture(mono: Mono) -> NDArray[np.uint8]:
    """The brightness of the spectrogram's own pixels, without the axes."""
    image = Image.open(BytesIO(spectrogram_png(mono)))
    assert image.format == "PNG"
    return np.asarray(image.convert("L"))[12:-28, 56:-76]


@pytest.mark.parametrize("seconds", [0.0, 1 / RATE, 0.5, 10.0, 100.0])
def test_it_is_never_wider_than_2000_pixels(seconds: float) -> None:
    width, height = Image.open(BytesIO(spectrogram_png(_tone(440, seconds)))).size
    assert 500 <= width <= 2000
    assert height == 384 + 40


def test_the_same_track_gives_the_same_bytes() -> None:
    song = compose(seconds=3, sample_rate=RATE, channels=1, seed=1).mix[:, 0]
    assert spectrogram_png(song) == spectrogram_png(song.copy())


@pytest.mark.parametrize(("low", "high"), [(200, 1000), (1000, 5000), (500, 8000)])
def test_higher_is_further_up(low: float, high: float) -> None:
    rows = [int(_picture(_tone(hertz, 2.0)).mean(axis=1).argmax()) for hertz in (low, high)]
    assert rows[1] < rows[0] - 20


@pytest.mark.parametrize("seconds", [4.0, 80.0])
def test_later_is_further_right(seconds: float) -> None:
    mono = _tone(1000, seconds)
    mono[: len(mono) // 2] = 0
    columns = _picture(mono).mean(axis=0)
    half = len(columns) // 2
    assert columns[: half - 10].max() < columns[half + 10 : -10].min()


def test_quieter_is_darker() -> None:
    rows = [_picture(np.concatenate([_tone(1000, 1.0), level * _tone(1000, 1.0)])) for level in (1, 0.1, 0.01)]
    brightness = [float(picture[:, -100:-20].max()) for picture in rows]
    assert brightness[0] > brightness[1] > brightness[2] > 0


def test_silence_is_dark() -> None:
    assert _picture(np.zeros(RATE, np.float32)).max() < 10


def test_progress_and_cancelling() -> None:
    heard: list[float] = []
    spectrogram_png(_tone(440, 60.0), heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    with pytest.raises(Cancelled):
        spectrogram_png(_tone(440, 1.0), cancelled=lambda: True)


def test_the_document_is_json_and_small() -> None:
    song = compose(seconds=12, sample_rate=RATE, channels=1, seed=1).mix[:, 0]
    document = features_document(hear_features(song))
    text = json.dumps(document)
    assert json.loads(text) == document
    assert np.array(document["mfcc"]).shape == (60, 13)
    assert np.array(document["chroma"]).shape == (60, 12)
    assert len(text) < 12 * 5 * 25 * 9


def test_the_document_of_silence_has_no_chroma() -> None:
    document = features_document(hear_features(np.zeros(RATE, np.float32)))
    assert not np.array(document["chroma"]).any()
    assert features_document(hear_features(np.zeros(0, np.float32)))["mfcc"] == []
