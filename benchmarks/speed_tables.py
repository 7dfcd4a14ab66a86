"""Tables of the page on speed out of the files of results: every number in them has a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.tables import RESULTS, fill

__all__ = ["PAGE", "speed_tables"]

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"


def speed_tables() -> dict[str, str]:
    """Markdown tables by name; a file NAME-MACHINE.json is what was measured on another machine, and follows NAME.json."""
    made = {"similarity-one": _searches, "similarity-batch": _searches, "similarity-approximate": _graphs, "encode": _encoders}
    found = {}
    for name, table in made.items():
        paths = [RESULTS / f"{name}.json", *sorted(RESULTS.glob(f"{name}-*.json"))]
        tables = [table(json.loads(path.read_text())) for path in paths if path.exists()]
        if tables:
            found[name] = "\n\n".join(tables)
    return found


def _searches(result: dict[str, Any]) -> str:
    figures = result["figures"]
    asked = f"{figures['queries']:,} queries" if "queries" in figures else "One query"
    lines = [
        f"{asked}, the top {figures['k']} of {figures['accounts']:,} vectors made of {figures['vectors']} ones. {_machine(result)}",
        "",
        "| method | median | quartiles | times tweetfocus |",
        "|---|---:|---:|---:|",
    ]
    for name, found in sorted(figures["methods"].items(), key=lambda row: row[1]["median_s"]):
        low, high = (_seconds(value) for value in found["quartiles_s"])
        lines.append(f"| {name} | {_seconds(found['median_s'])} | {low} to {high} | {found['times_ours']:.2f} |")
    return "\n".join(lines)


def _graphs(result: dict[str, Any]) -> str:
    figures = result["figures"]
    lines = [
        f"Single queries, the top {figures['k']} of {figures['accounts']:,} vectors made of {figures['vectors']} ones. "
        f"{_machine(result)}",
        "",
        "| index | build | one query | recall | ahead after queries |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in figures["methods"].items():
        even = found.get("ahead_after_queries")
        shown = f"{even:,.0f}" if even is not None else "–" if name == "tweetfocus" else "never"
        lines.append(
            f"| {name} | {_seconds(found['build_s'])} | {_seconds(found['query_s'])} | {found['recall']:.3f} | {shown} |"
        )
    return "\n".join(lines)


def _encoders(result: dict[str, Any]) -> str:
    figures = result["figures"]
    lines = [
        f"{figures['texts']:,} bios and posts ({', '.join(figures['data'])}), {figures['blocks']} rounds in turn. {_machine(result)}",
        "",
        "| way | texts a second | times as installed | fewest and most | mean cosine to float32 |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in sorted(figures["encoders"].items(), key=lambda row: row[1]["ratio"]["median"]):
        ratio = found["ratio"]
        lines.append(
            f"| {name} | {found['texts/s']['median']:,.0f} | {ratio['median']:.2f} | {ratio['min']:.2f} to {ratio['max']:.2f} "
            f"| {found['cosine to float32']['mean']:.3f} |"
        )
    return "\n".join(lines)


def _machine(result: dict[str, Any]) -> str:
    threads = result["figures"].get("threads", result["machine"]["cores"])
    return f"{result['machine']['processor']}, {threads} {'core' if threads == 1 else 'cores'}."


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms" if value >= 1e-3 else f"{value * 1e3:.2f} ms"


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), speed_tables()), encoding="utf-8")
