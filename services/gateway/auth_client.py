"""Auth as the browser's session needs it. Each call brings a credential of its own, so there is no caller's token."""

import grpc
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc

from chassis import peers


class AuthClient:
    """Signs in, continues and signs out."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._auth = auth_pb2_grpc.AuthServiceStub(channel)

    async def register(self, request: auth_pb2.RegisterRequest) -> auth_pb2.Session:
        """Create an account and sign in."""
        return await self._auth.Register(request, **peers.options())

    async def login(self, request: auth_pb2.LoginRequest) -> auth_pb2.Session:
        """Sign in."""
        return await self._auth.Login(request, **peers.options())

    async def refresh(self, refresh_token: str) -> auth_pb2.Session:
        """Exchange a refresh token for a new pair."""
        return await self._auth.Refresh(auth_pb2.RefreshRequest(refresh_token=refresh_token), **peers.options())

    async def logout(self, refresh_token: str, *, everywhere: bool) -> None:
        """End the token's login, or all of its user's."""
        request = auth_pb2.LogoutRequest(refresh_token=refresh_token, everywhere=everywhere)
        await self._auth.Logout(request, **peers.options())
