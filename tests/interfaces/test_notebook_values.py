"""Every result has a page for notebooks and a dataframe, in each of the three libraries."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tweetfocus as tf
from tests.data.test_showing import ATTRIBUTES, TAGS, Reader
from tweetfocus.ranking.weights import default_weights

ME = "@mara_lindqvist"


@pytest.fixture(scope="module")
def values(hashed_world_index: tf.AccountIndex) -> dict[str, Any]:
    index = hashed_world_index
    return {
        "recommend": tf.recommend(index, ME, n=30),
        "audit": tf.audit(index, ME),
        "audience": tf.audience(index, ME),
        "inbox": tf.inbox(index, ME),
        "follow_back": tf.follow_back(index, ME, today=date(2026, 3, 1)),
        "plan": tf.plan(index, ME, n=20, a_day=1, today=date(2026, 3, 2)),
        "evaluation": tf.evaluate(index, queries=3),
        "weights": default_weights(),
        "dataset": index.data,
        "index": index,
    }


# one column that tells whether the rows are the right ones, and how many there must be
ROWS = {
    "recommend": lambda found: [rec.account_id for rec in found],
    "audit": lambda found: [quarter.quarter for quarter in found.quarters],
    "audience": lambda found: [one.account_id for crowd in (found.followers, found.following) for one in crowd.members],
    "inbox": lambda found: [
        one.account_id for one in (*found.waiting, *found.thanks, *found.reposts, *found.other)
    ],
    "follow_back": lambda found: [one.account_id for one in found.followers],
    "plan": lambda found: [one.account_id for one in (*found.accounts, *found.waiting)],
    "evaluation": lambda found: [record["method"] for record in found.to_dicts()],
    "weights": lambda found: list(found.values),
    "dataset": lambda found: found.accounts["account_id"].to_pylist(),
    "index": lambda found: found.data.accounts["account_id"].to_pylist(),
}  # fmt: skip
COLUMN = {"audit": "quarter", "evaluation": "method", "weights": "feature"}


@pytest.mark.parametrize("name", ROWS)
def test_frames_of_every_library_hold_the_same(name: str, values: dict[str, Any]) -> None:
    value, column, expected = values[name], COLUMN.get(name, "account_id"), ROWS[name](values[name])
    assert expected
    arrow, pandas, polars = value.to_frame(), value.to_frame("pandas"), value.to_frame("polars")
    assert isinstance(arrow, pa.Table)
    assert isinstance(pandas, pd.DataFrame)
    assert isinstance(polars, pl.DataFrame)
    assert arrow[column].to_pylist() == list(pandas[column]) == polars[column].to_list() == expected
    assert arrow.column_names == list(pandas.columns) == polars.columns
    assert not any(pa.types.is_null(kind) for kind in arrow.schema.types)
    with pytest.raises(tf.InvalidRequest, match="backend"):
        value.to_frame("excel")


@pytest.mark.parametrize("name", ROWS)
def test_pages_are_compact_and_hold_nothing_but_text_in_tables_and_lists(name: str, values: dict[str, Any]) -> None:
    page = values[name]._repr_html_()
    read = Reader(page)
    assert set(read.tags) <= TAGS
    assert set(read.attributes) <= ATTRIBUTES
    assert len(page) < 60_000
    assert "color:#" not in page  # the notebook's theme decides


def test_a_dataset_gives_any_of_its_tables(values: dict[str, Any]) -> None:
    data = values["dataset"]
    assert data.to_frame(table="posts") is not None
    assert len(data.to_frame("polars", table="follows")) == data.follows.num_rows
    with pytest.raises(tf.InvalidRequest, match="table must be one of accounts, posts, follows, mutes, blocks, not 'likes'"):
        data.to_frame(table="likes")


def test_an_audit_without_quarters_still_has_its_columns(values: dict[str, Any]) -> None:
    empty = dataclasses.replace(values["audit"], quarters=())
    assert empty.to_frame().column_names[:4] == ["quarter", "posts", "on_topic", "focus"]
    assert empty.to_frame().num_rows == 0
