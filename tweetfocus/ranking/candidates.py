"""Candidates: generators propose accounts, the pool remembers who proposed whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels.selection import distinct, largest
from tweetfocus.ranking.evidence import Evidence

__all__ = ["CandidateGenerator", "Pool", "Strongest", "default_generators", "make_pool"]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class CandidateGenerator(Protocol):
    """Anything that proposes accounts for a query.

    Example:
        >>> class Newest:
        ...     name = "newest"
        ...     def propose(self, evidence, k, allowed):
        ...         return np.flatnonzero(allowed)[-k:]
    """

    @property
    def name(self) -> str:
        """What `Recommendation.found_by` will say."""
        ...

    def propose(self, evidence: Evidence, k: int, allowed: Mask) -> Rows:
        """At most `k` rows out of the (n,) `allowed` ones, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Strongest:
    """Proposes the accounts for which one kind of evidence speaks most.

    Attributes:
        name: how it is called in results.
        kinds: attributes of `Evidence`; the best `k` of each are proposed.
    """

    name: str
    kinds: tuple[str, ...]

    def propose(self, evidence: Evidence, k: int, allowed: Mask) -> Rows:
        """At most `k` rows by each kind of evidence, where it is above zero; ties by row."""
        found = []
        for kind in self.kinds:
            best = evidence.strongest(kind, 4 * k)
            kept = best[allowed[best]]
            if len(kept) < k and len(best) == 4 * k:  # too many of the best are not allowed
                kept = largest(np.where(allowed, getattr(evidence, kind), 0), k)
            found.append(kept[:k])
        return np.concatenate(found)


def default_generators() -> tuple[CandidateGenerator, ...]:
    """Walks, co-follows, those whom my followers follow, those who engaged, and likeness of texts."""
    return (
        Strongest("walk", ("walk", "trust")),
        Strongest("co-follow", ("co_follow", "peers", "neighbours", "pattern", "friends", "likeness")),
        Strongest("followers", ("fellows", "audience")),
        Strongest("engaged-with-you", ("engaged", "follows_me")),
        Strongest("similarity", ("facets", "bio", "words", "alike", "spoken", "echo")),
    )


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """Candidate rows, ascending, and the names of the generators that found each."""

    rows: Rows
    found_by: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)


def make_pool(evidence: Evidence, generators: Sequence[CandidateGenerator], k: int, eligible: Mask) -> Pool:
    """Ask every generator for `k` accounts among all, and for `k` among the eligible ones.

    The first answer shows what had to be left out, the second makes sure that what was left out takes nobody's place.

    Raises:
        InvalidRequest: a generator proposed something other than rows of the index.
    """
    names: dict[int, list[str]] = {}
    everybody = np.ones(len(eligible), dtype=bool)
    for generator in generators:
        rows = _proposed(generator, evidence, k, everybody)
        if not eligible[rows].all():
            rows = np.concatenate([rows, _proposed(generator, evidence, k, eligible)])
        for row in distinct(rows).tolist():
            names.setdefault(row, []).append(generator.name)
    ordered = sorted(names)
    return Pool(np.array(ordered, dtype=np.int64), tuple(tuple(names[row]) for row in ordered))


def _proposed(generator: CandidateGenerator, evidence: Evidence, k: int, allowed: Mask) -> Rows:
    rows = np.asarray(generator.propose(evidence, k, allowed))
    if not rows.size:
        return np.zeros(0, dtype=np.int64)
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= len(allowed):
        raise InvalidRequest(f"generator {generator.name!r} must propose rows from 0 to {len(allowed) - 1}")
    return rows.astype(np.int64)
