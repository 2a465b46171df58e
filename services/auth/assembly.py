"""The service put together from its configuration: what `serve` runs, and what tests call."""

from dataclasses import dataclass

import grpc
from cryptography.fernet import Fernet
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chassis.identity import Verifier
from chassis.postgres import Database
from services.auth.accounts import Accounts
from services.auth.announcements import announce
from services.auth.api_keys import ApiKeys
from services.auth.config import KEY_CACHE_SECONDS, Config
from services.auth.credentials import Credentials
from services.auth.passwords import Hasher
from services.auth.service_tokens import ServiceTokens
from services.auth.servicer import AuthServicer, UseCases
from services.auth.sessions import Sessions
from services.auth.signing_keys import KeyRing
from services.auth.tokens import Mint

JWKS_PATH = "/.well-known/jwks.json"


@dataclass(frozen=True)
class Auth:
    """The parts that a process runs."""

    use_cases: UseCases
    hasher: Hasher
    verifier: Verifier
    jwks: Route

    def register(self, server: grpc.aio.Server) -> list[str]:
        """Add the servicer to a server; return its full name."""
        auth_pb2_grpc.add_AuthServiceServicer_to_server(AuthServicer(self.use_cases), server)
        return [auth_pb2.DESCRIPTOR.services_by_name["AuthService"].full_name]


def assemble(config: Config, database: Database) -> Auth:
    """Put the service together."""
    lifetimes = config.lifetimes
    sealing = Fernet(config.sealing_key.reveal())
    keys = KeyRing(database, sealing, config.key_lead_seconds, lifetimes.longest_signed)
    mint = Mint(config.issuer, config.audience)
    hasher = Hasher(config.hashing)
    credentials = Credentials(database, hasher, config.lockout)
    sessions = Sessions(database, credentials, hasher, keys, mint, lifetimes)
    accounts = Accounts(
        database, credentials, hasher, sessions, announce, config.terms_version, lifetimes.reset_seconds
    )
    api_keys = ApiKeys(database, keys, mint, lifetimes, config.api_key_limit)
    service_tokens = ServiceTokens(database, keys, mint, lifetimes.service_seconds, config.client_secrets())
    return Auth(
        UseCases(accounts, sessions, api_keys, service_tokens, keys),
        hasher,
        # Its own keys come from its own database, not by way of the network.
        Verifier(config.tokens(), keys.published),
        jwks_route(keys),
    )


def jwks_route(keys: KeyRing) -> Route:
    """Return the route under which anybody reads the public keys."""

    async def jwks(_: Request) -> JSONResponse:
        headers = {"Cache-Control": f"public, max-age={KEY_CACHE_SECONDS}"}
        return JSONResponse(await keys.published(), headers=headers)

    return Route(JWKS_PATH, jwks)
