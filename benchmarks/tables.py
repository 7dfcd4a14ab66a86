"""Tables of the relevance page out of the files of results: every number on the page has a file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

__all__ = ["fill", "tables"]

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "relevance.md"
_SETS = ("congress_following", "researchers")
_SITUATIONS = (
    "hidden_follows",
    "no_follows_known",
    "3_follows_known",
    "10_follows_known",
    "newcomer",
    "newcomer-less_known",
    "new_accounts",
)
_HERE, _ELSEWHERE = "tweetfocus, learned here", "tweetfocus, learned elsewhere"


def fill(page: str, made: dict[str, str] | None = None) -> str:
    """The page with every block between `<!-- name -->` and `<!-- end -->` made anew; blocks without results stay as they are."""
    made = tables() if made is None else made

    def block(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- {name} -->\n\n{made[name]}\n\n<!-- end -->" if name in made else found[0]

    return re.sub(r"<!-- ([\w:-]+) -->\n.*?<!-- end -->", block, page, flags=re.DOTALL)


def tables() -> dict[str, str]:
    """Markdown tables by name."""
    found = {}
    for data in _SETS:
        for situation in _SITUATIONS:
            path = RESULTS / f"relevance-{data}-{situation}.json"
            if path.exists():
                figures = json.loads(path.read_text())["figures"]
                found[f"{data}:{situation}"] = _methods(figures)
                if situation == "hidden_follows":
                    found[f"{data}:ablations"] = _ablations(figures)
    found["overview"] = _overview()
    return found


def _figures(data: str, situation: str) -> dict[str, Any] | None:
    path = RESULTS / f"relevance-{data}-{situation}.json"
    return json.loads(path.read_text())["figures"] if path.exists() else None


def _overview() -> str:
    lines = [
        "| set | situation | measure | learned here | learned elsewhere | best peer | ratio, learned here | ratio, learned elsewhere |",
        "|---|---|---|---:|---:|---|---:|---:|",
    ]
    for data in _SETS:
        for situation in _SITUATIONS:
            figures = _figures(data, situation)
            if figures is None:
                continue
            measure = "recall@100" if situation == "new_accounts" else "ndcg@10"
            peer = figures["best peer"][measure]
            methods, against = figures["methods"], figures["against the best peer"]
            shown = {"congress_following": "legislators"}.get(data, data)
            cells = [f"{methods[name][measure]['mean']:.3f}" for name in (_HERE, _ELSEWHERE)]
            ratios = [_ratio(against[name][measure]) for name in (_HERE, _ELSEWHERE)]
            lines.append(
                f"| {shown} | {_name(situation)} | {_measure(measure)} | {cells[0]} | {cells[1]} | "
                f"{peer}, {methods[peer][measure]['mean']:.3f} | {ratios[0]} | {ratios[1]} |"
            )
    return "\n".join(lines)


def _ratio(against: dict[str, Any]) -> str:
    low, high = against["minus 1 x"]["95 %"]
    sure = "" if low > 0 else " (worse)" if high < 0 else " (not sure)"
    return f"{against['ratio']:.2f}{sure}"


def _methods(figures: dict[str, Any]) -> str:
    rows = {name: found for name, found in figures["methods"].items() if not name.startswith("learned here")}
    return _table(rows, figures)


def _ablations(figures: dict[str, Any]) -> str:
    rows = {name: found for name, found in figures["methods"].items() if name.startswith("learned here") or name == _HERE}
    return _table(rows, figures)


def _table(rows: dict[str, Any], figures: dict[str, Any]) -> str:
    lines = [
        f"{figures['queries']} people asked about, {figures['candidates']:,} candidates.",
        "",
        "| method | nDCG@10 | 95 % | R@100 | P@10 | MRR | facets | coverage | followers | Gini |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in sorted(rows.items(), key=lambda row: -(row[1]["ndcg@10"]["mean"] or 0)):
        low, high = found["ndcg@10"]["95 %"]
        means = " | ".join(_number(found[measure]["mean"]) for measure in ("recall@100", "precision@10", "mrr", "facets"))
        shown = f"**{name}**" if name.startswith("tweetfocus") else name
        lines.append(
            f"| {shown} | {found['ndcg@10']['mean']:.3f} | {low:.3f} to {high:.3f} | {means} | "
            f"{found['coverage']:.3f} | {found['mean followers']:.0f} | {found['gini']:.2f} |"
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _name(situation: str) -> str:
    return situation.replace("-", ", ").replace("_", " ")


def _measure(name: str) -> str:
    return {"ndcg@10": "nDCG@10", "recall@100": "R@100"}[name]


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
