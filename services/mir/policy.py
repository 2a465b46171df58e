"""Who may call what in mir. A test fails on any method of the contract without an entry."""

from chassis import operations
from chassis.identity import READ, WRITE, Policy

_SERVICE = "/puremusic.mir.v1.AnalysesService"

POLICY: Policy = {
    f"{_SERVICE}/GetAnalysis": READ,
    f"{_SERVICE}/BatchGetAnalyses": READ,
    f"{_SERVICE}/ListAnalysisFiles": READ,
    f"{_SERVICE}/WatchAnalysis": READ,
    f"{_SERVICE}/CreateAnalysis": WRITE,
    f"{_SERVICE}/UpdateAnalysis": WRITE,
    f"{_SERVICE}/CancelAnalysis": WRITE,
    **operations.POLICY,
}
