"""The commands `tweetfocus audit` and `tweetfocus audience`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from tweetfocus.interfaces.opening import Index, open_index, reporting
from tweetfocus.interfaces.terminal import printable, result_console
from tweetfocus.verbs.audit import audit as audit_verb

__all__ = ["audit"]

Who = Annotated[str, typer.Argument(metavar="WHO", help="Account id or @username; @me is the account marked is_me.")]
Json = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


def audit(
    index: Index,
    who: Who,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="TEXT", help="A field the account is meant for; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold an account against one or two fields: topics, bio, balance, and the changes that would help most."""
    with reporting():
        found = audit_verb(open_index(index), who, fields=field)
        if as_json:
            typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        else:
            _print(repr(found), found.sections())


def _print(title: str, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
    """A title, then each section under its heading, at most 100 columns wide; a line that goes on is indented further."""
    console = result_console()
    console.print(Text(printable(title), style="bold"))
    for heading, lines in sections:
        console.print()
        console.print(Text(printable(heading), style="bold"))
        for line in lines:
            deeper = len(line) - len(line.lstrip())
            wrapped = Text(printable(line)).wrap(console, console.width - 4 - deeper)
            for place, part in enumerate(wrapped):
                part.rstrip()
                console.print(Text(" " * (2 + deeper + (2 if place else 0))) + part, soft_wrap=True)
