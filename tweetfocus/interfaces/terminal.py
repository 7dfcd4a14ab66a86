"""What results look like in a terminal: tables that fit 100 columns and read well without colour."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tweetfocus.data.records import Issue
from tweetfocus.data.showing import printable
from tweetfocus.evaluation.evaluate import Evaluation
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.reasons import Reason
from tweetfocus.sources.plan import Estimate
from tweetfocus.verbs.recommendations import Recommendations

__all__ = [
    "estimate_table",
    "evaluation_tables",
    "issues_text",
    "left_out_text",
    "profile",
    "profile_text",
    "recommendation_table",
    "result_console",
    "timings_text",
]

_WIDTH = 100
_ISSUES = 5
_REASONS = 4
_CLEARLY = 0.2  # points of score


def result_console() -> Console:
    """Where results go: standard output, at most 100 columns wide, without colour when it is not a terminal."""
    console = Console(highlight=False, soft_wrap=False)
    console.width = min(console.width, _WIDTH) if console.is_terminal else _WIDTH
    return console


def recommendation_table(recs: Recommendations) -> Table:
    """Place, account with bio, score, and the weightiest reasons."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=True, header_style="bold")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("account", width=28)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("why")
    for place, rec in enumerate(recs, 1):
        who = Text(printable(rec.label), style="bold")
        if rec.bio:
            who.append("\n" + _cut(printable(rec.bio), 80), style="not bold dim")
        why = Text()
        for reason in _weightiest(rec.reasons):
            why.append(("" if not why else "\n") + printable(reason.text))
            for quote in reason.evidence[:1] if "facets" in reason.features or "facets_cosine" in reason.features else ():
                why.append("\n" + _cut(printable(quote), 110), style="italic dim")
        table.add_row(str(place), who, f"{rec.score:.1f}", why)
        table.add_row()
    return table


def _weightiest(reasons: tuple[Reason, ...]) -> list[Reason]:
    """What they share, then the weightiest reasons, and what clearly speaks against; all of them are in --json."""
    shown = [r for r in reasons if r.contribution > 0]
    shown.sort(key=lambda r: "facets" not in r.features)  # stable: the others stay in the order of their weight
    return shown[:_REASONS] + [r for r in reasons if r.contribution < -_CLEARLY]


def evaluation_tables(found: Evaluation) -> list[Table]:
    """One table for each situation: how well each method found what was hidden."""
    tables = []
    for situation, methods in found.results.items():
        title = f"{situation}: {found.queries[situation]:,} accounts asked about, {found.candidates[situation]:,} candidates"
        table = Table(
            title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), header_style="bold"
        )
        table.add_column("method", no_wrap=True)
        for heading in ("nDCG@10", "95 % interval", "R@100", "P@10", "MRR", "coverage", "followers"):
            table.add_column(heading, justify="right", no_wrap=True)
        for name, measured in sorted(methods.items(), key=lambda method: -method[1].mean("ndcg@10")):
            low, high = measured.interval("ndcg@10")
            means = [f"{measured.mean(measure):.3f}" for measure in ("recall@100", "precision@10", "mrr")]
            table.add_row(
                name,
                f"{measured.mean('ndcg@10'):.3f}",
                f"{low:.3f} to {high:.3f}",
                *means,
                f"{measured.coverage:.0%}".replace("%", " %"),
                f"{measured.followers:,.0f}",
            )
        table.add_row()
        tables.append(table)
    return tables


def estimate_table(whole: Sequence[Estimate], within: Sequence[Estimate], budget: Decimal | None) -> Table:
    """What each stage of a collection would read and cost, all of it and within a budget."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("stage", no_wrap=True)
    for heading in ("items", "requests", "cost", *(() if budget is None else (f"within ${budget:,.2f}",))):
        table.add_column(heading, justify="right", no_wrap=True)
    for part, paid in [*zip(whole, within, strict=True), (None, None)]:
        if part is None or paid is None:
            items, requests = sum(p.items for p in whole), sum(p.requests for p in whole)
            cost, reach = sum((p.cost for p in whole), Decimal(0)), sum((p.cost for p in within), Decimal(0))
            name, style = "together", "bold"
        else:
            name, items, requests, cost, reach, style = part.stage, part.items, part.requests, part.cost, paid.cost, ""
        cells = [name, f"{items:,}", f"{requests:,}", f"${cost:,.2f}", *(() if budget is None else (f"${reach:,.2f}",))]
        table.add_row(*cells, style=style)
    return table


def left_out_text(recs: Recommendations) -> str:
    """How many accounts were left out, by code."""
    counted = Counter(drop.code.value for drop in recs.dropped)
    return ", ".join(
        f"{count} {code.replace('_', ' ')}" for code, count in sorted(counted.items(), key=lambda c: (-c[1], c[0]))
    )


def profile(index: AccountIndex, who: str) -> dict[str, Any]:
    """The same as plain values; a focus that cannot be judged is None."""
    row = index.data.row(who)
    focus = float(index.facets.focus[row])
    return {
        "account_id": index.data.account_id(row),
        "username": index.data.username(row),
        "bio": index.data.accounts["bio"][row].as_py(),
        "posts": int(index.signals.posts[row]),
        "following": int(index.graph.out_degree[row]),
        "followers": int(index.graph.in_degree[row]),
        "focus": focus if math.isfinite(focus) else None,
        "fields": [{"share": f.share, "words": list(f.words), "posts": list(f.posts)} for f in index.fields_of(who)],
    }


def profile_text(index: AccountIndex, who: str) -> Text:
    """One account as the index sees it."""
    row = index.data.row(who)
    text = Text(printable(index.data.label(row)), style="bold")
    text.append(f"\n{printable(index.data.accounts['bio'][row].as_py())}\n", style="not bold")
    focus = float(index.facets.focus[row])
    following, followers = int(index.graph.out_degree[row]), int(index.graph.in_degree[row])
    posts = int(index.signals.posts[row])
    text.append(f"\n{posts:,} posts, follows {following:,}, followed by {followers:,} (in this index)\n", style="not bold")
    text.append(
        "focus: " + (f"{focus:.2f} of 1" if math.isfinite(focus) else "too few texts to judge") + "\n", style="not bold"
    )
    for facet in index.fields_of(who):
        text.append(f"\n{printable(str(facet))}\n", style="bold")
        for post in facet.posts:
            text.append(f"  {_cut(printable(post), 94)}\n", style="not bold dim")
    if not len(index.facet_vectors(row)[0]):
        text.append("\nno bio or posts with words in them\n", style="not bold")
    return text


def issues_text(issues: tuple[Issue, ...]) -> str:
    """The first few issues, and how many more there are."""
    lines = [f"{len(issues):,} {'record' if len(issues) == 1 else 'records'} could not be taken as they stood:"]
    lines += [f"  {printable(str(issue))}" for issue in issues[:_ISSUES]]
    if len(issues) > _ISSUES:
        lines.append(f"  and {len(issues) - _ISSUES:,} more; --issues FILE writes them all")
    return "\n".join(lines)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def timings_text(seconds: Mapping[str, float]) -> str:
    """Milliseconds of each stage and its share of the whole.

    Example:
        >>> print(timings_text({"evidence": 0.03, "reasons": 0.01}))
        evidence      30 ms   75 %
        reasons       10 ms   25 %
        together      40 ms
    """
    whole, lines = sum(seconds.values()), []
    for stage, took in seconds.items():
        share = f"{100 * took / whole:3.0f} %" if whole else ""
        lines.append(f"{stage:10}{took * 1000:6,.0f} ms  {share}".rstrip())
    return "\n".join([*lines, f"{'together':10}{whole * 1000:6,.0f} ms"])
