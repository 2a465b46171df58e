"""What a song can be written as, and which wishes contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["DEFAULT_ENCODINGS", "Encoding", "Format", "InvalidEncoding"]


class Format(StrEnum):
    """A kind of file. Its value is the ending of the file's name."""

    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    OGG = "ogg"
    """Vorbis."""
    OPUS = "opus"

    @property
    def lossless(self) -> bool:
        """Whether the samples that are read are those that were written."""
        return self in (Format.WAV, Format.FLAC)

    @property
    def content_type(self) -> str:
        """The media type, RFC 3003, RFC 5334, RFC 9639; WAV's is what browsers know."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES: Final[Mapping[Format, str]] = {
    Format.WAV: "audio/wav",
    Format.FLAC: "audio/flac",
    Format.MP3: "audio/mpeg",
    Format.OGG: "audio/ogg",
    Format.OPUS: "audio/ogg",
}
_BITS: Final = {Format.WAV: (16, 24, 32), Format.FLAC: (16, 24)}
_QUALITIES: Final = {Format.MP3: range(10), Format.OGG: range(11)}
_BITRATES: Final[Mapping[Format, range | tuple[int, ...]]] = {
    Format.MP3: (128, 160, 192, 224, 256, 320),
    Format.OPUS: range(32, 511),
}
_DEFAULT_BITS: Final = 24
_DEFAULT_QUALITY: Final = {Format.MP3: 0, Format.OGG: 7}
_DEFAULT_OPUS_KBPS: Final = 160
_RATES: Final[tuple[int, ...]] = (22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
_RATES_OF: Final[Mapping[Format, tuple[int, ...]]] = {Format.MP3: (32_000, 44_100, 48_000), Format.OPUS: (48_000,)}


class InvalidEncoding(ValueError):
    """No such file can be written. `reason` names why, in capitals; the message says what to do instead."""

    def __init__(self, reason: str, message: str) -> None:
        """Explain with a `reason` for programs and a `message` for people."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Encoding:
    """How a song is written.

    Attributes:
        bits: of a WAV (16, 24, 32: float) or FLAC (16, 24) sample; None: 24. 16 bits are dithered.
        quality: of an MP3 with variable bit rate, 0 (V0, best) to 9; of Ogg Vorbis, 0 to 10 (best). None: V0, and 7.
        bitrate_kbps: of an MP3 with constant bit rate, 128 to 320; of Opus, 32 to 510. None: MP3's is variable, Opus has 160.
        sample_rate: Hz; None: that of the mix, for MP3 and Opus the next that they have.

    Raises:
        InvalidEncoding: if the wishes contradict each other, with a reason: BITS_NOT_POSSIBLE, QUALITY_NOT_POSSIBLE,
            BITRATE_NOT_POSSIBLE, QUALITY_OR_BITRATE or SAMPLE_RATE_NOT_POSSIBLE.
    """

    format: Format
    bits: int | None = None
    quality: int | None = None
    bitrate_kbps: int | None = None
    sample_rate: int | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be written."""
        _refuse_unless(self.format, "BITS_NOT_POSSIBLE", "bits a sample", self.bits, _BITS)
        _refuse_unless(self.format, "QUALITY_NOT_POSSIBLE", "a quality", self.quality, _QUALITIES)
        _refuse_unless(self.format, "BITRATE_NOT_POSSIBLE", "a bit rate in kbit/s", self.bitrate_kbps, _BITRATES)
        if self.quality is not None and self.bitrate_kbps is not None:
            raise InvalidEncoding(
                "QUALITY_OR_BITRATE",
                "An MP3 has a quality (variable bit rate) or a constant bit rate. Leave one of them out.",
            )
        possible = _rates(self.format)
        if self.sample_rate is not None and self.sample_rate not in possible:
            raise InvalidEncoding(
                "SAMPLE_RATE_NOT_POSSIBLE",
                f"{_name(self.format)} is not written at {self.sample_rate} Hz. Choose {_either(possible)} Hz, or none.",
            )

    @property
    def depth(self) -> int | None:
        """Bits a sample; None where the format has no samples."""
        return (self.bits or _DEFAULT_BITS) if self.format.lossless else None

    @property
    def vorbis_or_mp3_quality(self) -> int:
        """The quality that is meant, of a format that has one."""
        return _DEFAULT_QUALITY[self.format] if self.quality is None else self.quality

    @property
    def opus_kbps(self) -> int:
        """The bit rate that is meant, of Opus."""
        return self.bitrate_kbps or _DEFAULT_OPUS_KBPS

    def rate(self, of_mix: int) -> int:
        """Hz at which a mix of `of_mix` Hz is written."""
        if self.sample_rate is not None:
            return self.sample_rate
        if self.format.lossless or self.format is Format.OGG:
            return of_mix
        possible = _rates(self.format)
        return next((rate for rate in possible if rate >= of_mix), possible[-1])


def _refuse_unless(
    kind: Format, reason: str, what: str, value: int | None, possible: Mapping[Format, range | tuple[int, ...]]
) -> None:
    if value is None or value in possible.get(kind, ()):
        return
    choices = possible.get(kind)
    if choices is None:
        others = _either([_name(other) for other in possible])
        raise InvalidEncoding(reason, f"{_name(kind)} has no choice of {what}. Leave it out, or choose {others}.")
    raise InvalidEncoding(reason, f"{_name(kind)} is not written with {what} of {value}. Choose {_either(choices)}.")


def _rates(kind: Format) -> tuple[int, ...]:
    return _RATES_OF.get(kind, _RATES)


def _either(choices: range | tuple[int, ...] | list[str]) -> str:
    if isinstance(choices, range):
        return f"{choices.start} to {choices.stop - 1}"
    *all_but_last, last = (str(choice) for choice in choices)
    return f"{', '.join(all_but_last)} or {last}" if all_but_last else last


def _name(kind: Format) -> str:
    return {Format.OGG: "Ogg Vorbis", Format.OPUS: "Opus"}.get(kind, kind.value.upper())


DEFAULT_ENCODINGS: Final = (Encoding(Format.WAV), Encoding(Format.FLAC), Encoding(Format.MP3))
"""What is written without a wish: to go on working with, to keep, and to send around."""
