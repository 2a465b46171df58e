"""What the command line can be told by the environment."""

from dataclasses import dataclass
from pathlib import Path

from chassis.config import Secret, setting

__all__ = ["DEFAULT_URL", "Settings"]

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Settings:
    """Of one run."""

    url: str = setting("URL", f"where PureMusic is; empty: where one signed in, or {DEFAULT_URL}", "")
    api_key: Secret = setting("API_KEY", "key to call with instead of a session", Secret(""))
    session: str = setting("SESSION_FILE", "where the session is kept", "~/.config/puremusic/session.json")

    @property
    def session_file(self) -> Path:
        """The session's path."""
        return Path(self.session).expanduser()
