"""`Query`: who asks, as the ranking sees them: facets to match, people to start from, people already known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.embedding.texts import clean_text
from tweetfocus.errors import InvalidRequest
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.names import name_words
from tweetfocus.kernels.similarity import unit_rows

__all__ = ["Query", "make_query"]

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_MOST_FACETS = 16  # of all seeds together
_NEAR = 0.3  # cosine from which an account belongs to a declared field


@dataclass(frozen=True, eq=False, slots=True)
class Query:
    """A question to the index.

    Attributes:
        row: the account that asks, if it is one.
        facets: (k, d) unit rows: the fields to match.
        shares: (k,) how much of the answer each field is worth; sums to 1 (empty without any text).
        terms: (k, v) unit TF-IDF rows: the words of each field.
        words: the most telling terms of each field, for people to read.
        walk_from: rows from which walks start.
        following: rows whose followers and co-followed accounts count: whom the person follows, or the seeds.
        seeds: rows named as examples.
        by_example: whether the facets are those of the examples.
    """

    row: int | None
    facets: Floats
    shares: Floats
    terms: Floats
    words: tuple[tuple[str, ...], ...]
    walk_from: Rows
    following: Rows
    seeds: Rows
    by_example: bool = False


def make_query(
    index: AccountIndex, who: str | None, *, interests: Sequence[str] | None = None, seeds: Sequence[str] | None = None
) -> Query:
    """Combine what the caller gave: an account, a declared field, examples, or several of them.

    A declared field takes the place of the account's own facets; examples do so where no field is declared. Beside a declared field,
    of the accounts that the person follows only those near the field count: the others speak for other interests.

    Raises:
        InvalidRequest: nothing given, or interests without words.
        UnknownAccount: an account that is not in the index.
    """
    if isinstance(interests, str) or isinstance(seeds, str):
        raise InvalidRequest("interests and seeds are lists of texts, not one text")
    if who is None and not interests and not seeds:
        raise InvalidRequest("nothing to go by: name an account, interests=[...] or seeds=[...]")
    row = None if who is None else index.data.row(who)
    examples = np.array(sorted({index.data.row(seed) for seed in seeds or ()}), dtype=np.int64)
    spoken_for = examples if examples.size or row is None else np.array([row])
    names = frozenset[str]().union(*(name_words(index.data, one) for one in spoken_for.tolist()))
    if interests:
        facets, shares, texts = _declared(index, interests)
    elif examples.size:
        facets, shares, texts = _of_accounts(index, examples)
    else:
        facets, shares, texts = _of_accounts(index, np.array([row]))
    followed = index.graph.following(row).astype(np.int64) if row is not None else examples[:0]
    start = np.array([row], dtype=np.int64) if row is not None and not examples.size else examples
    if interests and row is not None and not examples.size:
        followed = start = _near(index, followed, facets)
    return Query(
        row=row,
        facets=facets,
        shares=shares,
        terms=np.stack([index.words.vector(own) for own in texts])
        if texts
        else np.zeros((0, len(index.words.vocabulary)), np.float32),
        words=tuple(
            index.words.telling(own, [t for o, rest in enumerate(texts) if o != f for t in rest], names=names)
            for f, own in enumerate(texts)
        ),
        walk_from=start,
        following=examples if examples.size else followed,
        seeds=examples,
        by_example=bool(examples.size) and not interests,
    )


def _near(index: AccountIndex, rows: Rows, facets: Floats) -> Rows:
    """Those of `rows` with a facet near one of `facets`."""
    kept = [row for row in rows.tolist() if (index.facet_vectors(row)[0] @ facets.T).max(initial=0) >= _NEAR]
    return np.array(kept, dtype=np.int64)


def _declared(index: AccountIndex, interests: Sequence[str]) -> tuple[Floats, Floats, list[list[str]]]:
    fields = [clean_text(text) if isinstance(text, str) else "" for text in interests]
    for text, field in zip(interests, fields, strict=True):
        if not any(map(str.isalnum, field)):
            raise InvalidRequest(f"interests must be texts with words in them, not {text!r}")
    share = np.full(len(fields), 1 / len(fields), dtype=np.float32)
    return unit_rows(index.encode(fields)), share, [[field] for field in fields]


def _of_accounts(index: AccountIndex, rows: Rows) -> tuple[Floats, Floats, list[list[str]]]:
    found: list[tuple[float, Floats, list[str]]] = []
    for row in rows.tolist():
        vectors, shares = index.facet_vectors(row)
        found += list(zip(shares.tolist(), vectors, index.facet_texts(row), strict=True))
    # the largest facets of all; sorting is stable, so equal ones stay in the order of rows
    found = sorted(found, key=lambda facet: -facet[0])[:_MOST_FACETS]
    if not found:
        return np.zeros((0, index.bio_vectors.shape[1]), np.float32), np.zeros(0, np.float32), []
    shares = np.array([share for share, _, _ in found], dtype=np.float32)
    return np.stack([vector for _, vector, _ in found]), shares / shares.sum(), [texts for _, _, texts in found]
