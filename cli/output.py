"""What a command says: results on stdout, as a table or as JSON; everything else on stderr."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from cli.client import ApiError

__all__ = ["Column", "Output", "as_dict", "console", "plain", "short"]

_PIPED_WIDTH = 160
_SHORT_ID = 8

Column = str | tuple[str, str]
"""A heading, or a heading and how its cells are justified."""


class Output:
    """One command's output. With `as_json` there is exactly one JSON document on stdout, errors included."""

    def __init__(self, *, as_json: bool, screen: Console | None = None, notes: Console | None = None) -> None:
        self.as_json = as_json
        self.screen = screen or console()
        self.notes = notes or console(stderr=True)

    def result(self, document: Message | dict[str, Any], draw: Callable[[], None]) -> None:
        """Give the result: the document to programs, to people what `draw` draws."""
        if self.as_json:
            self.line(document)
        else:
            draw()

    def line(self, document: Message | dict[str, Any]) -> None:
        """Write a JSON document in one line."""
        document = as_dict(document) if isinstance(document, Message) else document
        print(json.dumps(document, ensure_ascii=False), file=self.screen.file, flush=True)

    def say(self, text: str) -> None:
        """Tell a person who asked for a result in words."""
        self.screen.print(plain(text), soft_wrap=True)

    def note(self, text: str, style: str = "") -> None:
        """Tell a person something that is not the result."""
        self.notes.print(plain(text), style=style, soft_wrap=True)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Draw a table."""
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for column in columns:
            heading, justify = (column, "left") if isinstance(column, str) else column
            table.add_column(heading, justify=justify, overflow="ellipsis", no_wrap=True)  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*map(plain, row))
        self.screen.print(table)

    def error(self, error: ApiError) -> None:
        """Say what went wrong."""
        if self.as_json:
            facts = {"code": error.code, "reason": error.reason, "message": error.message, "metadata": error.metadata}
            self.line({"error": facts})
        else:
            self.note(f"{error.message} ({error.reason})", style="red")

    def error_aside(self, error: ApiError) -> None:
        """Say what went wrong on the way; the command goes on."""
        self.note(f"{error.message} ({error.reason})", style="yellow")

    def wrong(self, reason: str, message: str) -> None:
        """Say what is wrong with the command, before anybody was asked."""
        if self.as_json:
            self.line({"error": {"code": "INVALID_ARGUMENT", "reason": reason, "message": message, "metadata": {}}})
        else:
            self.note(message, style="red")


def as_dict(message: Message) -> dict[str, Any]:
    """Return a message as proto3 JSON, with every field that has a value by default."""
    return MessageToDict(message, always_print_fields_with_no_presence=True)


def plain(text: str) -> str:
    """Return text that can do nothing to a terminal but be read: titles are anybody's."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def short(identity: str) -> str:
    """Return as much of an id as one types."""
    return identity[:_SHORT_ID]


def console(*, stderr: bool = False) -> Console:
    """Return a console that shows what it is given: a title may hold brackets, a pipe has no width."""
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = _PIPED_WIDTH
    return made
