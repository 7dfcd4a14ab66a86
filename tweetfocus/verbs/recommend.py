"""`recommend`: whom to follow, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest, UnknownAccount
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.candidates import CandidateGenerator, Pool, default_generators, make_pool
from tweetfocus.ranking.diversity import spread
from tweetfocus.ranking.eligibility import Dropped, Left, dropped_by, left_out
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import contributions
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.query import Query, make_query
from tweetfocus.ranking.reasons import explain
from tweetfocus.ranking.weights import Weights, default_weights, field_weights
from tweetfocus.verbs.recommendations import Recommendation, Recommendations
from tweetfocus.verbs.stages import Stages

__all__ = ["recommend"]


def recommend(
    index: AccountIndex,
    who: str | None = None,
    *,
    n: int = 50,
    interests: Sequence[str] | None = None,
    seeds: Sequence[str] | None = None,
    candidates: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    weights: Weights | None = None,
    inactive_days: int | None = 60,
    as_of: datetime | None = None,
    diversity: float = 0.5,
    generators: Sequence[CandidateGenerator] | None = None,
) -> Recommendations:
    """Rank accounts by how closely they share somebody's professional interests, and say why.

    Args:
        index: the accounts.
        who: the person, by account id or @username; may be left out where `interests` or `seeds` say what is wanted.
        n: how many to return, at most.
        interests: professional fields in words, in place of those read from the person's own bio and posts.
        seeds: accounts to find more of.
        candidates: rank only these; by default the generators propose.
        exclude: accounts not wanted. Ids that the index does not hold need no excluding and do no harm.
        weights: of the features, see `learn`; by default `default_weights` for a person, `field_weights` for a field or examples.
        inactive_days: leave out accounts whose last known post is older; None keeps them.
        as_of: count those days back from here; by default from the newest post in the index.
        diversity: how many points of score may be given up to give each of the person's fields its share of the top; 0 for none.
        generators: who proposes candidates.

    Returns:
        The recommendations, best first, ties by account id. The score of an account is the sum of its contributions and does not
        depend on the other candidates.

    Raises:
        UnknownAccount: `who` or a seed is not in the index.
        InvalidRequest: nothing to go by, or an option out of range.
        Mismatch: `interests` given, and the encoder at hand is not the one of the index.

    Example:
        >>> import tweetfocus as tf
        >>> bios = {"1": "Heat pumps and grids", "2": "Grids, heat pumps", "3": "Heat in the pastry kitchen"}
        >>> data = tf.Dataset.from_records([tf.Account(account_id=i, bio=bio) for i, bio in bios.items()])
        >>> index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
        >>> [rec.account_id for rec in tf.recommend(index, "1")]
        ['2', '3']
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise InvalidRequest(f"n must be a whole number from 1 on, not {n!r}")
    for option, value in (("inactive_days", inactive_days), ("diversity", diversity)):
        if not (value is None and option == "inactive_days") and not _amount(value):
            raise InvalidRequest(f"{option} must be a number from 0 on, not {value!r}")
    if as_of is not None and not isinstance(as_of, datetime):
        raise InvalidRequest(f"as_of must be a datetime, not {as_of!r}")
    if candidates is not None and generators is not None:
        raise InvalidRequest("candidates and generators both say whom to rank: give one of them")
    stages = Stages()
    query = make_query(index, who, interests=interests, seeds=seeds)
    person = query.row is not None and not query.seeds.size
    used = weights or (default_weights() if person else field_weights())
    evidence = Evidence(index, query)
    stages.done("question")

    unwanted, _ = _resolve(index, exclude, "exclude")
    when = as_of.replace(tzinfo=UTC) if as_of is not None and as_of.tzinfo is None else as_of
    out = left_out(index, query, unwanted, inactive_days=inactive_days, as_of=when)
    stages.done("rules")
    evidence.prepare()
    out[Left.NO_EVIDENCE] = ~evidence.any
    eligible = ~reduce(or_, out.values())
    stages.done("evidence")

    strangers: list[str] = []
    if candidates is None:
        pool = make_pool(evidence, default_generators() if generators is None else generators, max(500, 5 * n), eligible)
    else:
        rows, strangers = _resolve(index, candidates, "candidates")
        pool = Pool(np.array(rows, dtype=np.int64), (("caller",),) * len(rows))
    kept = pool.rows[eligible[pool.rows]]
    stages.done("candidates")
    # accounts that the caller named to be left out are accounted for, whether or not somebody would have proposed them
    named = {*unwanted, *query.seeds.tolist(), *pool.rows[~eligible[pool.rows]].tolist()}
    dropped = dropped_by(out, index, sorted(named))
    dropped += [Dropped(name, None, Left.UNKNOWN) for name in strangers]

    names, parts = contributions(evidence, kept, used.values)
    scores = parts.sum(axis=1)
    stages.done("scores")
    order = spread(scores, _nearest_facet(evidence, kept), query.shares, n, give_up=diversity)
    stages.done("choice")
    best = kept[order]
    own = [dict(zip(names, values, strict=True)) for values in parts[order].tolist()]
    found_by = dict(zip(pool.rows.tolist(), pool.found_by, strict=True))
    items = tuple(
        Recommendation(**told, score=score, contributions=MappingProxyType(each), reasons=reasons, found_by=found_by[row])
        for row, told, score, each, reasons in zip(
            best.tolist(),
            index.data.records(best, ("account_id", "username", "name", "bio")),
            scores[order].tolist(),
            own,
            explain(evidence, best, own),
            strict=True,
        )
    )
    stages.done("reasons")
    settings: dict[str, Any] = {
        "who": None if query.row is None else index.data.account_id(query.row),
        "n": n,
        "interests": list(interests or ()),
        "seeds": [index.data.account_id(row) for row in query.seeds.tolist()],
        "inactive_days": inactive_days,
        "as_of": when.isoformat() if when else None,
        "diversity": diversity,
        "weights": used.provenance,
        "index": index.fingerprint,
    }
    notes = _notes(index, query, len(items))
    return Recommendations(items, tuple(dropped), notes, MappingProxyType(settings), stages.seconds)


def _amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _resolve(index: AccountIndex, names: Iterable[str], option: str) -> tuple[list[int], list[str]]:
    """Rows of the accounts that the index holds, ascending, and the names of those it does not."""
    if isinstance(names, str):
        raise InvalidRequest(f"{option} is a list of accounts, not one text")
    rows: set[int] = set()
    strangers: set[str] = set()
    for name in names:
        try:
            rows.add(index.data.row(name))
        except UnknownAccount:
            strangers.add(str(name))
    return sorted(rows), sorted(strangers)


def _nearest_facet(evidence: Evidence, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    likeness = evidence.facet_likeness[rows]
    if likeness.shape[1] == 0:
        return np.full(len(rows), -1)
    return np.where(np.isfinite(likeness[:, 0]), np.nan_to_num(likeness).argmax(axis=1), -1)


def _notes(index: AccountIndex, query: Query, found: int) -> tuple[str, ...]:
    text, follows = bool(len(query.facets)), bool(query.following.size)
    notes = []
    if query.seeds.size and not text:
        notes.append("the examples have no bio or posts with words in them: ranked by follows alone")
    elif query.row is None and not query.seeds.size:
        notes.append("no account and no examples given: ranked by text alone")
    elif query.row is not None and not (text and follows):
        lacks = [] if text else ["has no bio or posts with words in them"]
        near = " who is near the declared field" if index.graph.out_degree[query.row] else ""
        lacks += [] if follows else [f"follows nobody in this index{near}"]
        by = "follows alone" if follows else f"{'text, and by ' if text else ''}who follows or speaks to them"
        who = label(index.data.account_id(query.row), index.data.username(query.row))
        notes.append(f"{who} {' and '.join(lacks)}: ranked by {by}")
    if not found:
        notes.append("nobody to recommend: nothing speaks for anybody who is left")
    return tuple(notes)
