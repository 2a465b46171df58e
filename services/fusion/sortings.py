"""How a list of fusions can be sorted."""

from puremusic.fusion.v1 import fusion_pb2

from chassis import sorting
from chassis.sorting import Sorting

# What is not finished has no length yet, and comes last.
_DURATION = "coalesce(CAST(result ->> 'duration_seconds' AS double precision), 1e9)"

SORTINGS = {
    fusion_pb2.FUSION_ORDER_NEWEST: Sorting("newest", "created_at", "timestamptz", "DESC", sorting.moment),
    fusion_pb2.FUSION_ORDER_OLDEST: Sorting("oldest", "created_at", "timestamptz", "ASC", sorting.moment),
    fusion_pb2.FUSION_ORDER_TITLE: Sorting("title", "lower(title)", "text", "ASC"),
    fusion_pb2.FUSION_ORDER_DURATION: Sorting("duration", _DURATION, "double precision", "ASC", sorting.number),
}
