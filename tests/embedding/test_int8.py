from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.embedding.encoders import DEFAULT_MODEL, Encoder, SentenceTransformerEncoder, model_folder
from tweetfocus.embedding.int8 import Int8Encoder, _batches
from tweetfocus.errors import EncoderError, InvalidRequest, StorageError

from .encoder_contract import TEXTS, EncoderContract

NAMES = ["HF_HUB_DISABLE_PROGRESS_BARS", "TOKENIZERS_PARALLELISM"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def int8(kept: Path) -> Int8Encoder:
    encoder = Int8Encoder(folder=kept)
    before = [os.environ.get(name) for name in NAMES]
    encoder.encode(["converts the model"])
    assert [os.environ.get(name) for name in NAMES] == before
    return encoder


@pytest.fixture(scope="module")
def exact() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(bfloat16=False)


class TestInt8Encoder(EncoderContract):
    tolerance = 0.0  # to the last bit

    @pytest.fixture
    def encoder(self, int8: Int8Encoder) -> Encoder:
        return int8

    def test_it_is_near_the_exact_vectors(self, vectors: np.ndarray, exact: SentenceTransformerEncoder) -> None:
        near = (vectors * exact.encode(TEXTS)).sum(axis=1)
        assert near.mean() > 0.99
        assert near.min() > 0.95  # mistaken pooling, tokens or activations cost far more
        assert near.max() < 1 - 1e-6  # and it is not the exact one under another name

    def test_meaning_is_nearer_than_words(self, vectors: np.ndarray) -> None:
        airflow, etl, bread = vectors[:3]
        assert airflow @ etl > airflow @ bread + 0.1

    def test_words_beyond_the_cut_off_do_not_count(self, encoder: Encoder) -> None:
        long, longer = encoder.encode(["grid " * 126, "grid " * 126 + "bread " * 50])
        np.testing.assert_array_equal(long, longer)
        shorter, _ = encoder.encode(["grid " * 125, "x"])
        assert not np.array_equal(long, shorter)


def test_the_tokens_are_those_of_the_exact_encoder(int8: Int8Encoder, exact: SentenceTransformerEncoder) -> None:
    texts = [*TEXTS, "Ｆｕｌｌ wıdth — naïve CAFÉ\u200d ¿qué? 中文 @x #y 1,000.5 " + "ö" * 150, "a\x00b\ufffdc"]
    reference = exact._load()[0].tokenizer(texts, truncation=True, max_length=128)["input_ids"]
    assert [found.ids for found in int8._load().tokenizer.encode_batch(texts)] == reference


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=20), st.integers(1, 3))
def test_any_texts_in_any_company_have_one_vector(int8: Int8Encoder, texts: list[str], threads: int) -> None:
    int8._threads = threads
    together = int8.encode(texts)
    assert np.isfinite(together).all()
    np.testing.assert_array_equal(np.concatenate([int8.encode([text]) for text in texts]), together)


def test_lone_surrogates_are_encoded_like_replaced_characters(int8: Int8Encoder) -> None:
    broken, replaced = int8.encode(["half \ud83d emoji", "half ? emoji"])
    np.testing.assert_array_equal(broken, replaced)


def test_batches_hold_texts_of_one_length_and_each_once() -> None:
    tokens = [(row,) * (1 + row % 7) for row in range(2_000)]
    batches = _batches(tokens)
    assert sorted(read for batch in batches for read in batch) == sorted(tokens)
    for batch in batches:
        assert len({len(read) for read in batch}) == 1
        assert sum(map(len, batch)) <= 512
    lengths = [len(batch[0]) for batch in batches]
    assert lengths == sorted(lengths, reverse=True)
    assert len(_batches([(1,) * 2_000])) == 1  # a text longer than a batch still has one


# -- the fingerprint -----------------------------------------------------------------------------------------------------------


def test_the_fingerprint_is_that_of_the_weights_and_of_no_other_encoder(kept: Path) -> None:
    encoder = Int8Encoder(folder=kept)
    assert encoder.fingerprint == "int8-53aa51172d142c89-128"
    assert encoder.fingerprint != SentenceTransformerEncoder().fingerprint
    assert Int8Encoder(max_tokens=64).fingerprint == "int8-53aa51172d142c89-64"
    assert encoder.dimension == 384
    assert repr(encoder) == f"Int8Encoder('{DEFAULT_MODEL}')"
    assert encoder._loaded is None  # none of this needs the model


def test_a_folder_has_the_fingerprint_of_its_weights(int8: Int8Encoder, kept: Path) -> None:
    encoder = Int8Encoder(model_folder(DEFAULT_MODEL), folder=kept)
    assert (encoder.fingerprint, encoder.dimension) == (int8.fingerprint, 384)
    np.testing.assert_array_equal(encoder.encode(["night shift"]), int8.encode(["night shift"]))


# -- the file of the converted model -------------------------------------------------------------------------------------------


def _only(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_the_converted_model_is_one_file_and_is_used_again(int8: Int8Encoder, kept: Path) -> None:
    before = _only(kept).stat()
    assert _only(kept).name.startswith("int8-53aa51172d142c89d9012cce15ae4d6c-ctranslate2-")
    assert before.st_size < 30e6  # a quarter of the float32 weights
    again = Int8Encoder(folder=kept)
    np.testing.assert_array_equal(again.encode(TEXTS), int8.encode(TEXTS))
    assert (_only(kept).stat().st_ino, _only(kept).stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", ["cut", "one bit", "another file", "parts missing"])
def test_a_damaged_file_is_noticed_and_made_anew(int8: Int8Encoder, kept: Path, tmp_path: Path, damage: str) -> None:
    whole = _only(kept)
    content = bytearray(whole.read_bytes())
    broken = tmp_path / whole.name
    if damage == "cut":
        broken.write_bytes(content[: len(content) // 2])
    elif damage == "one bit":
        content[len(content) // 2] ^= 1
        broken.write_bytes(content)
    elif damage == "another file":
        broken.write_bytes(b"not a model")
    else:
        with zipfile.ZipFile(broken, "w") as packed:
            packed.writestr("config.json", "{}")
    np.testing.assert_array_equal(Int8Encoder(folder=tmp_path).encode(TEXTS[:3]), int8.encode(TEXTS[:3]))
    with zipfile.ZipFile(whole) as one, zipfile.ZipFile(_only(tmp_path)) as other:
        assert one.read("model.bin") == other.read("model.bin")


def test_several_processes_may_convert_at_once(int8: Int8Encoder, tmp_path: Path) -> None:
    program = "import sys, tweetfocus; v = tweetfocus.Int8Encoder(folder=sys.argv[1]).encode(['night shift']); print(v.tobytes().hex())"
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    printed = [process.communicate()[0].strip() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert printed == [int8.encode(["night shift"]).tobytes().hex()] * 2
    assert _only(tmp_path).suffix == ".zip"  # nothing half-written is left


def test_the_threads_of_torch_stay_as_they_were(int8: Int8Encoder, kept: Path) -> None:
    program = """
import sys, torch, tweetfocus
torch.set_num_threads(2)
print(torch.get_num_threads())  # PyTorch's own setting is final in a thread once it has looked at it
encoder = tweetfocus.Int8Encoder(folder=sys.argv[1])
encoder.encode(["night shift"])
print(torch.get_num_threads())
encoder.encode(["night shift", "heat pumps"] * 50)
print(torch.get_num_threads())
"""
    ran = subprocess.run([sys.executable, "-c", program, str(kept)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["2", "2", "2"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"file: cannot be made"):
        Int8Encoder(folder=tmp_path / "file").encode(["x"])


# -- what cannot be encoded this way -------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(model_folder(DEFAULT_MODEL), folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / "model.safetensors").symlink_to(model_folder(DEFAULT_MODEL) / "model.safetensors")
    return folder


def test_weights_with_another_hash_are_refused() -> None:
    with pytest.raises(EncoderError, match=r"the weights hash to 53aa51172d142c89…, not to 0000000000000000…"):
        Int8Encoder(sha256="0" * 64).encode(["x"])


def test_another_pooling_is_refused(copied: Path) -> None:
    (copied / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    with pytest.raises(EncoderError, match="only models that average their token vectors"):
        Int8Encoder(copied).encode(["x"])


def test_further_layers_are_refused(copied: Path) -> None:
    kinds = ["models.Transformer", "models.Pooling", "models.Dense"]
    (copied / "modules.json").write_text(json.dumps([{"type": kind} for kind in kinds]))
    with pytest.raises(EncoderError, match="a model of the parts Transformer, Pooling, Dense cannot be encoded"):
        Int8Encoder(copied).encode(["x"])


@pytest.mark.parametrize("said", ["no json", "[]"])
def test_a_damaged_description_is_refused(copied: Path, said: str) -> None:
    (copied / "1_Pooling" / "config.json").write_text(said)
    with pytest.raises(EncoderError, match=r"config\.json: the model's description"):
        Int8Encoder(copied).encode(["x"])


def test_a_model_that_cannot_be_converted_is_refused(copied: Path, tmp_path: Path) -> None:
    (copied / "config.json").write_text(json.dumps({"model_type": "no such family"}))
    with pytest.raises(EncoderError, match="not a model that can be converted to 8-bit integers"):
        Int8Encoder(copied, folder=tmp_path / "kept").encode(["x"])
    assert not (tmp_path / "kept").exists()


def test_a_damaged_tokenizer_is_refused(copied: Path, kept: Path) -> None:
    (copied / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"tokenizer\.json: not a tokenizer that can be loaded"):
        Int8Encoder(copied, folder=kept).encode(["x"])


@pytest.mark.parametrize(("option", "value"), [("threads", 0), ("threads", -2), ("max_tokens", 2)])
def test_options_out_of_range_are_refused(option: str, value: int) -> None:
    with pytest.raises(InvalidRequest, match=f"{option} must be a whole number from [13] on, not {value}"):
        Int8Encoder(**{option: value})


def test_a_processor_without_8_bit_products_is_told_of_the_other_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctranslate2

    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device: {"float32"})
    with pytest.raises(EncoderError, match=r"give SentenceTransformerEncoder\(\) .* or --encoder minilm-float32"):
        Int8Encoder().encode(["x"])
