from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.embed import default_cache, embed
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.errors import EncoderError

from .counting_encoder import CountingEncoder

TEXTS = ["heat pumps", "", "night shift in Lyon", "heat pumps", "chef", "night shift in Lyon"]


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors.sqlite")


def test_vectors_are_the_encoders_in_half_precision() -> None:
    vectors = embed(TEXTS, HashingEncoder(16))
    assert vectors.dtype == np.float16
    expected = HashingEncoder(16).encode(TEXTS).astype(np.float16)
    expected[1] = 0  # nothing said has no direction
    np.testing.assert_array_equal(vectors, expected)


def test_no_texts() -> None:
    assert embed([], HashingEncoder(16)).shape == (0, 16)
    np.testing.assert_array_equal(embed(["", ""], HashingEncoder(16)), np.zeros((2, 16)))


def test_each_text_is_encoded_once_and_by_length() -> None:
    encoder = CountingEncoder()
    embed(TEXTS, encoder)
    assert encoder.batches == [["chef", "heat pumps", "night shift in Lyon"]]


def test_only_empty_texts_ask_nothing_of_the_encoder() -> None:
    encoder = CountingEncoder()
    embed(["", ""], encoder)
    assert encoder.batches == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["", "a", "chef", "heat pumps", "heat", "日本"]), max_size=8), st.randoms(use_true_random=False)
)
def test_order_of_input_does_not_matter(texts: list[str], random: Any) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)
    there, turned = CountingEncoder(16), CountingEncoder(16)
    vectors = embed(texts, there)
    np.testing.assert_array_equal(embed([texts[i] for i in order], turned), vectors[order])
    assert there.batches == turned.batches  # so even an encoder that minds its neighbours sees the same ones


def test_the_second_time_nothing_is_encoded(cache: VectorCache) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    vectors = embed(TEXTS, first, cache=cache)
    np.testing.assert_array_equal(embed(TEXTS[::-1], second, cache=cache), vectors[::-1])
    assert second.batches == []
    assert len(first.encoded) == 3


def test_only_new_texts_are_encoded(cache: VectorCache) -> None:
    embed(TEXTS, HashingEncoder(), cache=cache)
    encoder = CountingEncoder()
    np.testing.assert_array_equal(
        embed([*TEXTS, "pilot"], encoder, cache=cache), embed([*TEXTS, "pilot"], HashingEncoder(), cache=None)
    )
    assert encoder.encoded == ["pilot"]


def test_another_encoder_does_not_take_the_cached_vectors(cache: VectorCache) -> None:
    embed(TEXTS, HashingEncoder(16), cache=cache)
    encoder = CountingEncoder(8)
    assert embed(TEXTS, encoder, cache=cache).shape == (6, 8)
    assert len(encoder.encoded) == 3


def test_known_vectors_are_taken_as_they_are() -> None:
    encoder = CountingEncoder(4)
    known = {"chef": np.array([0, 0, 0, 1], np.float16), "never asked": np.zeros(4, np.float16)}
    vectors = embed(["chef", "pilot"], encoder, known=known)
    assert vectors[0].tolist() == [0, 0, 0, 1]
    assert encoder.encoded == ["pilot"]


def test_an_interrupted_run_keeps_what_it_had(cache: VectorCache) -> None:
    texts = [f"text {i:04}" for i in range(1300)]
    with pytest.raises(KeyboardInterrupt):
        embed(texts, CountingEncoder(8, stop_after=2), cache=cache)
    encoder = CountingEncoder(8)
    vectors = embed(texts, encoder, cache=cache)
    assert encoder.encoded == texts[1024:]  # two batches of 512 were kept
    np.testing.assert_array_equal(vectors, embed(texts, HashingEncoder(8)))


@pytest.mark.parametrize("progress", [True, False])
def test_the_bar_is_drawn_where_it_is_wanted(progress: bool, capsys: pytest.CaptureFixture[str]) -> None:
    embed(TEXTS, HashingEncoder(), progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("encoding" in err and "3.00/3.00" in err) == progress


class _Answering(HashingEncoder):
    """Answers whatever it is asked with the same thing."""

    def __init__(self, answer: Any) -> None:
        super().__init__(2)
        self._answer = answer

    def encode(self, texts: Sequence[str]) -> Any:
        return self._answer


WRONG = {
    "a row too few": np.eye(2)[:1],
    "a column too many": np.eye(3)[:2],
    "one flat row": np.ones(2),
    "nothing": None,
    "rows of different lengths": [[1.0], [1.0, 0.0]],
    "words": [["a", "b"], ["c", "d"]],
    "not a number": np.array([[1, 0], [np.nan, 1]]),
    "infinity": np.array([[1, 0], [np.inf, 0]]),
    "too long": np.array([[1, 0], [0, 1.02]]),
    "too short": np.array([[1, 0], [0, 0.98]]),
    "zeros": np.array([[1, 0], [0, 0]]),
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_encoders_that_answer_nonsense_are_named(answer: Any, cache: VectorCache) -> None:
    with pytest.raises(EncoderError, match="the encoder returned"):
        embed(["one", "two"], _Answering(answer), cache=cache)
    assert cache.get("hashing-2", ["one", "two"], 2)[0].tolist() == []  # and nothing of it is kept


def test_small_roundings_of_length_are_no_nonsense() -> None:
    assert embed(["one"], _Answering([[0.995, 0]])).tolist() == [[np.float16(0.995), 0]]


def test_the_default_cache_is_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # Linux
    monkeypatch.setenv("HOME", str(tmp_path))  # macOS
    cache = default_cache()
    assert cache.path.name == "vectors.sqlite"
    assert "tweetfocus" in cache.path.parts
    assert tmp_path in cache.path.parents
