"""Who may call what in gateway. A test fails on any method of the contract without an entry."""

from chassis.identity import ADMIN, READ, WRITE, Policy

_JOBS = "/puremusic.gateway.v1.JobsService"
_LIBRARY = "/puremusic.gateway.v1.LibraryService"
_ADMIN = "/puremusic.gateway.v1.AdminService"

POLICY: Policy = {
    f"{_JOBS}/GetJob": READ,
    f"{_JOBS}/ListJobs": READ,
    f"{_JOBS}/WatchJobs": READ,
    f"{_JOBS}/CancelJob": WRITE,
    f"{_JOBS}/GetUsage": READ,
    f"{_LIBRARY}/GetCard": READ,
    f"{_LIBRARY}/ListCards": READ,
    f"{_ADMIN}/ListDeadLetters": ADMIN,
    f"{_ADMIN}/RequeueDeadLetters": ADMIN,
    f"{_ADMIN}/RebuildReadModel": ADMIN,
    f"{_ADMIN}/CollectGarbage": ADMIN,
}
