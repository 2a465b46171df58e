"""`api-keys create | list | revoke`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from puremusic.auth.v1 import auth_pb2

from cli.client import methods
from cli.desk import Desk, Json, run
from cli.lookup import Named, find, is_full
from cli.moments import day
from cli.output import as_dict, short

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Keys for scripts and other programs.")


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scopes: Annotated[list[str], typer.Option("--scope", help="read or write; repeat for both.")] = ["read"],  # noqa: B006
    days: Annotated[int, typer.Option(help="Days until it runs out; 0: never.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Make a key. It is shown this once."""
    request = auth_pb2.CreateApiKeyRequest(name=name, scopes=scopes)
    if days:
        request.expire_time.FromDatetime(datetime.now(UTC) + timedelta(days=days))

    async def action(desk: Desk) -> None:
        made = await desk.api.call(methods.CREATE_API_KEY, request)
        desk.out.result(made, lambda: desk.out.say(made.secret))
        if not as_json:
            desk.out.note("Keep it: it can't be shown again. Use it as PUREMUSIC_API_KEY.")

    run(context, action, as_json=as_json)


@app.command("list")
def show(context: typer.Context, as_json: Json = False) -> None:
    """List your keys, without their secrets."""

    async def action(desk: Desk) -> None:
        keys = await _keys(desk)
        rows = [
            (short(key.api_key_id), key.name, " ".join(key.scopes), day(key.create_time), day(key.last_used_time))
            for key in keys
        ]
        columns = ("id", "name", "scopes", "made", "last used")
        desk.out.result({"apiKeys": [as_dict(key) for key in keys]}, lambda: desk.out.table(columns, rows))

    run(context, action, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Its id, the beginning of it, or its name.")],
    as_json: Json = False,
) -> None:
    """End a key. Tokens it was exchanged for run out within 15 minutes."""

    async def action(desk: Desk) -> None:
        known = [] if is_full(key) else [Named(each.api_key_id, each.name) for each in await _keys(desk)]
        key_id = key if is_full(key) else find(key, known, "API key")
        await desk.api.call(methods.REVOKE_API_KEY, auth_pb2.RevokeApiKeyRequest(api_key_id=key_id))
        desk.out.result({"revoked": key_id}, lambda: desk.out.say("Revoked."))

    run(context, action, as_json=as_json)


async def _keys(desk: Desk) -> list[auth_pb2.ApiKey]:
    request = auth_pb2.ListApiKeysRequest(page_size=200)
    return await desk.api.items(methods.LIST_API_KEYS, request, lambda page: page.api_keys)
