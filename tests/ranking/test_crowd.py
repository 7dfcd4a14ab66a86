from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.kernels.chance import share_interval
from tweetfocus.ranking.crowd import Crowd, count_crowd, nearest_fields
from tweetfocus.ranking.relevance import Relevance


@pytest.fixture(scope="module")
def index() -> tf.AccountIndex:
    people = [tf.Account(account_id=str(i), last_post_at="2024-01-01" if i != 5 else None) for i in range(7)]  # type: ignore[arg-type]
    return tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)


def _count(index: tf.AccountIndex, rows: list[int], fields: list[int] | None = None) -> Crowd:
    #                   me      yes  spam silent no  yes  unknown
    values = np.array([np.nan, 3.0, 9.0, 4.0, 1.0, 3.0, np.nan])
    near = Relevance(0, values, values, values, 2.0, 0.02, ())
    spam, inactive = np.zeros(7, dtype=bool), np.zeros(7, dtype=bool)
    spam[2] = inactive[3] = True
    nearest = np.array(fields or [0, 1, 0, 0, 0, 0, 0])
    return count_crowd(index, np.array(rows, dtype=np.int64), near, nearest, spam=spam, inactive=inactive)


def test_counts_by_hand(index: tf.AccountIndex) -> None:
    found = _count(index, [1, 2, 3, 4, 5, 6])
    assert (len(found), found.judged, found.relevant, found.effective) == (6, 5, 4, 2)
    assert found.share == 0.8
    assert found.interval == share_interval(4, 5)
    assert found.by_chance == pytest.approx(0.1)
    assert (found.spam, found.inactive, found.undated) == (1, 1, 1)
    assert found.by_field == (1, 1)
    assert [m.account_id for m in found.members] == ["2", "3", "1", "5", "4", "6"]
    assert [m.effective for m in found.members] == [False, False, True, True, False, False]
    assert [m.active for m in found.members] == [True, False, True, None, True, True]
    assert found.members[-1].relevance is None


def test_an_unrelated_crowd_has_no_field(index: tf.AccountIndex) -> None:
    assert _count(index, [4]).members[0].field is None


def test_nobody(index: tf.AccountIndex) -> None:
    found = _count(index, [])
    assert (len(found), found.share, found.interval, found.effective, str(found)) == (0, None, None, 0, "nobody")


def test_nobody_can_be_judged(index: tf.AccountIndex) -> None:
    found = _count(index, [6])
    assert found.share is None
    assert str(found) == "1 account, of whom nobody can be judged"


def test_nearest_fields_in_the_world(world_index: tf.AccountIndex, truth: dict[str, dict[str, str]]) -> None:
    row = world_index.data.row("@mara_lindqvist")
    fields = nearest_fields(world_index, row)
    words = [" ".join(facet.words) for facet in world_index.fields_of("@mara_lindqvist")]
    data, energy = ("dbt" in words[1], "dbt" not in words[1])
    hits = []
    for other in range(len(world_index)):
        record = truth[world_index.data.account_id(other)]
        if record["role"] == "professional" and record["fields"] in ("data engineering", "energy systems"):
            hits.append(fields[other] == (int(data) if record["fields"] == "data engineering" else int(energy)))
    assert np.mean(hits) > 0.75
