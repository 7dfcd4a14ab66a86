from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.columns import ARROW_TYPES, empty_column, parse_column

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECONDS = 1714564800  # the same
EAST = timezone(timedelta(hours=5))
NOTHING = [None, float("nan"), pd.NA, pd.NaT]

# fmt: off
GOOD: dict[str, list[tuple[Any, Any]]] = {
    "id": [
        ("7", "7"), (" 7 ", "7"), ("007", "007"), (7, "7"), (7.0, "7"), (Decimal(7), "7"), (2**80, str(2**80)), ("@ana", "@ana"),
        ("did:plc:x", "did:plc:x"), ("a b", "a b"), ("\u00a07\u2003", "7"), ("", None), ("  ", None),
    ],
    "name": [("ana", "ana"), ("@ana", "ana"), (" @@ana ", "ana"), ("@ ana", "ana"), (42, "42"), ("@", None), ("", None)],
    "text": [("a", "a"), (" a ", " a "), ("a\0b", "a\0b"), ("שלום 👋🏽", "שלום 👋🏽"), (5, "5"), (1.5, "1.5"), ("", None)],
    "count": [
        (0, 0), (5, 5), (5.0, 5), (Decimal(5), 5), (2**53, 2**53), ("5", 5), (" 5 ", 5), ("5.0", 5), ("1e3", 1000), ("", None),
    ],
    "time": [
        (NOON, NOON), (NOON.replace(tzinfo=None), NOON), (NOON.astimezone(EAST), NOON), (pd.Timestamp(NOON), NOON),
        ("2024-05-01T12:00:00Z", NOON), ("2024-05-01 14:00:00+02:00", NOON), (" 2024-05-01T12:00 ", NOON), (" ", None),
        (SECONDS, NOON), (float(SECONDS), NOON), (str(SECONDS), NOON), (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("2024-05-01", NOON.replace(hour=0)), (date(2024, 5, 1), NOON.replace(hour=0)),
    ],
    "flag": [
        (True, True), (False, False), (1, True), (0.0, False), (" TRUE ", True), ("yes", True), ("N", False), ("0", False), ("", None),
    ],
    "list": [
        (["a", "b"], ["a", "b"]), (("a",), ["a"]), ([], []), (["", "a"], ["a"]), ([1, "b"], ["1", "b"]), ("", None), ("[]", []),
        ('["a", "b c"]', ["a", "b c"]), ("a, b", ["a", "b"]), ("a b", ["a", "b"]),
    ],
}
BAD: dict[str, list[tuple[Any, str]]] = {
    "id": [
        (True, "not an id: True"), (1.5, "not an id: 1.5"), (["7"], "not an id"), ("7\0", "control characters"), ("7\n8", "control"),
        (2.0**60, "lost digits"), ("x" * 513, "513 characters"), ("\ud800", "control characters"), (math.inf, "not an id: inf"),
    ],
    "name": [(["ana"], "not an id"), ("a\0", "control characters"), (True, "not an id: True")],
    "text": [(["a"], "not text: ['a']"), ({"a": 1}, "not text"), (NOON, "not text")],
    "count": [
        (-1, "not a count: -1"), (1.5, "not a count: 1.5"), ("many", "not a count: 'many'"), (True, "not a count: True"),
        (2**53 + 1, "not a count"), ("1e999", "not a count"), (math.inf, "not a count: inf"), ([1], "not a count"),
        ("9" * 5000, "not a count"),
    ],
    "time": [
        ("soon", "not a time: 'soon'; write ISO 8601 or Unix seconds"), ("2024-13-01", "not a time"), (True, "not a time: True"),
        ("1969-12-31", "not a time"), (datetime(2201, 1, 1), "not a time"), (datetime(1, 1, 1, tzinfo=EAST), "not a time"),
        (SECONDS * 1000, "not a time"), (1e300, "not a time"), (math.inf, "not a time"), ("nan", "not a time"), ([], "not a time"),
    ],
    "flag": [("maybe", "not true or false: 'maybe'"), (2, "not true or false: 2"), (["x"], "not true"), ({}, "not true")],
    "list": [
        ("[a", "not a list: '"), (5, "not a list of texts: 5"), ([None], "not a list of texts"), ([["a"]], "not a list of texts"),
        ({"a": 1}, "not a list of texts"), ("[" * 100_000, "not a list"),
    ],
}
# fmt: on


@pytest.mark.parametrize(("kind", "value", "parsed"), [(kind, *case) for kind, cases in GOOD.items() for case in cases])
def test_values_are_parsed(kind: str, value: Any, parsed: Any) -> None:
    column, problems = parse_column([value], kind)
    assert column.to_pylist() == [parsed]
    assert column.type == ARROW_TYPES[kind]
    assert problems == []


@pytest.mark.parametrize(("kind", "value", "why"), [(kind, *case) for kind, cases in BAD.items() for case in cases])
def test_values_of_the_wrong_type_become_null_and_are_named(kind: str, value: Any, why: str) -> None:
    column, problems = parse_column(["", value, None], kind)
    assert column.to_pylist() == [None, None, None]
    assert [position for position, _ in problems] == [1]
    assert why in problems[0][1]
    assert len(problems[0][1]) < 150


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_of_any_library_is_null_without_a_remark(kind: str) -> None:
    assert parse_column(NOTHING, kind)[0].to_pylist() == [None] * 4
    assert parse_column(NOTHING, kind)[1] == []
    assert empty_column(kind, 4) == parse_column(NOTHING, kind)[0]


def test_damaged_text_is_kept_but_remarked() -> None:
    column, problems = parse_column(["caf\udce9", b"caf\xc3\xa9", b"\xff"], "text")
    assert column.to_pylist() == ["caf?", "café", "\ufffd"]
    assert [position for position, _ in problems] == [0, 1, 2]
    assert problems[0][1] == "not valid UTF-8; the damaged characters are replaced"


def test_invalid_utf8_in_an_arrow_column_is_replaced_where_it_stands() -> None:
    raw = pa.chunked_array([pa.array([b"ok", b"\xff", None]).cast(pa.binary()).view(pa.string())])
    column, problems = parse_column(raw, "text")
    assert column.to_pylist() == ["ok", "\ufffd", None]
    assert problems == [(1, "not valid UTF-8; the damaged characters are replaced")]


def test_a_time_that_python_cannot_hold_is_named() -> None:
    raw = pa.chunked_array([pa.array([0, 2**62], pa.timestamp("s"))])
    column, problems = parse_column(raw, "time")
    assert column.to_pylist() == [datetime(1970, 1, 1, tzinfo=UTC), None]
    assert [position for position, _ in problems] == [1]


COLUMNS = {
    "text": st.lists(st.none() | st.text(max_size=6) | st.sampled_from([" 7", "@a", "\u00a0x", "x\x85", "a\0", "y" * 513])).map(
        lambda values: pa.array(values, pa.string())
    ),
    "whole": st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)).map(lambda values: pa.array(values, pa.int64())),
    "big": st.lists(st.none() | st.integers(0, 2**64 - 1)).map(lambda values: pa.array(values, pa.uint64())),
    "real": st.lists(st.none() | st.floats()).map(lambda values: pa.array(values, pa.float64())),
    "truth": st.lists(st.none() | st.booleans()).map(lambda values: pa.array(values, pa.bool_())),
    "time": st.lists(st.none() | st.datetimes(timezones=st.just(UTC))).map(
        lambda values: pa.array(values, pa.timestamp("us", "UTC"))
    ),
    "bare time": st.lists(st.none() | st.datetimes()).map(lambda values: pa.array(values, pa.timestamp("us"))),
    "list": st.lists(st.none() | st.lists(st.text(max_size=3))).map(lambda values: pa.array(values, pa.list_(pa.string()))),
}


@pytest.mark.parametrize("kind", GOOD)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whole_columns_are_parsed_like_single_values(kind: str, data: st.DataObject) -> None:
    raw = data.draw(st.one_of(*COLUMNS.values()))
    fast, slow = parse_column(pa.chunked_array([raw]), kind), parse_column(raw.to_pylist(), kind)
    assert fast[0].to_pylist() == slow[0].to_pylist()
    assert fast[0].type == slow[0].type
    assert fast[1] == slow[1]


@pytest.mark.parametrize("kind", GOOD)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_parsing_what_was_parsed_changes_nothing(kind: str, data: st.DataObject) -> None:
    raw = data.draw(st.one_of(*COLUMNS.values()))
    once, _ = parse_column(raw.to_pylist(), kind)
    again, problems = parse_column(pa.chunked_array([once]), kind)
    assert again.to_pylist() == once.to_pylist()
    assert problems == []


def test_categories_are_read_as_their_values() -> None:
    raw = pa.chunked_array([pa.array(["a", None, "a"]).dictionary_encode()])
    assert parse_column(raw, "text")[0].to_pylist() == ["a", None, "a"]
