from __future__ import annotations

import json
from pathlib import Path

from benchmarks.verbs_audit import table

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_the_guide_is_that_of_the_results() -> None:
    figures = json.loads((ROOT / "benchmarks" / "results" / "verbs_audit.json").read_text(encoding="utf-8"))["figures"]
    page = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    assert f"<!-- verbs_audit -->\n\n{table(figures)}\n\n<!-- end -->" in page
