"""Who may call what in ingest. A test fails on any method of the contract without an entry."""

from chassis import operations
from chassis.identity import ADMIN, READ, WRITE, Policy

_SERVICE = "/puremusic.ingest.v1.TracksService"

POLICY: Policy = {
    f"{_SERVICE}/CreateTrack": WRITE,
    f"{_SERVICE}/GetUpload": WRITE,
    f"{_SERVICE}/CompleteUpload": WRITE,
    f"{_SERVICE}/GetTrack": READ,
    f"{_SERVICE}/ListTracks": READ,
    f"{_SERVICE}/UpdateTrack": WRITE,
    f"{_SERVICE}/DeleteTrack": WRITE,
    f"{_SERVICE}/GetDownloadUrl": READ,
    f"{_SERVICE}/GetWaveform": READ,
    f"{_SERVICE}/TakedownContent": ADMIN,
    **operations.POLICY,
}
