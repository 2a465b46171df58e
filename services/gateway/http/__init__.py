"""What gateway serves over HTTP itself: the browser's session, WebSockets, documentation, health, the web client."""

from services.gateway.http.application import application

__all__ = ["application"]
