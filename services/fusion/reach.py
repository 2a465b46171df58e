"""What may be asked of the worker by a receipt, which anybody may have edited: no song without end, no speed beyond hearing."""

from itertools import pairwise
from typing import NoReturn

from chassis.errors import InvalidInput
from services.fusion.mixing.arrangement import Arrangement, Piece

LONGEST_SECONDS = 3700.0
"""An hour, and what fades after it."""
MOST_VOICES = 64
SPEEDS = (0.2, 5.0)
FURTHEST_SECONDS = 36_000.0


def check(arrangement: Arrangement) -> None:
    """Raise `InvalidInput` for an arrangement that would take too much; it was checked before that it can be performed."""
    if arrangement.frames > LONGEST_SECONDS * arrangement.sample_rate:
        _refuse("The song of this receipt is longer than an hour.")
    if len(arrangement.voices) > MOST_VOICES:
        _refuse(f"The song of this receipt has more than {MOST_VOICES} voices.")
    for voice in arrangement.voices:
        for piece in voice.pieces:
            _check_piece(voice.name, piece, arrangement.sample_rate)


def _check_piece(name: str, piece: Piece, rate: int) -> None:
    if any(abs(second) > FURTHEST_SECONDS for _, second in piece.anchors):
        _refuse(f"{name}: a stem has no second as far away as the receipt says.")
    for (frame, second), (next_frame, next_second) in pairwise(piece.anchors):
        if not SPEEDS[0] <= (next_second - second) * rate / (next_frame - frame) <= SPEEDS[1]:
            _refuse(f"{name}: the receipt plays it less than 0.25 or more than 4 times as fast.")


def _refuse(message: str) -> NoReturn:
    raise InvalidInput("RECEIPT_OUT_OF_REACH", message)
