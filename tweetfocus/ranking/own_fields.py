"""The fields of one account in words; for one with very many posts, read from an even sample of them."""

from __future__ import annotations

import html

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.embedding.texts import clean_text
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.building import Facet, evenly
from tweetfocus.index.names import name_words
from tweetfocus.kernels.similarity import top_k, unit_rows

__all__ = ["own_fields", "sample_texts"]

_MOST = 4000  # posts, evenly spaced, that words are read from
_QUOTED = 3


def sample_texts(index: AccountIndex, row: int) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Positions among the account's embedded posts, and their cleaned texts: all of them, or 4,000 evenly spaced ones.

    Example:
        >>> import tweetfocus as tf
        >>> data = tf.Dataset.from_records([tf.Account(account_id="1")], posts=[tf.Post(account_id="1", text="Grids and #HeatPumps")])
        >>> sample_texts(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), 0)[1]
        ['Grids and Heat Pumps']
    """
    first, last = (int(end) for end in index.post_offsets[row : row + 2])
    chosen = evenly(0, last - first, _MOST)
    rows = index.post_rows[first + chosen]
    return chosen, [clean_text(text) for text in index.data.posts["text"].take(pa.array(rows)).to_pylist()]


def own_fields(index: AccountIndex, row: int) -> tuple[Facet, ...]:
    """What `AccountIndex.fields_of` gives; beyond 4,000 posts, with words and quotations from an even sample."""
    first, last = (int(end) for end in index.post_offsets[row : row + 2])
    if last - first <= _MOST:
        return index.fields_of(index.data.account_id(row))
    vectors, shares = index.facet_vectors(row)
    names = name_words(index.data, row)
    chosen, texts = sample_texts(index, row)
    labels = index.facets.post_facets[first + chosen]
    posts, written = unit_rows(index.post_vectors[first + chosen]), index.data.posts["text"]
    found = []
    for facet, (vector, share) in enumerate(zip(vectors, shares, strict=True)):
        own = [text for text, label in zip(texts, labels, strict=True) if label == facet]
        rest = [text for text, label in zip(texts, labels, strict=True) if label != facet]
        near = index.post_rows[first + chosen[top_k(vector, posts, _QUOTED)[1]]]
        quoted = tuple(html.unescape(str(written[int(at)].as_py())) for at in near)
        found.append(Facet(float(share), index.words.telling(own, rest, names=names), quoted))
    return tuple(found)
