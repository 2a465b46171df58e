"""From what is wished and what was heard to an arrangement.

    plans = suggest(wish, tracks)            # best first: target, what is done to each track, cost, reasons, warnings
    song = arrange(wish, tracks, plans[0])   # everything decided
    rank(track, "vocals", others)            # which of my tracks fit this vocal?

What can't be planned raises `PlanError`: a code, and a sentence that says what to do.
"""

from services.fusion.mixing.planning.arranging import arrange
from services.fusion.mixing.planning.compatibility import Compatibility, compatibility, rank
from services.fusion.mixing.planning.cost import Cost
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.plan import Collision, Note, Plan, TrackPlan, VoiceDamage
from services.fusion.mixing.planning.suggesting import suggest

__all__ = [
    "Collision",
    "Compatibility",
    "Cost",
    "Note",
    "Plan",
    "PlanError",
    "TrackPlan",
    "VoiceDamage",
    "arrange",
    "compatibility",
    "rank",
    "suggest",
]
