"""Becoming somebody, and nobody again."""

from collections.abc import Callable

from puremusic.auth.v1 import auth_pb2

from cli.client import methods
from cli.client.api import Api
from cli.client.credentials import SessionCredentials
from cli.client.errors import Refused

__all__ = ["login", "logout", "register"]

_UNREAD = "unread"
_NOT_ACCEPTED = "TERMS_NOT_ACCEPTED"


async def register(
    api: Api, me: SessionCredentials, wish: auth_pb2.RegisterRequest, accept: Callable[[str], bool]
) -> auth_pb2.User:
    """Create an account and be its user. `accept` is asked about the version of the terms that holds now."""
    wish.accepted_terms_version = _UNREAD
    try:
        session = await api.call(methods.REGISTER, wish)
    except Refused as refused:
        # Only the server knows which version one has to read; it says so when it gets another.
        version = refused.metadata.get("terms_version", "")
        if refused.reason != _NOT_ACCEPTED or not accept(version):
            raise
        wish.accepted_terms_version = version
        session = await api.call(methods.REGISTER, wish)
    me.adopt(session)
    return session.user


async def login(api: Api, me: SessionCredentials, email: str, password: str) -> auth_pb2.User:
    """Be a user."""
    session = await api.call(methods.LOGIN, auth_pb2.LoginRequest(email=email, password=password))
    me.adopt(session)
    return session.user


async def logout(api: Api, me: SessionCredentials, *, everywhere: bool = False) -> bool:
    """Be nobody; `everywhere` ends the user's other logins too. False when nobody was signed in."""
    kept = me.kept()
    if kept is None:
        return False
    await api.call(methods.LOGOUT, auth_pb2.LogoutRequest(refresh_token=kept.refresh_token, everywhere=everywhere))
    me.forget()
    return True
