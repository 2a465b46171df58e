"""What every command has on its desk: the API, who one is there, and where to say things."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer

from cli.client import Api, ApiError, ApiKeyCredentials, Credentials, SessionCredentials, SessionFile
from cli.exit_codes import ExitCode, of_error
from cli.output import Output
from cli.settings import DEFAULT_URL, Settings
from cli.stem_expressions import ExpressionError

__all__ = ["Action", "Desk", "Json", "Wait", "run"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until the jobs are over, showing their progress.")]


@dataclass(frozen=True)
class Desk:
    """For one command."""

    api: Api
    me: SessionCredentials
    out: Output


Action = Callable[[Desk], Awaitable[ExitCode | None]]


def run(context: typer.Context, action: Action, *, as_json: bool) -> None:
    """Run a command's action and end with the exit code that it, or what went wrong, asks for."""
    out = Output(as_json=as_json)
    try:
        code = asyncio.run(_at_desk(context.obj, out, action))
    except ApiError as error:
        out.error(error)
        code = of_error(error)
    except (ExpressionError, httpx.InvalidURL) as error:
        out.wrong("USAGE", str(error))
        code = ExitCode.USAGE
    except OSError as error:
        out.wrong("FILE", f"{error.filename}: {error.strerror}" if error.filename else str(error))
        code = ExitCode.USAGE
    raise typer.Exit(code or ExitCode.OK)


async def _at_desk(settings: Settings, out: Output, action: Action) -> ExitCode | None:
    store = SessionFile(settings.session_file)
    kept = store.load()
    url = (settings.url or (kept.url if kept else DEFAULT_URL)).rstrip("/")
    me = SessionCredentials(url, store)
    credentials: Credentials = ApiKeyCredentials(settings.api_key.reveal()) if settings.api_key else me
    async with Api(url, credentials) as api:
        return await action(Desk(api, me, out))
