"""The encoder that is taken where none is given: for new texts the default one, for an index the one that it was made with."""

from __future__ import annotations

import re

from tweetfocus.embedding.encoders import Encoder, HashingEncoder, SentenceTransformerEncoder
from tweetfocus.embedding.int8 import Int8Encoder

__all__ = ["default_encoder", "known_encoder"]


def default_encoder() -> Int8Encoder:
    """all-MiniLM-L6-v2 in 8 bits: from the `offline` extra where installed, else from the hub; 384 dimensions, mostly English.

    Example:
        >>> default_encoder().fingerprint
        'int8-53aa51172d142c89-128'
    """
    return Int8Encoder()


def known_encoder(fingerprint: str) -> Encoder | None:
    """The encoder of that fingerprint, if it is one of the default model as it comes, or a hashing one; nothing is loaded yet.

    Example:
        >>> known_encoder("hashing-64").dimension
        64
        >>> known_encoder("sentence-transformers-53aa51172d142c89-128")
        SentenceTransformerEncoder('sentence-transformers/all-MiniLM-L6-v2')
        >>> known_encoder("letters-1") is None
        True
    """
    if hashing := re.fullmatch(r"hashing-([1-9][0-9]{0,5})", fingerprint):
        return HashingEncoder(int(hashing[1]))
    return next((known for known in (Int8Encoder(), SentenceTransformerEncoder()) if known.fingerprint == fingerprint), None)
