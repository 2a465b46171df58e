"""What a voice goes through: cuts, equaliser, compressor, delay, reverb, in this order.

Each works block by block and remembers what it needs, so that the size of the blocks makes no difference. Delay and reverb
are mixed in at equal power: with `mix` m, cos(m pi/2) of what was there and sin(m pi/2) of what they add.
"""

from services.fusion.mixing.effects.chain import Process, inserts, memory_seconds, room, tail_seconds
from services.fusion.mixing.effects.checking import MOST_BANDS, RANGES, InvalidEffect, check_effects
from services.fusion.mixing.effects.presets import PRESETS, Preset, preset

__all__ = [
    "MOST_BANDS",
    "PRESETS",
    "RANGES",
    "InvalidEffect",
    "Preset",
    "Process",
    "check_effects",
    "inserts",
    "memory_seconds",
    "preset",
    "room",
    "tail_seconds",
]
