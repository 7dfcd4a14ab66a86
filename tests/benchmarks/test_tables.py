from __future__ import annotations

from benchmarks.tables import PAGE, fill, tables


def test_every_table_of_the_page_is_that_of_the_results() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert fill(page) == page


def test_every_file_of_results_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in tables() if f"<!-- {name} -->" not in page] == []


def test_a_changed_table_is_made_anew() -> None:
    made = fill("before\n<!-- overview -->\nstale\n<!-- end -->\nafter <!-- nobody -->\nstays\n<!-- end -->")
    assert "stale" not in made
    assert made.startswith("before\n<!-- overview -->\n\n| set | situation |")
    assert made.endswith("<!-- end -->\nafter <!-- nobody -->\nstays\n<!-- end -->")
