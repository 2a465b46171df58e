"""Who may reach what from outside. A method that no line here and no `google.api.http` annotation names is not reachable."""

from collections.abc import Iterable

from services.gateway.envoy.contract import Method

__all__ = ["PUBLIC_METHODS", "is_public", "public_rest_paths", "routed", "routed_services", "timeout_seconds"]

PUBLIC_METHODS = frozenset(
    f"puremusic.auth.v1.AuthService/{name}"
    for name in ("Register", "Login", "Refresh", "Logout", "ResetPassword", "ExchangeApiKey")
)
"""What can be called without an access token: whatever one needs to get one, or to end one."""

_SECONDS = 15
_SLOW_SECONDS = 120
_SLOW_METHODS = frozenset(
    {
        # A file is made at first asking.
        "puremusic.separation.v1.SeparationsService/GetStemDownloadUrl",
        "puremusic.separation.v1.SeparationsService/GetArchiveDownloadUrl",
        "puremusic.fusion.v1.FusionsService/GetDownloadUrl",
        # Up to 200 tracks are compared.
        "puremusic.fusion.v1.FusionsService/RankTracks",
        # Every user's rows or objects are gone through.
        "puremusic.ingest.v1.TracksService/TakedownContent",
        "puremusic.gateway.v1.AdminService/ListDeadLetters",
        "puremusic.gateway.v1.AdminService/RequeueDeadLetters",
        "puremusic.gateway.v1.AdminService/RebuildReadModel",
        "puremusic.gateway.v1.AdminService/CollectGarbage",
    }
)


def routed(contract: Iterable[Method]) -> tuple[Method, ...]:
    """The methods that Envoy lets through: those with a REST form. The others are for the mesh only."""
    return tuple(method for method in contract if method.rest)


def routed_services(contract: Iterable[Method]) -> list[str]:
    """The services with at least one routed method, in the contract's order."""
    return list(dict.fromkeys(method.service for method in routed(contract)))


def is_public(method: Method) -> bool:
    """Whether the method can be called without a token."""
    return method.full_name in PUBLIC_METHODS


def public_rest_paths(contract: Iterable[Method]) -> tuple[str, ...]:
    """The REST paths of the public methods. They hold no variables: a path is public or it is not."""
    paths = tuple(form.template for method in contract if is_public(method) for form in method.rest)
    if variable := [path for path in paths if "{" in path]:
        raise ValueError(f"public paths can't hold variables: {variable}")
    return paths


def timeout_seconds(method: Method) -> int:
    """How long a call may take; 0, for streams: as long as it says something."""
    if method.streams:
        return 0
    return _SLOW_SECONDS if method.full_name in _SLOW_METHODS else _SECONDS
