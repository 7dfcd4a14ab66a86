"""The command `tweetfocus report`."""

from __future__ import annotations

import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tweetfocus.interfaces.opening import Index, Quiet, open_index, remark, reporting
from tweetfocus.interfaces.report.profiles import Profile, by_id, on_bluesky, on_mastodon, on_x
from tweetfocus.interfaces.report.report import check_target
from tweetfocus.interfaces.report.report import report as make_report
from tweetfocus.interfaces.social_cli import MemoryFile, memory_at

__all__ = ["report"]


def report(
    index: Index,
    who: Annotated[str, typer.Argument(metavar="WHO", help="Account id or @username; @me is the account marked is_me.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where the page goes, such as me.html.")],
    n: Annotated[int, typer.Option("-n", min=1, help="How many accounts to recommend.")] = 100,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="TEXT", help="A field the account is meant for; may be repeated.")
    ] = None,
    points: Annotated[int, typer.Option(min=1, max=20_000, help="Accounts on the map.")] = 2000,
    inactive_days: Annotated[int, typer.Option(min=0, help="Leave out accounts silent for longer; 0 keeps all.")] = 60,
    platform: Annotated[
        str | None, typer.Option(metavar="NAME", help="Link names to profiles: x, bluesky, or your Mastodon server.")
    ] = None,
    memory: MemoryFile = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Take this for today, as 2026-03-01.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write one HTML page about WHO: whom to follow, the map of the field, audit, audience, inbox, and whom to follow back."""
    with reporting():
        target, profile = check_target(output), _profile(platform)  # before the work, not after it
        found = make_report(
            open_index(index, quiet),
            who,
            n=n,
            fields=field or None,
            points=points,
            inactive_days=inactive_days or None,
            memory=memory_at(memory),
            today=None if today is None else today.date(),
            profile=profile,
            progress=False if quiet else None,
        )
        found.save(target)
        size = f"{len(found.html.encode()) / 1e6:.1f} MB"
        remark(
            f"{target}: {found.label}, {len(found.recommendations):,} accounts to follow, {size}; open it in a browser", quiet
        )
        if show and not webbrowser.open(target.resolve().as_uri()):
            remark("no browser found to open it with", quiet)


def _profile(platform: str | None) -> Profile:
    if platform is None:
        return by_id
    known: dict[str, Profile] = {"x": on_x, "twitter": on_x, "bluesky": on_bluesky}
    return known.get(platform.lower()) or on_mastodon(platform)
