"""Stems and their faders, as far as a request can be judged before anybody is asked."""

from collections import Counter
from collections.abc import Sequence

from chassis.errors import InvalidInput

MAX_STEMS = 32
GAIN_DB = (-60.0, 12.0)
PAN = (-1.0, 1.0)


def check(gains: Sequence[float], pans: Sequence[float]) -> None:
    """Raise `InvalidInput` unless there is a stem, not too many, and every fader is in its range."""
    if not gains:
        raise InvalidInput("NO_STEMS", "Choose at least one stem.")
    if len(gains) > MAX_STEMS:
        raise InvalidInput("TOO_MANY_STEMS", f"Choose at most {MAX_STEMS} stems.", limit=MAX_STEMS, used=len(gains))
    for gain in gains:
        if not GAIN_DB[0] <= gain <= GAIN_DB[1]:  # NaN is in no range either
            raise InvalidInput("GAIN_OUT_OF_RANGE", f"A gain of {gain:g} dB is not between -60 and 12.", gain_db=gain)
    for pan in pans:
        if not PAN[0] <= pan <= PAN[1]:
            raise InvalidInput("PAN_OUT_OF_RANGE", f"A pan of {pan:g} is not between -1 (left) and 1 (right).", pan=pan)


def check_distinct(stem_ids: Sequence[str]) -> None:
    """Raise `InvalidInput` if a stem was chosen twice."""
    most_common = Counter(stem_ids).most_common(1)
    if most_common and most_common[0][1] > 1:
        raise InvalidInput("DUPLICATE_STEM", "A stem can be chosen only once.", stem_id=most_common[0][0])
