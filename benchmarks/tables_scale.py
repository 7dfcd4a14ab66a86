"""Tables of the page on speed and scale out of the files of results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "fill", "tables"]

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "speed_scale.md"


def fill(page: str) -> str:
    """The page with every block between `<!-- name -->` and `<!-- end -->` made anew; blocks without results stay as they are."""
    made = tables()

    def block(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- {name} -->\n\n{made[name]}\n\n<!-- end -->" if name in made else found[0]

    return re.sub(r"<!-- ([\w:-]+) -->\n.*?<!-- end -->", block, page, flags=re.DOTALL)


def tables() -> dict[str, str]:
    """Markdown tables by name, of what has been measured."""
    walks, scale, nearest, rounded = (_results(question) for question in ("walks", "scale", "nearest", "rounded"))
    found = {"walks": _walks(walks)} if walks else {}
    if nearest:
        found["nearest"] = _nearest(nearest)
    if rounded:
        found["rounded"] = _rounded(rounded)
    return {**found, "scale": _scale(scale), "stages": _stages(scale), "twin": _twin(scale)} if scale else found


def _results(question: str) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text())["figures"] for path in RESULTS.glob(f"{question}-*.json")]
    return sorted(found, key=lambda figures: figures.get("nodes") or figures.get("accounts") or figures["people"])


def _walks(results: list[dict[str, Any]]) -> str:
    lines = ["| nodes | edges | who walks | median | times ours | fewest right of 100 |", "|---:|---:|---|---:|---:|---:|"]
    for figures in results:
        for name, walk in figures["walks"].items():
            lines.append(
                f"| {figures['nodes']:,} | {figures['edges']:,} | {name} | {_time(walk['median_s'])} | {walk['times ours']:.0f} | "
                f"{walk['fewest right of 100']} |"
            )
    return "\n".join(lines)


def _rounded(results: list[dict[str, Any]]) -> str:
    lines = [
        "| accounts | hidden | queries | measure | exact | rounded | difference, 95 % |",
        "|---:|---|---:|---|---:|---:|---|",
    ]
    for figures in results:
        for name, found in figures["situations"].items():
            for measure, shown in (("ndcg@10", "nDCG@10"), ("recall@100", "R@100")):
                row = found[measure]
                low, high = row["95 %"]
                lines.append(
                    f"| {figures['accounts']:,} | {name} | {found['queries']} | {shown} | {row['exact']:.4f} | {row['rounded']:.4f} | "
                    f"{row['rounded - exact']:+.4f} ({low:+.4f} to {high:+.4f}) |"
                )
    return "\n".join(lines)


def _nearest(results: list[dict[str, Any]]) -> str:
    lines = ["| people | of them asked | nDCG@10 | R@100 |", "|---:|---:|---:|---:|"]
    for figures in results:
        lines += [
            f"| {figures['people']} | {row['asked']} | {row['ndcg@10']:.3f} | {row['recall@100']:.3f} |"
            for row in figures["asked"]
        ]
    return "\n".join(lines)


def _scale(results: list[dict[str, Any]]) -> str:
    lines = [
        "| accounts | follows | open | first question | median | p95 | held for itself | and of mapped files | bytes per account on disk |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for figures in results:
        times = " | ".join(_time(figures[name]) for name in ("open_s", "first_s", "median_s", "p95_s"))
        held = figures["held after one question"]
        lines.append(
            f"| {figures['accounts']:,} | {figures['follows']:,} | {times} | {held['private_gb']:.2f} GB | {held['mapped_gb']:.2f} GB | "
            f"{figures['bytes per account']:,.0f} |"
        )
    return "\n".join(lines)


def _stages(results: list[dict[str, Any]]) -> str:
    names = ("question", "rules", "evidence", "candidates", "scores", "choice", "reasons")
    lines = [f"| accounts | {' | '.join(names)} |", f"|---:|{'---:|' * len(names)}"]
    lines += [
        f"| {figures['accounts']:,} | {' | '.join(_time(figures['stages_s'][name]) for name in names)} |" for figures in results
    ]
    return "\n".join(lines)


def _twin(results: list[dict[str, Any]]) -> str:
    lines = [
        "| accounts | the plain twin walks by | its median | times ours | of 500 in common | in common with all people asked |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for figures in results:
        plain = figures["plain"]
        lines.append(
            f"| {figures['accounts']:,} | {plain['walk']} | {_time(plain['median_s'])} | {plain['times ours']:.1f} | "
            f"{plain['fewest of 500 in common']} | {plain['fewest of 500 in common, all people asked']} |"
        )
    return "\n".join(lines)


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
