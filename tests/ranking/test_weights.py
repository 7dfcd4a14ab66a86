from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.weights import default_weights, field_weights


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"follower_count": 1.0}, "unknown feature 'follower_count'; features are facets"),
        ({"facets": float("nan")}, "the weight of 'facets' must be a finite number, not nan"),
        ({"facets": float("inf")}, "must be a finite number"),
        ({"facets": "1"}, "must be a finite number, not '1'"),
        ({"facets": True}, "must be a finite number, not True"),
        ({"facets": None}, "must be a finite number, not None"),
        ({"link_spam": 0.1}, "'link_spam' speaks against an account; its weight must not be positive"),
        ({"self_promotion": 1}, "'self_promotion' speaks against an account"),
    ],
)
def test_what_makes_no_sense_is_refused(values: dict[str, float], complaint: str) -> None:
    with pytest.raises(tf.DataError, match=complaint):
        tf.Weights(values)


def test_values_are_floats_that_nobody_can_change() -> None:
    given_values = {"facets": 1, "bio": -0.5, "link_spam": 0}
    weights = tf.Weights(given_values)
    given_values["facets"] = 9
    assert weights.values == {"facets": 1.0, "bio": -0.5, "link_spam": 0.0}
    assert all(type(value) is float for value in weights.values.values())
    with pytest.raises(TypeError):
        weights.values["facets"] = 2.0  # type: ignore[index]
    with pytest.raises(AttributeError):
        weights.provenance = "mine"  # type: ignore[misc]


@pytest.mark.parametrize("weights", [default_weights(), field_weights()])
def test_weights_of_our_own_have_the_sign_that_sense_demands_and_say_where_they_come_from(weights: tf.Weights) -> None:
    assert weights.provenance
    assert {name for name, value in weights.values.items() if value < 0} == {
        name for name, feature in FEATURES.items() if feature.never_helps
    }
    assert all(weights.values.values())
    assert {"facets", "words"} <= {name.removesuffix("_relative") for name in weights.values}


names_that_help = st.sampled_from([name for name, feature in FEATURES.items() if not feature.never_helps])


@given(
    st.dictionaries(names_that_help, st.floats(allow_nan=False, allow_infinity=False)),
    st.text(),
    st.none() | st.text(),
)
def test_save_and_open_give_the_same_weights(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, float], provenance: str, fingerprint: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "weights.json"
    weights = tf.Weights(values, provenance, fingerprint)
    weights.save(path)
    assert tf.Weights.open(path) == weights


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'{"values": {"facets": 1}}',
        b'{"values": [1], "provenance": "", "index_fingerprint": null}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.json"
    path.write_bytes(content)
    with pytest.raises(tf.DataError, match=r"weights\.json: not a file of weights"):
        tf.Weights.open(path)


def test_a_cut_off_file_is_damaged_wherever_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    default_weights().save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 17):
        path.write_bytes(whole[:length])
        with pytest.raises(tf.DataError):
            tf.Weights.open(path)


def test_a_file_with_an_unknown_feature_says_which(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"values": {"glamour": 1.0}, "provenance": "", "index_fingerprint": None}))
    with pytest.raises(tf.DataError, match="unknown feature 'glamour'"):
        tf.Weights.open(path)


def test_a_missing_file_and_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(tf.DataError, match="not a file of weights"):
        tf.Weights.open(tmp_path / "nowhere.json")
    with pytest.raises(tf.StorageError):
        default_weights().save(tmp_path / "no" / "such" / "folder" / "weights.json")
