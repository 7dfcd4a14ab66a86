"""`Neighbourhood`: the accounts round a person's fields, laid out in the plane, in groups that telling words name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.layout import dense_groups, flat_layout
from tweetfocus.kernels.similarity import best_per_group, unit_rows
from tweetfocus.ranking.eligibility import Left, unwelcome
from tweetfocus.ranking.fit_words import fit_words
from tweetfocus.ranking.labels import one_line
from tweetfocus.ranking.query import make_query

__all__ = ["Neighbourhood", "find_neighbourhood"]

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_SMALLEST = 5  # accounts in a group
_GROUPS = 40  # at most, where all are of one size
_USERS = 2  # accounts of a group that use a word which names it
_WORDS = 3
_WORD = 36  # characters of a term
_WIDEST = 0.6  # of the uses of a word stand in a pair: then the pair names the group


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The accounts round a person's fields, in the plane. Nearness means alike in what they say; far distances mean nothing.

    Attributes:
        rows: (m,) the accounts, ascending, the person among them; those without a word in bio or posts have no place.
        places: (m, 2) in [-1, 1].
        fields: (k, 2) where the person's fields lie.
        groups: (m,) which group each account is in, the largest first; -1 for those between the groups.
        names: the telling words of each group.
        left: how many accounts are not there, by reason: a code of `Left`, "no_text", or "farther" for those beyond the number asked for.
    """

    rows: Rows
    places: Floats
    fields: Floats
    groups: Rows
    names: tuple[tuple[str, ...], ...]
    left: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.rows)


def find_neighbourhood(index: AccountIndex, who: str, *, points: int = 2000, keep: Sequence[int] | Rows = ()) -> Neighbourhood:
    """Lay out the accounts nearest to the fields of `who`, with whom they follow and who follows them.

    Link spammers and accounts that are blocked, muted, protected or opted out are there only if the person follows them.

    Args:
        index: the accounts.
        who: account id or @username.
        points: how many accounts, at most.
        keep: rows that come first when there are more, such as those of recommendations.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = find_neighbourhood(index, "@mara_lindqvist", points=50)
        >>> len(found), found.places.shape, found.left["spam"] > 0
        (50, (50, 2), True)
    """
    row = index.data.row(who)
    speaks = np.diff(index.facets.offsets) > 0
    known = np.zeros(len(index), dtype=bool)
    known[index.graph.following(row)] = known[row] = True
    out = {code: flags & ~known for code, flags in unwelcome(index, make_query(index, who)).items()}
    barred = reduce(or_, out.values())
    rows = _nearest(index, row, np.flatnonzero(speaks & ~barred), points, np.asarray(keep, dtype=np.int64))
    mine = index.facet_vectors(row)[0]
    layout = flat_layout(index.space.place(np.concatenate([_meanings(index, rows), mine])))
    places = layout[: len(rows)]
    groups = dense_groups(places, fewest=max(_SMALLEST, len(rows) // _GROUPS))
    return Neighbourhood(
        rows, places, layout[len(rows) :], groups, _names(index, rows, groups), _left(out, speaks | barred, barred, len(rows))
    )


def _nearest(index: AccountIndex, row: int, allowed: Rows, points: int, keep: Rows) -> Rows:
    """The rows to show, ascending: the person, then `keep`, then those they follow or who follow them, then the nearest."""
    tier = np.full(len(index), 3)
    tier[index.graph.followers(row)] = tier[index.graph.following(row)] = 2
    tier[keep] = 1
    tier[row] = 0
    near = np.zeros(len(index))
    mine = index.facet_vectors(row)[0]
    if len(mine):
        places = index.space.place(index.facets.vectors)
        likeness = [best_per_group(places @ centre, index.facets.offsets) for centre in index.space.place(mine)]
        near = np.nan_to_num(np.max(likeness, axis=0), nan=-2).astype(np.float64)
    order = np.lexsort((allowed, -near[allowed], tier[allowed]))
    return np.sort(allowed[order[:points]])


def _meanings(index: AccountIndex, rows: Rows) -> npt.NDArray[np.float32]:
    """(m, d) unit rows: the facets of each account together, by their shares."""
    starts, sizes = index.facets.offsets[rows], np.diff(index.facets.offsets)[rows]
    owner = np.repeat(np.arange(len(rows)), sizes)
    first = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) if len(rows) else np.zeros(0, np.int64)
    own = (np.arange(len(owner)) + first).astype(np.int64)
    meant = np.zeros((len(rows), index.facets.vectors.shape[1]), dtype=np.float32)
    np.add.at(meant, owner, np.asarray(index.facets.vectors[own]) * np.asarray(index.facets.shares[own])[:, None])
    return unit_rows(meant)


def _names(index: AccountIndex, rows: Rows, groups: Rows) -> tuple[tuple[str, ...], ...]:
    """The terms that most tell each group apart: class-based TF-IDF, as in `WordTable.telling`, counted by accounts."""
    from scipy.sparse import csr_array

    many = int(groups.max(initial=-1)) + 1
    words = index.words
    if not many or not words.vocabulary:
        return ((),) * many
    uses = csr_array((np.ones(len(words.indices)), words.indices, words.indptr), shape=(len(index), len(words.vocabulary)))
    own = uses[rows]
    inside = np.flatnonzero(groups >= 0)
    member = csr_array((np.ones(len(inside)), (groups[inside], inside)), shape=(many, len(rows)))
    here, total, sizes = (
        (member @ own).tocsr(),
        np.asarray(own.sum(axis=0)).ravel(),
        np.bincount(groups[inside], minlength=many),
    )
    found = []
    for group in range(many):
        part = slice(int(here.indptr[group]), int(here.indptr[group + 1]))
        columns, count = here.indices[part], here.data[part]
        share = count / sizes[group]
        elsewhere = (total[columns] - count) / max(len(rows) - sizes[group], 1)
        value = count * words.idf[columns] * share / (share + elsewhere)
        value[(count < _USERS) | ~words.telling_terms[columns]] = 0
        found.append(_telling(words, columns, value, dict(zip(columns.tolist(), count.tolist(), strict=True))))
    return tuple(found)


def _telling(words: WordTable, columns: Rows, value: Floats, count: Mapping[int | None, float]) -> tuple[str, ...]:
    """The best terms, without words that stand mostly in a pair, and without two that share a word."""
    vocabulary = words.vocabulary
    best = [int(at) for at in np.lexsort((columns, -value))[:200] if value[at] > 0]
    pairs = [vocabulary[columns[at]] for at in best if " " in vocabulary[columns[at]]]
    covered = {w for p in pairs for w in p.split() if count[words.column(p)] >= _WIDEST * count.get(words.column(w), np.inf)}
    chosen: list[str] = []
    for at in best:
        term = vocabulary[columns[at]]
        taken = {word for other in chosen for word in other.split()}
        if term not in covered and not taken & set(term.split()):
            chosen.append(term)
        if len(chosen) == 4 * _WORDS:
            break
    return tuple(one_line(term, _WORD) for term in fit_words(tuple(chosen))[:_WORDS])


def _left(out: Mapping[Left, Flags], counted: Flags, barred: Flags, shown: int) -> Mapping[str, int]:
    seen = np.zeros(len(barred), dtype=bool)
    left: dict[str, int] = {}
    for code, flags in out.items():
        left[code.value] = int((flags & ~seen).sum())
        seen |= flags
    left["no_text"] = int((~counted).sum())
    left["farther"] = len(barred) - sum(left.values()) - shown
    return MappingProxyType({name: count for name, count in left.items() if count})
