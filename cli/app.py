"""The command line as a whole."""

from collections.abc import Callable
from typing import Annotated

import typer

from chassis import config
from cli.commands import (
    account,
    admin,
    analysis,
    api_keys,
    downloading,
    fusing,
    fusion,
    jobs,
    library,
    separating,
    uploading,
    work,
)
from cli.exit_codes import ExitCode
from cli.settings import DEFAULT_URL, Settings

__all__ = ["app"]

_EPILOG = (
    "Exit codes: 0 done · 1 a job failed · 2 wrong usage · 3 not signed in · 4 not found · 5 refused · "
    "6 limit reached · 7 service unavailable.  "
    "Environment: PUREMUSIC_URL, PUREMUSIC_API_KEY (instead of a session), PUREMUSIC_SESSION_FILE."
)

app = typer.Typer(
    name="puremusic",
    no_args_is_help=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
Url = Annotated[str, typer.Option("--url", help=f"Where PureMusic is. Else where you signed in, or {DEFAULT_URL}.")]


@app.callback()
def everything(context: typer.Context, url: Url = "") -> None:
    """Takes songs apart and makes new songs of the parts."""
    try:
        settings = config.load(Settings)
    except config.ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(ExitCode.USAGE) from error
    context.obj = Settings(url or settings.url, settings.api_key, settings.session)


_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Account": (account.register, account.login, account.logout, account.whoami),
    "Music": (
        uploading.upload,
        library.tracks,
        library.stems,
        separating.separate,
        separating.models,
        work.analyse,
        fusing.fuse,
        downloading.download,
    ),
    "Work": (library.usage,),
}
for panel, commands in _PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(api_keys.app, name="api-keys", rich_help_panel="Account")
app.add_typer(analysis.app, name="analysis", rich_help_panel="Music")
app.add_typer(fusion.app, name="fusion", rich_help_panel="Music")
app.add_typer(jobs.app, name="jobs", rich_help_panel="Work")
app.add_typer(admin.app, name="admin", rich_help_panel="Operators")
