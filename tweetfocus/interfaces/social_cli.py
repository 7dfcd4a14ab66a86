"""Commands for what comes after following: `inbox`, `follow-back`, `plan`, and what the plan remembers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tweetfocus.data.memory import DISMISSED_DAYS, Memory, days_from
from tweetfocus.errors import InvalidRequest
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.interfaces.opening import Index, Quiet, open_index, print_json, remark, reporting, working
from tweetfocus.interfaces.social_terminal import follow_back_text, inbox_text, plan_text
from tweetfocus.interfaces.terminal import result_console
from tweetfocus.ranking.pacing import BLUESKY, MASTODON, Limits, X
from tweetfocus.verbs.follow_back import follow_back as follow_back_verb
from tweetfocus.verbs.inbox import inbox as inbox_verb
from tweetfocus.verbs.plan import plan as plan_verb

__all__ = ["MemoryFile", "memory_at", "register"]


class Platform(StrEnum):
    """Platforms whose limits are known."""

    X = "x"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"


_LIMITS: dict[Platform, Limits] = {Platform.X: X, Platform.BLUESKY: BLUESKY, Platform.MASTODON: MASTODON}

Who = Annotated[str, typer.Argument(metavar="WHO", help="Account id or @username; @me is the account marked is_me.")]
Whom = Annotated[list[str], typer.Argument(metavar="WHOM...", help="One account or more, by account id or @username.")]
Json = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]
MemoryFile = Annotated[
    Path | None, typer.Option("--memory", metavar="FILE", help="The memory of suggestions, if it is not in your data folder.")
]
Today = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Take this for today, as 2026-03-01.")
]


def memory_at(path: Path | None) -> Memory:
    """The memory in that file, or in the data folder of this user."""
    import platformdirs

    return Memory(path if path is not None else Path(platformdirs.user_data_dir("tweetfocus")) / "memory.sqlite")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(inbox)
    app.command("follow-back")(follow_back)
    app.command()(plan)
    app.command()(dismiss)
    app.command()(snooze)
    app.command()(followed)


def inbox(
    index: Index,
    who: Who,
    n: Annotated[int, typer.Option("-n", min=1, help="How many mentions of each group.")] = 20,
    reposts: Annotated[int, typer.Option(min=1, help="How many posts worth passing on.")] = 10,
    people: Annotated[int, typer.Option(min=1, help="How many people never answered.")] = 10,
    days: Annotated[int, typer.Option(min=0, help="Leave out what is older; 0 keeps all.")] = 90,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Who waits for an answer from WHO, which followers' posts are worth passing on, and who never got a word back."""
    with reporting():
        opened = open_index(index, quiet)
        with working(f"reading what was said to {who}", quiet):
            found = inbox_verb(opened, who, n=n, n_reposts=reposts, n_people=people, days=days or None)
        _print(found, as_json, inbox_text(found))
        _notes(found.notes, quiet or as_json)


def follow_back(
    index: Index,
    who: Who,
    n: Annotated[int, typer.Option("-n", min=1, help="How many followers.")] = 20,
    reconsider: Annotated[int, typer.Option(min=1, help="How many followings to look at again.")] = 10,
    inactive_days: Annotated[int, typer.Option(min=0, help="Leave out followers silent for longer; 0 keeps all.")] = 60,
    reconsider_days: Annotated[int, typer.Option(min=0, help="Look again at followings silent for longer; 0 for never.")] = 180,
    memory: MemoryFile = None,
    today: Today = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Which followers WHO might follow back, whatever their size, and which followings deserve a second look."""
    with reporting():
        opened = open_index(index, quiet)
        with working(f"weighing who follows {who}", quiet):
            found = follow_back_verb(
                opened,
                who,
                n=n,
                n_reconsider=reconsider,
                inactive_days=inactive_days or None,
                reconsider_days=reconsider_days or None,
                memory=memory_at(memory),
                today=_day(today),
            )
        _print(found, as_json, follow_back_text(found))
        _notes(found.notes, quiet or as_json)


def plan(
    index: Index,
    who: Who,
    n: Annotated[int, typer.Option("-n", min=1, help="How many accounts in all.")] = 500,
    platform: Annotated[Platform, typer.Option(help="Whose limits hold.")] = Platform.X,
    a_day: Annotated[int | None, typer.Option(min=1, help="Follows a day; 7 by default.")] = None,
    weeks: Annotated[int, typer.Option(min=1, help="How many weeks to show in full.")] = 1,
    memory: MemoryFile = None,
    today: Today = None,
    inactive_days: Annotated[int, typer.Option(min=0, help="Leave out accounts silent for longer; 0 keeps all.")] = 60,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Whom WHO should follow in the coming weeks, chosen together; remembers that the weeks in full were shown."""
    with reporting():
        kept, day, opened = memory_at(memory), _day(today), open_index(index, quiet)
        with working(f"planning for {who}", quiet):
            found = plan_verb(
                opened,
                who,
                n=n,
                limits=_LIMITS[platform],
                a_day=a_day,
                memory=kept,
                today=day,
                inactive_days=inactive_days or None,
            )
        _print(found, as_json, plan_text(found, weeks))
        shown = [account.account_id for week in found[:weeks] for account in week.accounts]
        if shown:
            kept.show(found.settings["who"], shown, on=day)
        _notes(found.notes, quiet or as_json)
        if found.weeks and not (quiet or as_json):
            remark(f"Not this one: tweetfocus dismiss {index} {who} @NAME. Not now: snooze. Done: followed.", quiet)


def dismiss(
    index: Index,
    who: Who,
    whom: Whom,
    undo: Annotated[bool, typer.Option("--undo", help="Take back whatever was said about them.")] = False,
    memory: MemoryFile = None,
    today: Today = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """WHO does not want WHOM: they are not suggested again for 180 days."""
    with reporting():
        me, them, names = _people(open_index(index, quiet), who, whom)
        kept, day = memory_at(memory), _day(today)
        if undo:
            kept.undo(me, them)
            _told(f"{names} may be suggested again", {"undone": them}, as_json, quiet)
        else:
            kept.dismiss(me, them, on=day)
            until = days_from(day, DISMISSED_DAYS)
            _told(f"{names} will not be suggested before {until}", {"dismissed": them, "until": str(until)}, as_json, quiet)


def snooze(
    index: Index,
    who: Who,
    whom: Whom,
    days: Annotated[int, typer.Option(min=1, help="For how many days.")] = 30,
    memory: MemoryFile = None,
    today: Today = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """WHO does not want WHOM now: they are suggested again later."""
    with reporting():
        me, them, names = _people(open_index(index, quiet), who, whom)
        until = days_from(_day(today), days)
        memory_at(memory).snooze(me, them, until=until)
        _told(f"{names} will not be suggested before {until}", {"snoozed": them, "until": str(until)}, as_json, quiet)


def followed(
    index: Index,
    who: Who,
    whom: Whom,
    memory: MemoryFile = None,
    today: Today = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """WHO follows WHOM now: they leave the plan before the index knows it."""
    with reporting():
        me, them, names = _people(open_index(index, quiet), who, whom)
        memory_at(memory).follow(me, them, on=_day(today))
        _told(f"{names} will not be suggested any more", {"followed": them}, as_json, quiet)


def _told(text: str, said: dict[str, Any], as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(said)
    elif not quiet:
        typer.echo(text)


def _people(index: AccountIndex, who: str, whom: list[str]) -> tuple[str, list[str], str]:
    """The account ids, and the names in words."""
    data = index.data
    me, rows = data.row(who), [data.row(name) for name in whom]
    if me in rows:
        raise InvalidRequest(f"{data.label(me)} is the account that asks")
    names = [data.label(row) for row in rows]
    return data.account_id(me), [data.account_id(row) for row in rows], ", ".join(names)


def _day(given: datetime | None) -> date:
    return datetime.now(UTC).date() if given is None else given.date()


def _print(found: Any, as_json: bool, text: Any) -> None:
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        console = result_console()
        with console.capture() as captured:
            console.print(text)
        typer.echo("\n".join(line.rstrip() for line in captured.get().rstrip().splitlines()))


def _notes(notes: tuple[str, ...], quiet: bool) -> None:
    for note in notes:
        remark(f"note: {note}", quiet)
