"""`tweetfocus collect`: one command for each source, all with the same options, the same summary and the same ways to stop."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from tweetfocus.data.tables import replacing
from tweetfocus.errors import TweetfocusError
from tweetfocus.interfaces.terminal import estimate_table, issues_text, result_console
from tweetfocus.sources.collect import collect, to_money
from tweetfocus.sources.plan import CollectPlan, Estimate, Priced, estimate
from tweetfocus.sources.prices import XPrices
from tweetfocus.sources.run import Collected
from tweetfocus.sources.source import Source
from tweetfocus.sources.state import STATE_FILE, CollectState
from tweetfocus.sources.x_api import XApi, XTariff
from tweetfocus.sources.x_archive import XArchive
from tweetfocus.sources.x_transport import X_ORIGIN, XKeys

__all__ = ["app"]

app = typer.Typer(
    help="Read a network from a platform or an archive into a dataset folder, within a budget; stop and go on at any time.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Output = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="The dataset folder that is filled.")]
Own = Annotated[
    Path | None, typer.Option("--accounts", metavar="FILE", help="A table of accounts to merge, with account_id and bio.")
]
Issues = Annotated[Path | None, typer.Option(metavar="FILE", help="Write all records that could not be taken here.")]
AsJson = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars and no remarks.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be read and what it would cost.")]
MaxRequests = Annotated[int | None, typer.Option(min=1, metavar="N", help="Requests that may be made, over all runs.")]
MaxAge = Annotated[float, typer.Option(min=0, metavar="DAYS", help="Read again what was read longer ago.")]
Followers = Annotated[int, typer.Option(min=0, metavar="N", help="Your followers, at most.")]
Sample = Annotated[int, typer.Option(min=0, metavar="N", help="Of whom you follow, the closest whose followings are read.")]
SampleFollowings = Annotated[int, typer.Option(min=0, metavar="N", help="Followings of each of them, at most.")]
Profiles = Annotated[int, typer.Option(min=0, metavar="N", help="Missing bios to look up, at most.")]
Shortlist = Annotated[int, typer.Option(min=0, metavar="N", help="Candidates whose posts are read.")]
ShortlistPosts = Annotated[int, typer.Option(min=0, metavar="N", help="Posts of each of them, at most.")]
_PLAN = CollectPlan()


@app.command("x-archive")
def x_archive(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="The zip that X gave you, or its unpacked folder.")],
    output: Output = Path("people"),
    accounts: Own = None,
    issues: Issues = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read your X archive: no key, no cost. It has no bios of others: give them with --accounts, or look them up with `collect x`."""
    with reporting():
        found = collect(XArchive(archive), output, plan=CollectPlan.whole(), accounts=accounts, progress=not quiet)
        prices = XPrices()
        summary(found, issues=issues, as_json=as_json, quiet=quiet, more={"lookup_cost": float(found.bare * prices.user)})
        if found.bare and not as_json:
            cost = f"${found.bare * prices.user:,.2f} at X's prices of {prices.as_of}"
            who = "One account has" if found.bare == 1 else f"{found.bare:,} accounts have"
            typer.echo(f"{who} no bio. To look them all up would cost {cost}:")
            typer.echo(f"  tweetfocus collect x --dry-run -o {output}")
            typer.echo("Bios that you have already can be merged: --accounts table.csv (columns account_id and bio).")
        next_step(output, quiet or as_json)


@app.command("x")
def x(
    handle: Annotated[
        str | None, typer.Argument(metavar="[HANDLE]", help="Your @username; not needed with a signed-in user's keys.")
    ] = None,
    output: Output = Path("people"),
    budget: Annotated[str, typer.Option(metavar="DOLLARS", help="What all runs together may cost.")] = "5.00",
    max_requests: MaxRequests = None,
    dry_run: DryRun = False,
    max_age: MaxAge = 30,
    followers: Followers = _PLAN.followers,
    sample: Sample = _PLAN.sample,
    sample_followings: SampleFollowings = _PLAN.sample_followings,
    profiles: Profiles = _PLAN.profiles,
    shortlist: Shortlist = _PLAN.shortlist,
    shortlist_posts: ShortlistPosts = _PLAN.shortlist_posts,
    accounts: Own = None,
    prices: Annotated[Path | None, typer.Option(metavar="FILE", help="What X charges, as JSON, if it has changed.")] = None,
    own_app: Annotated[
        bool, typer.Option("--own-app", help="The key's app is your own: X charges less for your lists.")
    ] = False,
    base_url: Annotated[str, typer.Option(metavar="URL", envvar="TWEETFOCUS_X_BASE_URL", help="Where the API is.")] = X_ORIGIN,
    issues: Issues = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read your network from X with your own key, in TWEETFOCUS_X_BEARER or a user's four keys; X charges for what it returns."""
    plan = CollectPlan(
        followers=followers,
        sample=sample,
        sample_followings=sample_followings,
        profiles=profiles,
        shortlist=shortlist,
        shortlist_posts=shortlist_posts,
    )
    with reporting():
        charged = XPrices.read(prices) if prices else XPrices()
        if dry_run:
            show_estimate(plan, XTariff(charged, own_app=own_app), output, budget, f"X's prices of {charged.as_of}", as_json)
            return
        source = XApi(handle, keys=XKeys.from_environment(), prices=charged, own_app=own_app, origin=base_url)
        run(
            source,
            output,
            plan=plan,
            budget=budget,
            max_requests=max_requests,
            max_age=max_age,
            accounts=accounts,
            issues=issues,
            as_json=as_json,
            quiet=quiet,
        )


def run(
    source: Source,
    output: Path,
    *,
    plan: CollectPlan,
    budget: str | None = None,
    max_requests: int | None = None,
    max_age: float = 30,
    accounts: Path | None = None,
    issues: Path | None = None,
    as_json: bool = False,
    quiet: bool = False,
) -> None:
    """Collect from `source`, print the summary, and end with 1 if something other than the budget stopped it."""
    found = collect(
        source,
        output,
        plan=plan,
        budget=budget,
        max_requests=max_requests,
        max_age=timedelta(days=max_age),
        accounts=accounts,
        progress=not quiet,
    )
    summary(found, issues=issues, as_json=as_json, quiet=quiet, budget=budget)
    if found.failure is not None:
        typer.echo(f"tweetfocus: {found.stopped}", err=True)
        raise typer.Exit(1)
    next_step(output, quiet or as_json)


@contextlib.contextmanager
def reporting() -> Iterator[None]:
    """Turn our errors into one line and an exit code; Ctrl-C leaves everything in order."""
    try:
        yield
    except TweetfocusError as error:
        typer.echo(f"tweetfocus: {error}", err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as stop:
        typer.echo("tweetfocus: stopped; what was read is kept, run the same command again to go on", err=True)
        raise typer.Exit(130) from stop


def summary(
    found: Collected,
    *,
    issues: Path | None,
    as_json: bool,
    quiet: bool,
    budget: str | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """What is in the folder now, what it cost, and what could not be taken."""
    if issues is not None:
        with replacing(issues) as file:
            file.writelines(f"{issue}\n".encode() for issue in found.issues)
    bill = found.bill
    if as_json:
        said = {
            **{
                name: getattr(found, name)
                for name in ("owner", "accounts", "posts", "follows", "bare", "gone", "open", "stopped")
            },
            "folder": str(found.folder),
            "cost": float(bill.spent),
            "cost_uncertain": float(bill.uncertain),
            "requests": bill.requests,
            "resources": dict(bill.resources),
            "issues": [str(issue) for issue in found.issues],
            **(more or {}),
        }
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    gone = f", {found.gone:,} gone" if found.gone else ""
    profiles = f"{found.accounts - found.bare - found.gone:,} with profile"
    typer.echo(
        f"{found.folder}: {found.accounts:,} accounts ({profiles}{gone}), {found.posts:,} posts, {found.follows:,} follows"
    )
    if bill.spent or bill.uncertain:
        of = f" of ${Decimal(budget):,.2f}" if budget is not None else ""
        charged = ", ".join(f"{number:,} {name}" for name, number in sorted(bill.resources.items()))
        typer.echo(f"cost: ${bill.spent:,.3f}{of} ({charged}), {bill.requests:,} requests")
    if bill.uncertain:
        answers = "answer that was" if bill.lost == 1 else f"{bill.lost:,} answers that were"
        typer.echo(f"and up to ${bill.uncertain:,.3f} for {'an ' if bill.lost == 1 else ''}{answers} lost on the way")
    if found.issues and not quiet:
        typer.echo(issues_text(found.issues), err=True)
    if found.stopped is not None and found.failure is None:
        typer.echo(f"not complete: {found.stopped}")


def next_step(folder: Path, quiet: bool) -> None:
    """What to run now."""
    if not quiet:
        typer.echo(f"next: tweetfocus build {folder} -o {folder.name or 'people'}.index", err=True)


def show_estimate(plan: CollectPlan, source: Priced, folder: Path, budget: str | None, prices: str, as_json: bool) -> None:
    """What a collection would read and cost; asks nobody, and needs no key."""
    money = to_money(budget)
    with contextlib.ExitStack() as stack:
        there = (folder / STATE_FILE).is_file()
        state = stack.enter_context(CollectState(folder)) if there else None
        whole, within = estimate(plan, source, state, None), estimate(plan, source, state, money)
    if as_json:
        typer.echo(json.dumps({"whole": _plain(whole), "within_budget": _plain(within), "budget": budget}, indent=1))
        return
    console = result_console()
    with console.capture() as captured:
        console.print(estimate_table(whole, within, money))
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n")
    known = "from what is known in the folder" if there else "at most, as nothing is known yet"
    typer.echo(f"{prices}; numbers are {known}.".lstrip("; "))
    minutes = max(1, round(sum(part.seconds for part in within) / 60))
    span = f"{minutes / 60:.1f} hours" if minutes > 120 else f"{minutes} min"
    typer.echo(
        f"Nothing was asked, nothing spent. It would take about {span}{' within the budget' if money is not None else ''}."
    )


def _plain(parts: list[Estimate]) -> list[dict[str, Any]]:
    return [{**asdict(part), "cost": float(part.cost)} for part in parts]
