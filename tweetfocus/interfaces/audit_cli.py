"""The commands `tweetfocus audit` and `tweetfocus audience`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from tweetfocus.data.showing import printable
from tweetfocus.interfaces.opening import Index, Quiet, open_index, reporting, working
from tweetfocus.interfaces.terminal import result_console
from tweetfocus.verbs.audience import audience as audience_verb
from tweetfocus.verbs.audit import audit as audit_verb

__all__ = ["audience", "audit"]

Who = Annotated[str, typer.Argument(metavar="WHO", help="Account id or @username; @me is the account marked is_me.")]
Json = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


def audit(
    index: Index,
    who: Who,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="TEXT", help="A field the account is meant for; may be repeated.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hold an account against one or two fields: topics, bio, balance, and the changes that would help most."""
    with reporting():
        opened = open_index(index, quiet)
        with working(f"reading the posts of {who}", quiet):
            found = audit_verb(opened, who, fields=field or None)
        if as_json:
            typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        else:
            _print(repr(found), found.sections())


def audience(
    index: Index,
    who: Who,
    candidate: Annotated[
        list[str] | None,
        typer.Option("--candidate", metavar="WHO", help="Tell what this account would add as a follower; may be repeated."),
    ] = None,
    inactive_days: Annotated[
        int, typer.Option(min=0, help="Accounts silent for longer do not count as alive; 0 for all.")
    ] = 60,
    chosen: Annotated[int, typer.Option(min=1, help="Followers chosen by relevance, in the simulation.")] = 500,
    random: Annotated[int, typer.Option(min=1, help="Followers at random, against them.")] = 10_000,
    random_share: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Part of random accounts that share the field; by default as in the index."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Count the relevant among followers and followings, weigh who engages, and compare 500 chosen with 10,000 random followers."""
    with reporting():
        opened = open_index(index, quiet)
        with working(f"weighing who listens to {who}", quiet):
            found = audience_verb(
                opened,
                who,
                candidates=candidate or None,
                inactive_days=inactive_days or None,
                chosen=chosen,
                random=random,
                random_share=random_share,
            )
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
