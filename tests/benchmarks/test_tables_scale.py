from __future__ import annotations

from benchmarks.tables_scale import PAGE, fill, tables


def test_every_table_of_the_page_is_that_of_the_results() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert fill(page) == page
    assert [name for name in tables() if f"<!-- {name} -->" not in page] == []
