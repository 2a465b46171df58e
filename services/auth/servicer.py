"""AuthService on the wire: each RPC is converted, made by one use case, and converted back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc

from chassis import paging
from chassis.errors import InvalidInput
from chassis.identity import caller
from chassis.work_record import to_timestamp
from services.auth.accounts import Accounts, Registration
from services.auth.api_keys import ApiKeys, Wish
from services.auth.service_tokens import ServiceTokens
from services.auth.sessions import Session, Sessions
from services.auth.signing_keys import KeyRing
from services.auth.store.accounts import Account
from services.auth.store.api_keys import ApiKey
from services.auth.store.logins import Login

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class UseCases:
    """What the servicer calls."""

    accounts: Accounts
    sessions: Sessions
    api_keys: ApiKeys
    service_tokens: ServiceTokens
    keys: KeyRing


class AuthServicer(auth_pb2_grpc.AuthServiceServicer):
    """Implements `puremusic.auth.v1.AuthService`; the contract documents each method."""

    def __init__(self, use_cases: UseCases) -> None:
        self._do = use_cases

    async def Register(self, request: auth_pb2.RegisterRequest, context: Context) -> auth_pb2.Session:
        """Create an account and sign in."""
        wish = Registration(request.email, request.password, request.display_name, request.accepted_terms_version)
        return _session(await self._do.accounts.register(wish))

    async def Login(self, request: auth_pb2.LoginRequest, context: Context) -> auth_pb2.Session:
        """Sign in."""
        return _session(await self._do.sessions.login(request.email, request.password))

    async def Refresh(self, request: auth_pb2.RefreshRequest, context: Context) -> auth_pb2.Session:
        """Exchange a refresh token."""
        return _session(await self._do.sessions.refresh(request.refresh_token))

    async def Logout(self, request: auth_pb2.LogoutRequest, context: Context) -> auth_pb2.LogoutResponse:
        """End a login, or all of them."""
        await self._do.sessions.logout(request.refresh_token, everywhere=request.everywhere)
        return auth_pb2.LogoutResponse()

    async def GetMe(self, request: auth_pb2.GetMeRequest, context: Context) -> auth_pb2.User:
        """Return the caller's account."""
        return _user(await self._do.accounts.get(caller().user_id))

    async def UpdateMe(self, request: auth_pb2.UpdateMeRequest, context: Context) -> auth_pb2.User:
        """Change what the mask names."""
        changes = {path: _text_at(request.user, path) for path in request.update_mask.paths}
        return _user(await self._do.accounts.update(caller().user_id, changes))

    async def ChangePassword(self, request: auth_pb2.ChangePasswordRequest, context: Context) -> auth_pb2.Session:
        """Replace the password and sign out elsewhere."""
        user_id = caller().user_id
        return _session(
            await self._do.accounts.change_password(user_id, request.current_password, request.new_password)
        )

    async def ExportMe(self, request: auth_pb2.ExportMeRequest, context: Context) -> auth_pb2.ExportMeResponse:
        """Return all that is kept about the caller."""
        export = await self._do.accounts.export(caller().user_id)
        return auth_pb2.ExportMeResponse(
            user=_user(export.account),
            api_keys=_api_keys(export.api_keys),
            logins=[_login_record(login) for login in export.logins],
        )

    async def DeleteMe(self, request: auth_pb2.DeleteMeRequest, context: Context) -> auth_pb2.DeleteMeResponse:
        """Delete the caller's account."""
        await self._do.accounts.delete(caller().user_id, request.password)
        return auth_pb2.DeleteMeResponse()

    async def IssueResetToken(
        self, request: auth_pb2.IssueResetTokenRequest, context: Context
    ) -> auth_pb2.IssueResetTokenResponse:
        """Let a user set a new password."""
        secret, until = await self._do.accounts.issue_reset_token(caller().user_id, request.email)
        return auth_pb2.IssueResetTokenResponse(reset_token=secret, expire_time=to_timestamp(until))

    async def ResetPassword(
        self, request: auth_pb2.ResetPasswordRequest, context: Context
    ) -> auth_pb2.ResetPasswordResponse:
        """Set a new password with an operator's token."""
        await self._do.accounts.reset_password(request.reset_token, request.new_password)
        return auth_pb2.ResetPasswordResponse()

    async def CreateApiKey(
        self, request: auth_pb2.CreateApiKeyRequest, context: Context
    ) -> auth_pb2.CreateApiKeyResponse:
        """Make an API key."""
        expires_at = _moment(request.expire_time) if request.HasField("expire_time") else None
        wish = Wish(request.name, request.scopes, expires_at)
        key, secret = await self._do.api_keys.create(caller().user_id, wish)
        return auth_pb2.CreateApiKeyResponse(api_key=_api_key(key), secret=secret)

    async def ListApiKeys(self, request: auth_pb2.ListApiKeysRequest, context: Context) -> auth_pb2.ListApiKeysResponse:
        """List the caller's API keys."""
        page = paging.page(request.page_size, request.page_token)
        keys, next_page = await self._do.api_keys.list(caller().user_id, page)
        return auth_pb2.ListApiKeysResponse(api_keys=_api_keys(keys), next_page_token=next_page)

    async def RevokeApiKey(
        self, request: auth_pb2.RevokeApiKeyRequest, context: Context
    ) -> auth_pb2.RevokeApiKeyResponse:
        """End an API key."""
        await self._do.api_keys.revoke(caller().user_id, request.api_key_id)
        return auth_pb2.RevokeApiKeyResponse()

    async def ExchangeApiKey(
        self, request: auth_pb2.ExchangeApiKeyRequest, context: Context
    ) -> auth_pb2.ExchangeApiKeyResponse:
        """Return an access token for an API key."""
        minted = await self._do.api_keys.exchange(request.secret)
        return auth_pb2.ExchangeApiKeyResponse(access_token=minted.token, expires_in=minted.expires_in)

    async def IssueServiceToken(
        self, request: auth_pb2.IssueServiceTokenRequest, context: Context
    ) -> auth_pb2.IssueServiceTokenResponse:
        """Return a token with which a service acts for a user."""
        minted = await self._do.service_tokens.issue(request.service, request.client_secret, request.user_id)
        return auth_pb2.IssueServiceTokenResponse(access_token=minted.token, expires_in=minted.expires_in)

    async def RotateKeys(self, request: auth_pb2.RotateKeysRequest, context: Context) -> auth_pb2.RotateKeysResponse:
        """Make a new signing key."""
        rotation = await self._do.keys.rotate()
        return auth_pb2.RotateKeysResponse(key_id=rotation.key_id, sign_time=to_timestamp(rotation.signs_from))


def _user(account: Account) -> auth_pb2.User:
    return auth_pb2.User(
        user_id=account.user_id,
        email=account.email,
        display_name=account.display_name,
        roles=account.roles,
        accepted_terms_version=account.accepted_terms_version,
        accepted_terms_time=to_timestamp(account.accepted_terms_at),
        create_time=to_timestamp(account.created_at),
    )


def _session(session: Session) -> auth_pb2.Session:
    return auth_pb2.Session(
        access_token=session.access.token,
        expires_in=session.access.expires_in,
        refresh_token=session.refresh_token,
        refresh_expires_in=session.refresh_expires_in,
        user=_user(session.account),
    )


def _api_key(key: ApiKey) -> auth_pb2.ApiKey:
    return auth_pb2.ApiKey(
        api_key_id=key.api_key_id,
        name=key.name,
        scopes=key.scopes,
        create_time=to_timestamp(key.created_at),
        expire_time=to_timestamp(key.expires_at) if key.expires_at else None,
        last_used_time=to_timestamp(key.last_used_at) if key.last_used_at else None,
    )


def _api_keys(keys: Sequence[ApiKey]) -> list[auth_pb2.ApiKey]:
    return [_api_key(key) for key in keys]


def _login_record(login: Login) -> auth_pb2.ExportMeResponse.LoginRecord:
    return auth_pb2.ExportMeResponse.LoginRecord(
        create_time=to_timestamp(login.created_at),
        expire_time=to_timestamp(login.expires_at),
        revoked=login.revoked,
    )


def _text_at(user: auth_pb2.User, path: str) -> str:
    """Return the text of a top-level field; the use case knows which paths it takes and refuses the others."""
    value = getattr(user, path, "")
    return value if isinstance(value, str) else ""


def _moment(stamp: Timestamp) -> datetime:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("TIME_INVALID", "The time is out of range.", field="expire_time") from None
