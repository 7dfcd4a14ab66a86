"""What every encoder must keep: subclass `EncoderContract` and give it an `encoder` fixture."""

from __future__ import annotations

import numpy as np
import pytest

from tweetfocus.embedding.encoders import Encoder

TEXTS = [
    "data pipelines in Airflow",
    "ETL orchestration",
    "sourdough bread",
    "Night shift nurse in Lyon, writes about staffing and about what a ward needs in winter",
    "Pompes à chaleur et réseaux électriques",
    "データ基盤と分析",
    "🚀🚀",
    "x",
    "",
    "substation " * 300,
]


class EncoderContract:
    # how far apart two vectors of one text may lie, whatever stood beside it
    tolerance = 1e-5

    @pytest.fixture
    def encoder(self) -> Encoder:
        raise NotImplementedError

    @pytest.fixture
    def vectors(self, encoder: Encoder) -> np.ndarray:
        return encoder.encode(TEXTS)

    def test_keeps_the_protocol(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)

    def test_one_float32_unit_row_per_text(self, encoder: Encoder, vectors: np.ndarray) -> None:
        assert vectors.shape == (len(TEXTS), encoder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-6)

    def test_no_texts_give_no_rows(self, encoder: Encoder) -> None:
        nothing = encoder.encode([])
        assert nothing.shape == (0, encoder.dimension)
        assert nothing.dtype == np.float32

    def test_a_vector_does_not_depend_on_the_texts_beside_it(self, encoder: Encoder, vectors: np.ndarray) -> None:
        alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
        np.testing.assert_allclose(alone, vectors, rtol=0, atol=self.tolerance)

    def test_order_does_not_matter(self, encoder: Encoder, vectors: np.ndarray) -> None:
        order = np.random.default_rng(0).permutation(len(TEXTS))
        shuffled = encoder.encode([TEXTS[i] for i in order])
        np.testing.assert_allclose(shuffled, vectors[order], rtol=0, atol=self.tolerance)

    def test_the_same_text_twice_gives_the_same_vector(self, encoder: Encoder) -> None:
        first, _, second = encoder.encode(("night shift", "x", "night shift"))
        np.testing.assert_allclose(first, second, rtol=0, atol=self.tolerance)

    def test_different_texts_have_different_vectors(self, vectors: np.ndarray) -> None:
        words = vectors[:6]
        assert (words @ words.T)[~np.eye(6, dtype=bool)].max() < 0.95

    def test_fingerprint_and_dimension_stay(self, encoder: Encoder) -> None:
        before = encoder.fingerprint, encoder.dimension
        encoder.encode(["anything"])
        assert (encoder.fingerprint, encoder.dimension) == before
        assert encoder.fingerprint
