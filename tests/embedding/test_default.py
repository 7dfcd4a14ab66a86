"""Which encoder is taken where none is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.embedding.default import default_encoder, known_encoder
from tweetfocus.embedding.encoders import Encoder, HashingEncoder, SentenceTransformerEncoder
from tweetfocus.embedding.int8 import Int8Encoder
from tweetfocus.interfaces.opening import Model, encoder_of, open_index

DATA = tf.Dataset.from_records(
    [tf.Account(account_id="1", bio="Heat pumps and grids"), tf.Account(account_id="2", bio="Chef de partie")]
)
ENCODERS: list[Encoder] = [Int8Encoder(), SentenceTransformerEncoder(), HashingEncoder(), HashingEncoder(64)]


def test_the_default_is_the_8_bit_one_of_the_default_model() -> None:
    assert isinstance(default_encoder(), Int8Encoder)
    assert default_encoder().fingerprint == Int8Encoder().fingerprint
    assert default_encoder().dimension == 384


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.fingerprint)
def test_an_encoder_is_known_by_its_fingerprint(encoder: Encoder) -> None:
    known = known_encoder(encoder.fingerprint)
    assert known is not None
    assert type(known) is type(encoder)
    assert (known.fingerprint, known.dimension) == (encoder.fingerprint, encoder.dimension)


@pytest.mark.parametrize(
    "fingerprint",
    [
        "",
        "letters-1",
        "hashing-0",
        "hashing-064",
        "hashing-",
        "hashing-64-2",
        "int8-53aa51172d142c89-64",
        "sentence-transformers-0000000000000000-128",
    ],
)
def test_of_other_fingerprints_nobody_is_made_up(fingerprint: str) -> None:
    assert known_encoder(fingerprint) is None


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.fingerprint)
def test_an_index_opens_with_the_encoder_it_was_made_with(encoder: Encoder, tmp_path: Path) -> None:
    built = tf.AccountIndex.build(DATA, encoder=encoder, cache=False)
    built.save(tmp_path / "index")
    for opened in (tf.AccountIndex.open(tmp_path / "index"), open_index(tmp_path / "index")):
        assert type(opened.encoder) is type(encoder)
        assert [rec.account_id for rec in tf.recommend(opened, interests=["Heat pumps and grids"], n=1)] == ["1"]
        more = opened.add(tf.Dataset.from_records([tf.Account(account_id="3", bio="Heat pumps and grids")]), cache=False)
        # within rounding: the float one may not be bit for bit the same beside other texts
        np.testing.assert_allclose(more.bio_vectors[2], built.bio_vectors[0], rtol=0, atol=5e-3)


def test_a_built_index_without_an_encoder_named_has_the_default_one(world_index: tf.AccountIndex) -> None:
    assert world_index.encoder_fingerprint == default_encoder().fingerprint


def test_an_encoder_that_is_given_is_the_one_that_is_used(tmp_path: Path) -> None:
    tf.AccountIndex.build(DATA, encoder=HashingEncoder(64), cache=False).save(tmp_path)
    own = HashingEncoder(64)
    assert tf.AccountIndex.open(tmp_path, encoder=own).encoder is own
    with pytest.raises(tf.Mismatch, match="hashing-64, not with int8-"):
        tf.AccountIndex.open(tmp_path, encoder=default_encoder())


def test_names_of_the_command_line() -> None:
    made = {model.value: encoder_of(model) for model in Model}
    assert {name: type(encoder) for name, encoder in made.items()} == {
        "minilm": Int8Encoder,
        "minilm-float32": SentenceTransformerEncoder,
        "hashing": HashingEncoder,
    }
    assert made["minilm-float32"]._bfloat16 is False  # type: ignore[attr-defined]
    assert {known_encoder(encoder.fingerprint).__class__ for encoder in made.values()} == set(map(type, made.values()))
