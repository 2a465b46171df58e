"""Gateway's HTTP put together."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route

from chassis.identity import Verifier
from services.gateway.auth_client import AuthClient
from services.gateway.config import BrowserConfig, RightsConfig
from services.gateway.http import pages
from services.gateway.http.cookies import SessionCookie
from services.gateway.http.errors import HANDLERS
from services.gateway.http.headers import SecurityHeaders, Traced, security_headers
from services.gateway.http.origins import Origins, is_plain_loopback
from services.gateway.http.rights import Rights
from services.gateway.http.session import BrowserSession
from services.gateway.http.sockets import JobSockets
from services.gateway.http.web_client import WebClient
from services.gateway.mesh import MeshHealth
from services.gateway.watching import Watches


def application(
    config: BrowserConfig,
    rights: RightsConfig,
    auth: AuthClient,
    watches: Watches,
    verifier: Verifier,
    health: MeshHealth,
) -> Mount:
    """Return everything, mounted at the root: it answers what the chassis' own routes do not."""
    origins = Origins.of(config)
    cookie = SessionCookie(secure=not is_plain_loopback(config.public_url))
    headers = security_headers(config.public_url)
    front: BaseRoute = Route("/", pages.landing)
    if config.static_directory:
        # Only its files: what is said of a session is never compressed together with what a request says (BREACH).
        client = WebClient(config.static_directory, headers)
        front = Mount("/", client, middleware=[Middleware(GZipMiddleware, compresslevel=6)])
    routes: list[BaseRoute] = [
        *BrowserSession(auth, origins, cookie).routes(),
        *JobSockets(watches, verifier, origins).routes(),
        *Rights.of(rights).routes(),
        *pages.routes(health),
        front,
    ]
    middleware = [
        Middleware(SecurityHeaders, headers=headers),
        Middleware(Traced),
    ]
    return Mount("/", Starlette(routes=routes, middleware=middleware, exception_handlers=HANDLERS))
