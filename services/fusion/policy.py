"""Who may call what in fusion. A test fails on any method of the contract without an entry."""

from chassis import operations
from chassis.identity import READ, WRITE, Policy

_SERVICE = "/puremusic.fusion.v1.FusionsService"

POLICY: Policy = {
    f"{_SERVICE}/GetFusion": READ,
    f"{_SERVICE}/ListFusions": READ,
    f"{_SERVICE}/WatchFusion": READ,
    f"{_SERVICE}/GetDownloadUrl": READ,
    f"{_SERVICE}/GetReceipt": READ,
    f"{_SERVICE}/SuggestFusion": READ,
    f"{_SERVICE}/GetCompatibility": READ,
    f"{_SERVICE}/RankTracks": READ,
    f"{_SERVICE}/CreateFusion": WRITE,
    f"{_SERVICE}/CreateFusionFromReceipt": WRITE,
    f"{_SERVICE}/UpdateFusion": WRITE,
    f"{_SERVICE}/CancelFusion": WRITE,
    f"{_SERVICE}/DeleteFusion": WRITE,
    f"{_SERVICE}/RateFusion": WRITE,
    **operations.POLICY,
}
