"""`/rights.json`: the operator's terms, what copyright means here, and whom to ask, for everybody.

The version is the one that auth has users accept. The texts are `terms.md`, `copyright.md` and `contact.md` of the operator's
folder; those that are not there are the ones for one's own machine. Clients show them as plain text with paragraphs, `#`
headings and `-` lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.config import ConfigError
from services.gateway.config import RightsConfig

TEXTS = ("terms", "copyright", "contact")

_OUR_OWN = Path(__file__).parents[1] / "rights_texts"


@dataclass(frozen=True)
class Rights:
    """What is published."""

    terms_version: str
    texts: Mapping[str, str]

    @classmethod
    def of(cls, config: RightsConfig) -> "Rights":
        """Read the texts; raises `ConfigError` for a folder or a text that can't be read."""
        folder = Path(config.directory) if config.directory else _OUR_OWN
        if not folder.is_dir():
            raise ConfigError(f"{folder} is not a folder with the texts {', '.join(f'{name}.md' for name in TEXTS)}")
        return cls(config.terms_version, {name: _text(folder, name) for name in TEXTS})

    def routes(self) -> list[Route]:
        """Return where it is."""
        return [Route("/rights.json", self.show)]

    async def show(self, _: Request) -> Response:
        """Answer with all of it; asked for each time, for a version that is over can't be accepted."""
        return JSONResponse({"termsVersion": self.terms_version, **self.texts}, headers={"Cache-Control": "no-cache"})


def _text(folder: Path, name: str) -> str:
    file = folder / f"{name}.md"
    try:
        return (file if file.exists() else _OUR_OWN / file.name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} can't be read: {error}") from error
