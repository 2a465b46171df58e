"""`register`, `login`, `logout`, `whoami`."""

import sys
from typing import Annotated

import typer
from puremusic.auth.v1 import auth_pb2

from cli.client import accounts, methods
from cli.desk import Desk, Json, run
from cli.output import Output

__all__ = ["login", "logout", "register", "whoami"]

Email = Annotated[str, typer.Option("--email", "-e", prompt=True, help="E-mail address of the account.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def register(
    context: typer.Context,
    email: Email,
    password_stdin: FromStdin = False,
    name: Annotated[str, typer.Option(help="What you want to be called.")] = "",
    accept_terms: Annotated[bool, typer.Option("--accept-terms", help="You accept the terms of use.")] = False,
    as_json: Json = False,
) -> None:
    """Create an account and sign in."""
    password = _password(password_stdin, confirm=True)
    wish = auth_pb2.RegisterRequest(email=email, password=password, display_name=name)

    def accept(version: str) -> bool:
        question = f"Do you accept the operator's terms of use, version {version}?"
        return accept_terms or (sys.stdin.isatty() and typer.confirm(question, err=True))

    async def action(desk: Desk) -> None:
        _greet(desk.out, await accounts.register(desk.api, desk.me, wish, accept))

    run(context, action, as_json=as_json)


def login(context: typer.Context, email: Email, password_stdin: FromStdin = False, as_json: Json = False) -> None:
    """Sign in. The session is kept in a file that only you can read."""
    password = _password(password_stdin, confirm=False)

    async def action(desk: Desk) -> None:
        _greet(desk.out, await accounts.login(desk.api, desk.me, email, password))

    run(context, action, as_json=as_json)


def logout(
    context: typer.Context,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="End all your sessions, not only this.")] = False,
    as_json: Json = False,
) -> None:
    """Sign out."""

    async def action(desk: Desk) -> None:
        ended = await accounts.logout(desk.api, desk.me, everywhere=everywhere)
        words = "Signed out." if ended else f"Nobody was signed in at {desk.api.url}."
        desk.out.result({"signedOut": ended}, lambda: desk.out.say(words))

    run(context, action, as_json=as_json)


def whoami(context: typer.Context, as_json: Json = False) -> None:
    """Say who is signed in, and where."""

    async def action(desk: Desk) -> None:
        user = await desk.api.call(methods.GET_ME, auth_pb2.GetMeRequest())
        words = f"{user.email} ({', '.join(user.roles)}) at {desk.api.url}"
        desk.out.result(user, lambda: desk.out.say(words))

    run(context, action, as_json=as_json)


def _password(from_stdin: bool, *, confirm: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True)
    return password


def _greet(out: Output, user: auth_pb2.User) -> None:
    out.result(user, lambda: out.say(f"Signed in as {user.email}."))
