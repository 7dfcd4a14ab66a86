from __future__ import annotations

import json
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tweetfocus as tf

HOSTILE = "<script>alert('x')</script>\n\x1b[31m\u202egnp"


def _rec(account_id: str, username: str | None, score: float, reason: str = "Shares your field") -> tf.Recommendation:
    parts = {"facets": score - 0.25, "bio": 0.5, "link_spam": -0.25}
    reasons = (tf.Reason(("facets", "bio"), score + 0.25, reason, ("“Grids & <b>pumps</b>”",)),)
    return tf.Recommendation(
        account_id, username, "Name", f"bio of {account_id}", score, parts, reasons, ("walk", "similarity")
    )


@pytest.fixture
def recs() -> tf.Recommendations:
    items = (_rec("1", "ana", 2.0), _rec("2", None, 1.5), _rec("3", HOSTILE, 1.0, "<img src=x onerror=alert(1)>"))
    dropped = (tf.Dropped("9", "spam", tf.Left.SPAM), tf.Dropped("nobody", None, tf.Left.UNKNOWN))
    return tf.Recommendations(items, dropped, ("a <note>",), {"n": 3})


def test_it_is_a_sequence(recs: tf.Recommendations) -> None:
    assert len(recs) == 3
    assert [rec.account_id for rec in recs] == ["1", "2", "3"]
    assert recs[-1] is recs[2] is next(reversed(recs))
    assert recs[0] in recs
    assert recs.index(recs[1]) == 1
    with pytest.raises(IndexError):
        recs[3]


def test_a_slice_keeps_everything_but_the_items(recs: tf.Recommendations) -> None:
    top = recs[:2]
    assert isinstance(top, tf.Recommendations)
    assert [rec.account_id for rec in top] == ["1", "2"]
    assert (top.dropped, top.notes, top.settings) == (recs.dropped, recs.notes, recs.settings)
    assert [rec.account_id for rec in recs[::-2]] == ["3", "1"]
    assert len(recs[5:]) == 0


def test_nothing_in_it_can_be_changed(recs: tf.Recommendations) -> None:
    with pytest.raises(AttributeError):
        recs.items = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        recs[0].score = 9.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        recs[0] = recs[1]  # type: ignore[index]


def test_printing(recs: tf.Recommendations) -> None:
    assert repr(recs) == "Recommendations(3 accounts, 2 left out)"
    assert str(recs).splitlines() == [
        "Recommendations(3 accounts, 2 left out)",
        "a <note>",
        "  1. @ana (2.00): Shares your field",
        "  2. 2 (1.50): Shares your field",
        "  3. @<script>alert('x')</script> [31m gnp (1.00): <img src=x onerror=alert(1)>",
    ]


def test_dicts_are_plain_values(recs: tf.Recommendations) -> None:
    assert json.loads(json.dumps(recs.to_dicts())) == recs.to_dicts()
    assert recs.to_dicts()[0] == {
        "account_id": "1",
        "username": "ana",
        "name": "Name",
        "bio": "bio of 1",
        "score": 2.0,
        "contributions": {"facets": 1.75, "bio": 0.5, "link_spam": -0.25},
        "reasons": [
            {
                "text": "Shares your field",
                "features": ["facets", "bio"],
                "contribution": 2.25,
                "evidence": ["“Grids & <b>pumps</b>”"],
            }
        ],
        "found_by": ["walk", "similarity"],
    }
    assert recs.to_dicts()[2]["username"] == HOSTILE  # plain values stay what they are


@pytest.mark.parametrize(("backend", "kind"), [("pyarrow", pa.Table), ("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_frames(recs: tf.Recommendations, backend: str, kind: type[Any]) -> None:
    frame = recs.to_frame(backend)
    assert isinstance(frame, kind)
    columns = frame.to_pydict() if isinstance(frame, pa.Table) else {name: list(frame[name]) for name in frame.columns}
    assert columns["rank"] == [1, 2, 3]
    assert columns["account_id"] == ["1", "2", "3"]
    assert columns["bio"] == ["bio of 1", "bio of 2", "bio of 3"]  # the text; what it contributes has its own column
    assert columns["contribution_bio"] == [0.5, 0.5, 0.5]
    assert columns["contribution_link_spam"] == [-0.25] * 3
    assert columns["score"] == [2.0, 1.5, 1.0]
    assert columns["reasons"][0] == "Shares your field"
    assert columns["found_by"] == ["walk, similarity"] * 3


@pytest.mark.parametrize("backend", ["pyarrow", "pandas", "polars"])
def test_an_empty_frame_has_its_columns(backend: str) -> None:
    frame = tf.Recommendations((), (), (), {}).to_frame(backend)
    assert len(frame) == 0
    names = frame.column_names if isinstance(frame, pa.Table) else list(frame.columns)
    assert names == ["rank", "account_id", "username", "name", "bio", "score", "reasons", "found_by"]


def test_html_escapes_what_others_wrote(recs: tf.Recommendations) -> None:
    page = recs._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert "<note>" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert page.count("<tr>") == 1 + 3


def test_html_of_nothing() -> None:
    assert tf.Recommendations((), (), (), {})._repr_html_().startswith("<p>Recommendations(0 accounts, 0 left out)</p>")
