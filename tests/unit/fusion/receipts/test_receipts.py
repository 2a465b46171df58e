"""Receipts, written and read again, and what people do to them in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from services.fusion.mixing.arrangement import Arrangement, Grid, Piece, Voice
from services.fusion.mixing.mixdown import mix
from services.fusion.mixing.receipts import (
    AnalysisRecord,
    FileRecord,
    InvalidReceipt,
    Receipt,
    ResultRecord,
    SourceRecord,
    from_json,
    to_json,
    versions,
)
from services.fusion.mixing.rendering import Encoding, Format, Tags, render
from services.fusion.mixing.sources import ArraySource
from tests.unit.fusion.receipts.arrangements import SOURCES, arrangements

RECEIPT = Receipt(
    Arrangement(44_100, 1000, (Voice("v", "s", (Piece(((0, 0.1), (1000, 1 / 3))),)),), grid=Grid(120.0, 0, 4)),
    {"s": SourceRecord("t", "vocals", "a" * 64, "htdemucs", 1)},
    {"t": AnalysisRecord("x", 3)},
    {"puremusic": "0.1.0"},
    ResultRecord(1000, 44_100, None, -1.0, 0.1, {"wav": FileRecord("b" * 64, 3)}),
    (Encoding(Format.WAV, bits=16), Encoding(Format.MP3, bitrate_kbps=320)),
    stems_zip=True,
    tags=Tags("夜", bpm=120.0),
    window=(10, 20),
)


@settings(max_examples=60, deadline=None)
@given(arrangements())
def test_any_arrangement_comes_back_exactly(arrangement: Arrangement) -> None:
    receipt = Receipt(arrangement, {source: SourceRecord("t", "drums") for source in SOURCES})
    text = to_json(receipt)
    assert from_json(text) == receipt
    assert to_json(from_json(text)) == text


def test_everything_else_comes_back_too() -> None:
    assert from_json(to_json(RECEIPT)) == RECEIPT


def test_the_text_does_not_depend_on_the_order_in_which_sources_came() -> None:
    sources = {"s": SourceRecord("t", "vocals"), "r": SourceRecord("u", "drums")}
    orders = (sources, dict(reversed(sources.items())))
    texts = {to_json(Receipt(RECEIPT.arrangement, order)) for order in orders}
    assert len(texts) == 1


def test_what_may_be_left_out_is_as_usual() -> None:
    text = """{"receipt": 1, "sources": {"s": {"track_id": "t", "stem_type": "drums"}}, "arrangement": {"sample_rate": 48000,
      "frames": 10, "voices": [{"name": "v", "source": "s", "pieces": [{"anchors": [[0, 0], [10, 1]]}]}]}}"""
    voice = Voice("v", "s", (Piece(((0, 0.0), (10, 1.0))),))
    assert from_json(text) == Receipt(Arrangement(48_000, 10, (voice,)), {"s": SourceRecord("t", "drums")})


def _voice(document: Any) -> Any:
    return document["arrangement"]["voices"][0]


@pytest.mark.parametrize(
    ("change", "reason", "problem"),
    [
        (lambda d: d.update(receipt=2), "RECEIPT_VERSION_UNKNOWN", "version 1"),
        (lambda d: d.update(receipt=True), "RECEIPT_VERSION_UNKNOWN", "version 1"),
        (lambda d: d.pop("receipt"), "RECEIPT_FIELDS_WRONG", "'receipt'"),
        (lambda d: d.update(moon="full"), "RECEIPT_FIELDS_WRONG", "no field 'moon'"),
        (lambda d: d["arrangement"].pop("frames"), "RECEIPT_FIELDS_WRONG", "'frames' is missing"),
        (
            lambda d: d["arrangement"].update(frames=10.5),
            "RECEIPT_FIELDS_WRONG",
            "arrangement.frames: expected a whole",
        ),
        (
            lambda d: d["arrangement"].update(frames=2**60),
            "RECEIPT_FIELDS_WRONG",
            "arrangement.frames: expected a whole",
        ),
        (
            lambda d: d["arrangement"].update(frames=True),
            "RECEIPT_FIELDS_WRONG",
            "arrangement.frames: expected a whole",
        ),
        (lambda d: d["arrangement"].update(voices={}), "RECEIPT_FIELDS_WRONG", "voices: expected a list"),
        (lambda d: d["arrangement"].update(voices=[]), "NOTHING_TO_HEAR", "at least one voice"),
        (lambda d: d["arrangement"]["grid"].update(bpm=0), "RECEIPT_GRID_WRONG", "a tempo up to 1000"),
        (
            lambda d: _voice(d).update(pan="left"),
            "RECEIPT_FIELDS_WRONG",
            'voices[0].pan: expected a number, not "left"',
        ),
        (lambda d: _voice(d).update(pan=2), "SETTING_OUT_OF_RANGE", "'pan' is 2"),
        (lambda d: _voice(d).update(muted=0), "RECEIPT_FIELDS_WRONG", "voices[0].muted: expected true or false"),
        (lambda d: _voice(d).update(name="\ud800"), "RECEIPT_FIELDS_WRONG", "voices[0].name: expected text"),
        (lambda d: _voice(d).update(source="gone"), "SOURCE_MISSING", "'gone'"),
        (lambda d: _voice(d).update(effects=[]), "RECEIPT_FIELDS_WRONG", "voices[0].effects: expected an object"),
        (lambda d: _voice(d)["effects"].update(bands=""), "RECEIPT_FIELDS_WRONG", "effects.bands: expected a list"),
        (lambda d: _voice(d)["effects"].update(low_cut_hz=-4), "EFFECT_OUT_OF_RANGE", "low_cut_hz"),
        (
            lambda d: _voice(d)["pieces"][0].update(anchors=[[0, 0, 0]]),
            "RECEIPT_FIELDS_WRONG",
            "anchors[0]: expected 2 values",
        ),
        (lambda d: _voice(d)["pieces"][0].update(anchors=[[5, 0.0], [4, 1.0]]), "PIECES_UNORDERED", "backwards"),
        (lambda d: d["sources"]["s"].update(sha256="A"), "RECEIPT_SOURCE_WRONG", "sources.s.sha256"),
        (lambda d: d["sources"]["s"].update(scale_bits=400), "RECEIPT_SOURCE_WRONG", "sources.s.scale_bits"),
        (lambda d: d.update(sources=[]), "RECEIPT_FIELDS_WRONG", "sources: expected an object"),
        (
            lambda d: d["encodings"][0].update(format="mp4"),
            "RECEIPT_FIELDS_WRONG",
            "encodings[0].format: expected wav, flac",
        ),
        (lambda d: d["encodings"][0].update(bits=20), "RECEIPT_FIELDS_WRONG", "Choose 16, 24 or 32"),
        (lambda d: d.update(window=[20, 10]), "RECEIPT_WINDOW_WRONG", "two frames of the song"),
        (lambda d: d.update(window=[0, 1001]), "RECEIPT_WINDOW_WRONG", "two frames of the song"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_its_place(
    change: Callable[[dict[str, Any]], object], reason: str, problem: str
) -> None:
    document = json.loads(to_json(RECEIPT))
    change(document)
    with pytest.raises(InvalidReceipt) as refused:
        from_json(json.dumps(document))
    assert refused.value.reason == reason
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "[", "NaN", '{"receipt": 1, "receipt": 1}', "[" * 100_000, "1" * 5000, '{"a": 1e999}']
)
def test_what_is_no_receipt_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidReceipt):
        from_json(text)


def test_a_number_beyond_all_numbers_is_refused() -> None:
    text = to_json(RECEIPT).replace('"pan": 0.0', '"pan": 1e999')
    with pytest.raises(InvalidReceipt, match="expected a number"):
        from_json(text)


def test_many_slips_are_told_together() -> None:
    document = json.loads(to_json(RECEIPT))
    _voice(document).update(pan="left", cents=None)
    document["tags"]["title"] = 5
    with pytest.raises(InvalidReceipt) as refused:
        from_json(json.dumps(document))
    assert len(refused.value.problems) == 3


def test_versions_say_what_rendered() -> None:
    assert {"puremusic", "libsndfile", "soxr", "numpy"} <= set(versions())
    assert all(versions().values())


def test_a_receipt_renders_the_same_bytes_again(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, (44_100, 2)).astype(np.float32)
    voice = Voice("v", "s", (Piece(((100, 0.0), (40_000, 0.95))),), cents=100.0, gain_db=-1.0, pan=0.3)
    receipt = Receipt(Arrangement(44_100, 44_100, (voice,)), {"s": SourceRecord("t", "vocals")}, tags=Tags("Song"))
    written = []
    for name, each in (("first", receipt), ("again", from_json(to_json(receipt)))):
        mixed = mix(each.arrangement, {"s": ArraySource(noise, 44_100)}, tmp_path / f"{name}.f32")
        paths = [
            render(mixed, encoding, tmp_path / f"{name}.{encoding.format}", tags=each.tags).path
            for encoding in each.encodings
        ]
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
