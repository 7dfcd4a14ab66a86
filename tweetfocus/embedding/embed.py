"""Encoding many texts: each distinct one once, from the cache where it is known, with a progress bar where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.encoders import Encoder
from tweetfocus.errors import EncoderError

__all__ = ["OnDemand", "default_cache", "embed"]

Halves = npt.NDArray[np.float16]
_CHUNK = 512  # texts between two writes to the cache: what a kill can cost


def default_cache() -> VectorCache:
    """The vector cache of this user, in the platform's cache folder."""
    import platformdirs

    return VectorCache(Path(platformdirs.user_cache_dir("tweetfocus")) / "vectors.sqlite")


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Stands in for an encoder where hardly any text lacks a vector: the encoder itself is asked for only if one does."""

    fingerprint: str
    dimension: int
    make: Callable[[], Encoder]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dimension) float32 unit rows."""
        return self.make().encode(texts)


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    *,
    cache: VectorCache | None = None,
    known: Mapping[str, Halves] | None = None,
    progress: bool = False,
) -> Halves:
    """One unit vector per text, in half precision; an empty text gets zeros.

    Half precision is applied here, before anything is computed from a vector, so that it makes no difference whether a vector was
    encoded now, came from the cache, or came from an earlier index.

    Args:
        texts: cleaned texts.
        encoder: used for the texts that neither `known` nor `cache` holds.
        cache: read from and written to while encoding, so that an interrupted run loses little.
        known: vectors at hand.
        progress: draw a bar on standard error while encoding.

    Returns:
        (n, encoder.dimension) float16.

    Raises:
        EncoderError: the encoder returned something other than one finite vector of the right length per text.

    Example:
        >>> from tweetfocus.embedding.encoders import HashingEncoder
        >>> embed(["night shift", "", "night shift"], HashingEncoder(8)).shape
        (3, 8)
    """
    vectors: dict[str, Halves] = {text: known[text] for text in set(texts) if text in known} if known else {}
    wanted = {text for text in texts if text and text not in vectors}
    # by length, so that a batch holds little padding; then by text, so that batches do not depend on the order of input
    missing = sorted(wanted, key=lambda text: (len(text), text))
    fingerprint, dimension = encoder.fingerprint, encoder.dimension
    if cache and missing:
        positions, found = cache.get(fingerprint, missing, dimension)
        vectors.update((missing[p], vector) for p, vector in zip(positions.tolist(), found, strict=True))
        missing = [text for text in missing if text not in vectors]
    if missing:
        from tqdm import tqdm

        with tqdm(total=len(missing), desc="encoding", unit="text", unit_scale=True, disable=not progress) as bar:
            for start in range(0, len(missing), _CHUNK):
                chunk = missing[start : start + _CHUNK]
                encoded = _checked(encoder.encode(chunk), len(chunk), dimension)
                if cache:
                    cache.put(fingerprint, chunk, encoded)
                vectors.update(zip(chunk, encoded, strict=True))
                bar.update(len(chunk))
    nothing = np.zeros(dimension, dtype=np.float16)
    return np.stack([vectors.get(text, nothing) for text in texts]) if texts else np.zeros((0, dimension), dtype=np.float16)


def _checked(vectors: npt.NDArray[np.float32], count: int, dimension: int) -> Halves:
    try:
        array = np.asarray(vectors, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise EncoderError(f"the encoder returned something other than numbers ({error})") from error
    if array.shape != (count, dimension):
        raise EncoderError(f"the encoder returned shape {array.shape} for {count} texts of {dimension} dimensions")
    if not np.isfinite(array).all() or not np.allclose(np.linalg.norm(array, axis=1), 1, atol=1e-2):
        raise EncoderError("the encoder returned rows that are not unit vectors")
    return array.astype(np.float16)
