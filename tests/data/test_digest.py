from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.digest import content_digest

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
WHOLE = pa.table(
    {
        "text": ["a", None, "", "bc", "d"],
        "large": pa.array(["a", None, "", "bc", "d"], pa.large_string()),
        "number": [1, None, 0, -1, 2],
        "real": [0.5, None, float("nan"), 2.0, -0.0],
        "truth": [True, None, False, True, True],
        "time": pa.array([NOON, None, NOON, NOON, NOON], pa.timestamp("us", "UTC")),
        "list": [["a", None], None, [], ["bc"], ["d"]],
        "nested": [[[1], []], None, [], [[2, None]], [None]],
        "object": [{"a": 1}, None, {"a": None}, {"a": 2}, {"a": 3}],
        "amount": [Decimal("1.5"), None, Decimal("2.5"), Decimal("3.5"), Decimal("4.5")],
        "bytes": [b"\xff", None, b"", b"a", b"b"],
        "nothing": pa.nulls(5),
    }
)


def _digest(table: pa.Table) -> str:
    return content_digest({"t": table})


@given(st.lists(st.integers(0, 5), max_size=4), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_neither_chunks_nor_offsets_matter(cuts: list[int], before: int) -> None:
    longer = pa.concat_tables([WHOLE.slice(5 - before), WHOLE, WHOLE.slice(0, 2)]).combine_chunks()
    bounds = [0, *sorted(cuts), 5]
    parts = [longer.slice(before + a, b - a) for a, b in pairwise(bounds)]
    assert _digest(pa.concat_tables(parts)) == _digest(WHOLE)


def test_bytes_under_nulls_do_not_matter() -> None:
    valid = pa.py_buffer(bytes([0b01]))
    texts = pa.Array.from_buffers(pa.string(), 2, [valid, pa.py_buffer(np.int32([0, 1, 3])), pa.py_buffer(b"abc")])
    numbers = pa.Array.from_buffers(pa.int64(), 2, [valid, pa.py_buffer(np.int64([7, 99]))])
    assert texts.to_pylist() == ["a", None]
    assert _digest(pa.table({"t": texts, "n": numbers})) == _digest(pa.table({"t": ["a", None], "n": [7, None]}))


def test_tables_without_rows_are_alike_however_they_came_about() -> None:
    empty = [
        WHOLE.schema.empty_table(),
        WHOLE.slice(0, 0),
        WHOLE.filter(pa.array([False] * 5)),
        pa.table(WHOLE[:0].to_pydict(), WHOLE.schema),
    ]
    assert len({_digest(table) for table in empty}) == 1


def test_every_difference_shows() -> None:
    tables = [WHOLE, WHOLE.slice(1), WHOLE.slice(0, 0), WHOLE.rename_columns([n.upper() for n in WHOLE.column_names])]
    for place, name in enumerate(WHOLE.column_names):
        tables.append(WHOLE.remove_column(place))
        tables += [WHOLE.set_column(place, name, WHOLE[name].take(order)) for order in ([1, 0, 2, 3, 4], [0, 1, 2, 3, 3])]
    different = {f"{table.schema} {table.to_pylist()}" for table in tables}
    assert len(different) == 4 + 3 * 12 - 4  # some columns hold a value twice
    assert len({_digest(table) for table in tables}) == len(different)


def test_where_one_value_ends_and_the_next_begins_shows() -> None:
    columns = [
        ["ab", ""],
        ["a", "b"],
        ["", "ab"],
        [None, "ab"],
        ["ab", None],
        [["a", "b"], []],
        [["a"], ["b"]],
        [["ab"], []],
        [1, 0],
        [256, 0],
    ]
    digests = [_digest(pa.table({"x": values})) for values in columns]
    assert all(a != b for a, b in combinations(digests, 2))
    assert content_digest({"a": WHOLE, "b": WHOLE[:0]}) != content_digest({"a": WHOLE[:0], "b": WHOLE})
