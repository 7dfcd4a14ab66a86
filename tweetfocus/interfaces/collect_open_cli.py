"""`tweetfocus collect bluesky` and `collect mastodon`: networks that anybody may read, without a key and at no cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tweetfocus.interfaces import collect_cli as options
from tweetfocus.interfaces.collect_cli import reporting, run, show_estimate
from tweetfocus.sources.plan import CollectPlan

__all__ = ["bluesky", "mastodon"]

_PLAN = CollectPlan()


def bluesky(
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="Your handle, as ana.bsky.social, or your DID.")],
    output: options.Output = Path("people"),
    max_requests: options.MaxRequests = None,
    dry_run: options.DryRun = False,
    max_age: options.MaxAge = 30,
    followers: options.Followers = _PLAN.followers,
    sample: options.Sample = _PLAN.sample,
    sample_followings: options.SampleFollowings = _PLAN.sample_followings,
    profiles: options.Profiles = _PLAN.profiles,
    shortlist: options.Shortlist = _PLAN.shortlist,
    shortlist_posts: options.ShortlistPosts = _PLAN.shortlist_posts,
    accounts: options.Own = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="TWEETFOCUS_BLUESKY_SERVER", help="Where to read without a login; default: Bluesky's own."
        ),
    ] = None,
    pds: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="TWEETFOCUS_BLUESKY_PDS", help="Where to log in, if your server is not one of Bluesky's."
        ),
    ] = None,
    directory: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="TWEETFOCUS_BLUESKY_DIRECTORY", help="The directory of accounts; default: Bluesky's own."
        ),
    ] = None,
    issues: options.Issues = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Read your network from Bluesky: no login, no cost.

    With an app password in BLUESKY_APP_PASSWORD also your mentions, likes, mutes and blocks.
    """
    plan = CollectPlan(
        followers=followers,
        sample=sample,
        sample_followings=sample_followings,
        profiles=profiles,
        shortlist=shortlist,
        shortlist_posts=shortlist_posts,
    )
    with reporting():
        from tweetfocus.sources.bluesky import PUBLIC, SIGN_IN, Bluesky

        source = Bluesky(handle, server=server or PUBLIC, sign_in=pds or SIGN_IN, directory=directory)
        if dry_run:
            show_estimate(plan, source, output, None, "Reading from Bluesky is free", as_json)
            return
        run(
            source,
            output,
            plan=plan,
            max_requests=max_requests,
            max_age=max_age,
            accounts=accounts,
            issues=issues,
            as_json=as_json,
            quiet=quiet,
        )


def mastodon(
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="Your handle with its server, as ana@mastodon.social.")],
    output: options.Output = Path("people"),
    max_requests: options.MaxRequests = None,
    dry_run: options.DryRun = False,
    max_age: options.MaxAge = 30,
    followers: options.Followers = _PLAN.followers,
    sample: options.Sample = _PLAN.sample,
    sample_followings: options.SampleFollowings = _PLAN.sample_followings,
    profiles: options.Profiles = _PLAN.profiles,
    shortlist: options.Shortlist = _PLAN.shortlist,
    shortlist_posts: options.ShortlistPosts = _PLAN.shortlist_posts,
    accounts: options.Own = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="TWEETFOCUS_MASTODON_SERVER", help="Where to read; default: the server of the handle."
        ),
    ] = None,
    issues: options.Issues = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Read your network from Mastodon, or from any server that speaks its API: no login where the server is open, no cost.

    With an access token in MASTODON_ACCESS_TOKEN also your mentions, likes, mutes, blocks and lists.
    """
    plan = CollectPlan(
        followers=followers,
        sample=sample,
        sample_followings=sample_followings,
        profiles=profiles,
        shortlist=shortlist,
        shortlist_posts=shortlist_posts,
    )
    with reporting():
        from tweetfocus.sources.mastodon import Mastodon
        from tweetfocus.sources.mastodon_transport import find_server

        if dry_run:
            show_estimate(plan, Mastodon(handle, server=server), output, None, "Reading from Mastodon is free", as_json)
            return
        run(
            Mastodon(handle, server=server or find_server(handle)),
            output,
            plan=plan,
            max_requests=max_requests,
            max_age=max_age,
            accounts=accounts,
            issues=issues,
            as_json=as_json,
            quiet=quiet,
        )
