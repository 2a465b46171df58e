"""Why a file is not taken in, in words for the person who uploaded it.

Each sentence says what is wrong and what to do about it; it never shows a library's error.
"""

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """Machine-readable reasons. Values are part of the public contract: add, never rename."""

    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    NOT_AUDIO = "NOT_AUDIO"
    UNSUPPORTED_FORMAT = "UNSUPPORTED_FORMAT"
    TOO_LONG = "TOO_LONG"
    TOO_SHORT = "TOO_SHORT"
    NO_CHANNELS = "NO_CHANNELS"
    TOO_MANY_CHANNELS = "TOO_MANY_CHANNELS"
    SAMPLE_RATE_UNSUPPORTED = "SAMPLE_RATE_UNSUPPORTED"
    TRUNCATED = "TRUNCATED"
    NOT_FINITE = "NOT_FINITE"
    DECODER_FAILED = "DECODER_FAILED"
    TIMED_OUT = "TIMED_OUT"


TAKEN = "WAV, AIFF, FLAC, MP3, OGG (Vorbis, Opus or FLAC) or M4A/AAC"

SENTENCES: dict[Reason, str] = {
    Reason.EMPTY: "The file is empty. Check that it plays on your computer, then upload it again.",
    Reason.TOO_LARGE: "The file has {megabytes:.0f} MB; at most {most:.0f} MB are taken."
    " Upload it as FLAC or MP3, or upload a shorter part.",
    Reason.NOT_AUDIO: "This is not a song: the file {found}. Upload a " + TAKEN + " file.",
    Reason.UNSUPPORTED_FORMAT: "This file {found}, which is not taken. Convert it to " + TAKEN + ".",
    Reason.TOO_LONG: "The song is longer than {most}, the most that is taken. Upload a shorter part of it.",
    Reason.TOO_SHORT: "The song lasts {seconds:.2f} seconds; at least {least:g} seconds are needed."
    " Upload a longer recording.",
    Reason.NO_CHANNELS: "The file says that it has no audio channels. Export it again as mono or stereo.",
    Reason.TOO_MANY_CHANNELS: "The file has {channels} channels; only mono and stereo are taken."
    " Mix it down to stereo and upload that.",
    Reason.SAMPLE_RATE_UNSUPPORTED: "The file has a sample rate of {rate} Hz; {least} to {most} Hz are taken."
    " Export it again at 44100 or 48000 Hz.",
    Reason.TRUNCATED: "The file breaks off before its end{where}."
    " The download or export was probably interrupted: get the whole file and upload it again.",
    Reason.NOT_FINITE: "The file contains samples that are not numbers (NaN or infinity)."
    " Render it again, or export it as 24-bit WAV or FLAC.",
    Reason.DECODER_FAILED: "The file looks like {found}, but it is damaged and cannot be decoded."
    " Export it again and upload the new file.",
    Reason.TIMED_OUT: "Reading the file took too long, so it was given up. Convert it to FLAC or WAV and upload that.",
}


class Rejected(Exception):
    """A file that is not taken in, through no fault of ours: trying again would end the same way.

    `message` is for the person who uploaded it; `detail` is for the log.
    """

    def __init__(self, reason: Reason, message: str, detail: str = "") -> None:
        super().__init__(reason, message, detail)
        self.reason = reason
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" + (f" [{self.detail}]" if self.detail else "")

    @classmethod
    def because(cls, reason: Reason, detail: str = "", **facts: float | str) -> Self:
        """A rejection whose sentence is filled in with `facts`, as the sentence of `reason` names them."""
        return cls(reason, SENTENCES[reason].format(**facts), detail)


def spoken_duration(seconds: float) -> str:
    """`seconds` as a person would say it: '15 minutes', '3 hours', '4.2 seconds'."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length or seconds == length:
            return _counted(seconds / length, unit)
    return _counted(seconds, "second")


def _counted(count: float, unit: str) -> str:
    spoken = f"{count:.1f}".removesuffix(".0")
    return f"{spoken} {unit}" + ("" if spoken == "1" else "s")
