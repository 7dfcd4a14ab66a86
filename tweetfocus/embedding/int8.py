"""`Int8Encoder`: sentence-transformers models with 8-bit integers, several times as fast on a processor; the default.

CTranslate2 runs the transformer: weights are rounded once, per row of a matrix, and activations token by token. Texts with the same
number of tokens share a batch, so nothing is padded, and a text's vector does not depend on the texts beside it, to the last bit.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tweetfocus.data.tables import replacing
from tweetfocus.embedding.encoders import (
    DEFAULT_DIMENSION,
    DEFAULT_MODEL,
    default_weights,
    model_folder,
    quietly,
    weights_hash,
)
from tweetfocus.errors import EncoderError, InvalidRequest, StorageError
from tweetfocus.kernels.similarity import unit_rows

if TYPE_CHECKING:
    import ctranslate2
    import tokenizers

__all__ = ["Int8Encoder"]

_BATCH_TOKENS = 512  # what fits the second-level cache; more is slower


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: ctranslate2.Encoder
    tokenizer: tokenizers.Tokenizer
    weights: str
    dimension: int


class Int8Encoder:
    """A sentence-transformers model of the BERT family with 8-bit weights, for processors; the default encoder.

    With a graphics card, `SentenceTransformerEncoder` is the better choice: it computes there, and this one never does.

    The vectors are close to those of `SentenceTransformerEncoder`, not equal, so the fingerprint is another one: indexes and cached
    vectors of the two never mix. On one machine a text has one vector, whatever is encoded beside it. Another kind of processor
    rounds in other places; there a vector is as far from this one as both are from the exact one.

    The converted model is made on first use and kept in one file, in the cache folder of this user; it holds weights only.

    Args:
        model: a name on the hub or a folder; token vectors must be averaged, as most sentence models do.
        sha256: what the weights (model.safetensors) must hash to; known for the default model.
        max_tokens: longer texts are cut.
        threads: batches encoded at the same time; by default as many as there are cores for this process.
        folder: where the converted model is kept.

    Raises:
        InvalidRequest: fewer than 3 tokens, or no thread.
        EncoderError: on first use, when the model cannot be loaded or converted, its weights have another hash, or the processor
            does not multiply 8-bit integers.
        StorageError: on first use, when the converted model cannot be kept.

    Example:
        >>> Int8Encoder().fingerprint
        'int8-53aa51172d142c89-128'
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = DEFAULT_MODEL,
        *,
        sha256: str | None = None,
        max_tokens: int = 128,
        threads: int | None = None,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        for option, value, least in (("max_tokens", max_tokens, 3), ("threads", threads, 1)):  # a start, a word and an end
            if value is not None and value < least:
                raise InvalidRequest(f"{option} must be a whole number from {least} on, not {value!r}")
        self._name = os.fspath(model)
        self._expected = sha256 or default_weights(self._name)
        self._max_tokens = max_tokens
        self._threads = threads or _cores()
        self._kept_in = Path(folder) if folder else None
        self._loaded: _Loaded | None = None

    def __repr__(self) -> str:
        return f"Int8Encoder({self._name!r})"

    @property
    def fingerprint(self) -> str:
        """`int8`, the start of the weights' SHA-256, and the cut-off."""
        weights = self._expected or self._load().weights
        return f"int8-{weights[:16]}-{self._max_tokens}"

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        if self._expected and self._expected == default_weights(DEFAULT_MODEL):
            return DEFAULT_DIMENSION
        return self._load().dimension

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dimension) float32 unit rows."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        loaded = self._load()
        distinct = list(dict.fromkeys(texts))
        tokens = [tuple(found.ids) for found in loaded.tokenizer.encode_batch_fast([_encodable(text) for text in distinct])]
        # texts that the model reads alike, such as those of signs it does not know, are one
        rows = {read: row for row, read in enumerate(dict.fromkeys(tokens))}
        vectors = np.empty((len(rows), loaded.dimension), dtype=np.float32)

        def run(batch: list[tuple[int, ...]]) -> None:
            states = np.asarray(loaded.model.forward_batch(list(map(list, batch))).last_hidden_state)
            vectors[[rows[read] for read in batch]] = states.mean(axis=1)

        with ThreadPoolExecutor(self._threads) as pool:
            for _ in pool.map(run, _batches(list(rows))):
                pass
        place = {text: rows[read] for text, read in zip(distinct, tokens, strict=True)}
        return unit_rows(vectors[[place[text] for text in texts]])

    def _load(self) -> _Loaded:
        if self._loaded is None:
            source = model_folder(self._name)
            weights = weights_hash(self._name, source, self._expected)
            limit = min(self._max_tokens, _most_tokens(source))
            _check_pooling(source)
            model = _open(self._kept(weights), source, self._threads)
            tokenizer = _tokenizer(source, limit)
            states = model.forward_batch([tokenizer.encode("x").ids]).last_hidden_state
            self._loaded = _Loaded(model, tokenizer, weights, int(states.shape[-1]))
        return self._loaded

    def _kept(self, weights: str) -> Path:
        """The file of the converted model: named by its weights, and by the version that made it."""
        import ctranslate2
        import platformdirs

        folder = self._kept_in or Path(platformdirs.user_cache_dir("tweetfocus")) / "models"
        return folder / f"int8-{weights[:32]}-ctranslate2-{ctranslate2.__version__}.zip"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _encodable(text: str) -> str:
    """Lone surrogates cannot be handed to the tokenizer."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _batches(tokens: list[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    """Texts of one number of tokens in a batch, the longest first, so that the last batches are the short ones."""
    found = []
    for length, group in groupby(sorted(tokens, key=lambda read: (-len(read), read)), key=len):
        alike, size = list(group), max(1, _BATCH_TOKENS // length)
        found += [alike[start : start + size] for start in range(0, len(alike), size)]
    return found


# -- the converted model -------------------------------------------------------------------------------------------------------


def _open(kept: Path, source: Path, threads: int) -> ctranslate2.Encoder:
    """The converted model: from its file where that is whole, else made anew. Several processes may do so at once."""
    import ctranslate2

    if "int8_float32" not in ctranslate2.get_supported_compute_types("cpu"):
        raise EncoderError(
            "this processor cannot multiply 8-bit integers; give SentenceTransformerEncoder() as the encoder, "
            "or --encoder minilm-float32 on the command line"
        )
    files = _read(kept)
    if files is None:
        files = _convert(source)
        _write(kept, files)
    # one thread per batch and several batches at once: no batch waits for the slowest part of another
    settings = {"device": "cpu", "compute_type": "int8_float32", "inter_threads": threads, "intra_threads": 1}
    try:
        # loading leaves the thread it happens in with one OpenMP thread; the caller's PyTorch should keep its own
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(ctranslate2.Encoder, str(source), files=files, **settings).result()
    except (RuntimeError, ValueError) as error:
        raise EncoderError(f"{kept}: not a model that CTranslate2 can load ({error}); delete the file and try again") from error


def _read(kept: Path) -> dict[str, bytes] | None:
    """The files of the model; nothing where there are none, or where their checksums do not fit."""
    try:
        with zipfile.ZipFile(kept) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        return None
    return files if {"model.bin", "config.json"} <= files.keys() else None


def _write(kept: Path, files: dict[str, bytes]) -> None:
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{kept.parent}: cannot be made ({error.strerror})") from error
    with replacing(kept) as file, zipfile.ZipFile(file, "w") as packed:  # stored as they are: weights do not shrink
        for name, content in files.items():
            packed.writestr(name, content)


def _convert(source: Path) -> dict[str, bytes]:
    from ctranslate2.converters import TransformersConverter

    with tempfile.TemporaryDirectory() as folder, quietly():
        try:
            made = Path(TransformersConverter(str(source)).convert(str(Path(folder) / "model"), quantization="int8"))
        except Exception as error:  # of any kind: a model is a folder of other libraries' files
            raise EncoderError(f"{source}: not a model that can be converted to 8-bit integers ({error})") from error
        return {path.name: path.read_bytes() for path in sorted(made.iterdir())}


def _tokenizer(source: Path, max_tokens: int) -> tokenizers.Tokenizer:
    import tokenizers

    try:
        found = tokenizers.Tokenizer.from_file(str(source / "tokenizer.json"))
    except Exception as error:  # the library raises nothing narrower
        raise EncoderError(f"{source / 'tokenizer.json'}: not a tokenizer that can be loaded ({error})") from error
    found.no_padding()
    found.enable_truncation(max_tokens)
    return found


def _check_pooling(source: Path) -> None:
    said = _json(source / "1_Pooling" / "config.json")
    modes = {name for name, on in said.items() if name.startswith("pooling_mode") and on not in (False, None)}
    if not (modes == {"pooling_mode_mean_tokens"} or (modes == {"pooling_mode"} and said["pooling_mode"] == "mean")):
        raise EncoderError(f"{source}: only models that average their token vectors can be encoded with 8-bit integers")
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in _json(source / "modules.json", list)]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        raise EncoderError(f"{source}: a model of the parts {', '.join(kinds)} cannot be encoded with 8-bit integers")


def _most_tokens(source: Path) -> int:
    said = _json(source / "sentence_bert_config.json").get("max_seq_length")
    return int(said) if isinstance(said, int) and said > 2 else 512


def _json(path: Path, kind: type = dict) -> Any:
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: the model's description cannot be read ({error})") from error
    if not isinstance(said, kind):
        raise EncoderError(f"{path}: the model's description is not what it should be")
    return said
