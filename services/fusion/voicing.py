"""How a stem is to sound: its cuts and effects, from the contract to planning's terms."""

from dataclasses import replace

from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis.errors import InvalidInput
from services.fusion.limits import number
from services.fusion.mixing.arrangement import Band, Compressor, Delay, Effects, Reverb
from services.fusion.mixing.effects import InvalidEffect, preset

MAX_BANDS = 8
SHAPES = {
    pb.BAND_SHAPE_PEAK: "peak",
    pb.BAND_SHAPE_LOW_SHELF: "low_shelf",
    pb.BAND_SHAPE_HIGH_SHELF: "high_shelf",
}


def to_effects(chosen: pb.SelectedStem) -> Effects:
    """Return the effects of a stem; what is said of it holds over its preset."""
    asked = chosen.effects
    if len(asked.bands) > MAX_BANDS:
        raise InvalidInput("TOO_MANY_BANDS", f"An equaliser has at most {MAX_BANDS} bands.", limit=MAX_BANDS)
    usual = _preset(asked.preset)
    return replace(
        usual,
        low_cut_hz=chosen.low_cut_hz if chosen.HasField("low_cut_hz") else usual.low_cut_hz,
        high_cut_hz=chosen.high_cut_hz if chosen.HasField("high_cut_hz") else usual.high_cut_hz,
        bands=tuple(map(_band, asked.bands)) or usual.bands,
        compressor=_compressor(asked.compressor) if asked.HasField("compressor") else usual.compressor,
        delay=_delay(asked.delay) if asked.HasField("delay") else usual.delay,
        reverb=_reverb(asked.reverb) if asked.HasField("reverb") else usual.reverb,
    )


def _preset(name: str) -> Effects:
    try:
        return preset(name) if name else Effects()
    except InvalidEffect as error:
        raise InvalidInput(error.code, error.message, preset=name) from None


def _band(band: pb.Band) -> Band:
    return Band(SHAPES[band.shape], band.frequency_hz, band.gain_db, number(band, "q"))


def _compressor(asked: pb.Compressor) -> Compressor:
    return Compressor(
        asked.threshold_db,
        number(asked, "ratio"),
        number(asked, "attack_ms"),
        number(asked, "release_ms"),
        asked.makeup_db,
    )


def _delay(asked: pb.Delay) -> Delay:
    return Delay(asked.seconds, asked.feedback, asked.mix)


def _reverb(asked: pb.Reverb) -> Reverb:
    usual = Reverb(asked.seconds, asked.mix)
    return replace(usual, predelay_ms=asked.predelay_ms) if asked.HasField("predelay_ms") else usual
