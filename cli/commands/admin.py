"""`admin …`: for operators, whose account has the role `admin`."""

from typing import Annotated

import typer
from puremusic.auth.v1 import auth_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2

from cli.client import methods
from cli.desk import Desk, Json, run
from cli.moments import megabytes, moment
from cli.output import as_dict

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="For operators: needs the role `admin`.")
dead_letters = typer.Typer(no_args_is_help=True, help="Messages that were delivered too often without success.")
keys = typer.Typer(no_args_is_help=True, help="The keys that tokens are signed with.")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(keys, name="keys")


@dead_letters.command("list")
def list_dead_letters(context: typer.Context, as_json: Json = False) -> None:
    """List them, newest first."""

    async def action(desk: Desk) -> None:
        request = gateway_pb2.ListDeadLettersRequest(page_size=200)
        found = await desk.api.items(methods.LIST_DEAD_LETTERS, request, lambda page: page.dead_letters)
        rows = [
            (each.dead_letter_id, each.subject, each.consumer, str(each.deliveries), moment(each.time))
            for each in found
        ]
        columns = ("id", "subject", "consumer", ("deliveries", "right"), "time")
        desk.out.result({"deadLetters": [as_dict(each) for each in found]}, lambda: desk.out.table(columns, rows))

    run(context, action, as_json=as_json)


@dead_letters.command()
def requeue(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Which; none: all.")] = None,
    as_json: Json = False,
) -> None:
    """Publish them again."""

    async def action(desk: Desk) -> None:
        request = gateway_pb2.RequeueDeadLettersRequest(dead_letter_ids=ids or [])
        done = await desk.api.call(methods.REQUEUE_DEAD_LETTERS, request)
        desk.out.result(done, lambda: desk.out.say(f"{done.requeued} published again."))

    run(context, action, as_json=as_json)


@app.command()
def rebuild(context: typer.Context, as_json: Json = False) -> None:
    """Empty the read model and build it anew from what the services know."""

    async def action(desk: Desk) -> None:
        done = await desk.api.call(methods.REBUILD_READ_MODEL, gateway_pb2.RebuildReadModelRequest())
        desk.out.result(done, lambda: desk.out.say(f"{done.published} facts announced; applied within seconds."))

    run(context, action, as_json=as_json)


@app.command("gc")
def collect_garbage(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    grace: Annotated[
        int | None,
        typer.Option(min=0, help="Spare objects younger than so many seconds; else the services' own setting."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove objects that no row points at."""

    async def action(desk: Desk) -> None:
        request = gateway_pb2.CollectGarbageRequest(dry_run=dry_run, grace_seconds=grace)
        done = await desk.api.call(methods.COLLECT_GARBAGE, request)
        rows = [(each.service, str(each.scanned), str(each.orphans), megabytes(each.bytes)) for each in done.services]
        columns = ("service", ("objects", "right"), ("orphans", "right"), ("size", "right"))
        desk.out.result(done, lambda: desk.out.table(columns, rows))

    run(context, action, as_json=as_json)


@keys.command()
def rotate(context: typer.Context, as_json: Json = False) -> None:
    """Make a new signing key; it signs once everybody has heard of it."""

    async def action(desk: Desk) -> None:
        made = await desk.api.call(methods.ROTATE_KEYS, auth_pb2.RotateKeysRequest())
        desk.out.result(made, lambda: desk.out.say(f"Key {made.key_id} signs from {moment(made.sign_time)} UTC."))

    run(context, action, as_json=as_json)


@app.command()
def takedown(
    context: typer.Context,
    content_hash: Annotated[str, typer.Argument(metavar="HASH", help="SHA-256 of the file or of its audio, hex.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the block.")],
    as_json: Json = False,
) -> None:
    """Delete a recording everywhere, and refuse it from now on."""

    async def action(desk: Desk) -> None:
        request = ingest_pb2.TakedownContentRequest(content_hash=content_hash, reason=reason)
        done = await desk.api.call(methods.TAKEDOWN, request)
        desk.out.result(
            done, lambda: desk.out.say(f"{done.tracks_deleted} tracks deleted; the recording is refused now.")
        )

    run(context, action, as_json=as_json)


@app.command()
def reset_token(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The user's e-mail address.")],
    as_json: Json = False,
) -> None:
    """Make a token with which a user sets a new password, within the hour."""

    async def action(desk: Desk) -> None:
        made = await desk.api.call(methods.ISSUE_RESET_TOKEN, auth_pb2.IssueResetTokenRequest(email=email))
        desk.out.result(made, lambda: desk.out.say(made.reset_token))

    run(context, action, as_json=as_json)
