"""Who may call what in separation. A test fails on any method of the contract without an entry."""

from chassis import operations
from chassis.identity import READ, WRITE, Policy

_SERVICE = "/puremusic.separation.v1.SeparationsService"

POLICY: Policy = {
    f"{_SERVICE}/CreateSeparation": WRITE,
    f"{_SERVICE}/CancelSeparation": WRITE,
    f"{_SERVICE}/GetSeparation": READ,
    f"{_SERVICE}/ListSeparations": READ,
    f"{_SERVICE}/WatchSeparation": READ,
    f"{_SERVICE}/ListSegments": READ,
    f"{_SERVICE}/ListStems": READ,
    f"{_SERVICE}/BatchGetStems": READ,
    f"{_SERVICE}/ListModels": READ,
    f"{_SERVICE}/GetStemDownloadUrl": READ,
    f"{_SERVICE}/GetArchiveDownloadUrl": READ,
    **operations.POLICY,
}
