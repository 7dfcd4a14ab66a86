"""A few hundred accounts chosen by relevance, or ten thousand at random? Answered with a person's own numbers, and its assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.relevance import Relevance

__all__ = ["Expected", "Rate", "Simulation", "simulate"]

Floats = npt.NDArray[np.float64]

_DRAWS = 4000
_OWN = 5  # a case of the person's own counts like so many of the field's; the field's count like at most
_FIELD = 50  # so many together


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened, in this index.

    Attributes:
        hits, among: in the person's field.
        own_hits, own_among: with the person.

    Example:
        >>> Rate(10, 100, 0, 0).mean
        0.1
    """

    hits: int
    among: int
    own_hits: int
    own_among: int

    @property
    def _beta(self) -> tuple[float, float]:
        """The Beta distribution of the rate: the field's cases, at most fifty of them, and five for each of the person's own."""
        scale = min(1.0, _FIELD / self.among) if self.among else 0.0
        hits = scale * self.hits + _OWN * self.own_hits
        misses = scale * (self.among - self.hits) + _OWN * (self.own_among - self.own_hits)
        return hits, misses

    @property
    def mean(self) -> float:
        """The expected rate; NaN where nothing is known."""
        hits, misses = self._beta
        return hits / (hits + misses) if hits + misses else float("nan")

    def draws(self, rng: np.random.Generator, many: int) -> Floats:
        """(many,) rates that are as likely as what is known makes them (Jeffreys' prior)."""
        hits, misses = self._beta
        return rng.beta(hits + 0.5, misses + 0.5, size=many)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        mean = self.mean
        return {
            "hits": self.hits,
            "among": self.among,
            "own_hits": self.own_hits,
            "own_among": self.own_among,
            "mean": mean if np.isfinite(mean) else None,
        }


@dataclass(frozen=True, slots=True)
class Expected:
    """What a crowd would bring.

    Attributes:
        accounts: its size.
        relevant, engaged, reciprocal: mean, and the ends of the 95 % interval, of the accounts that share the field, that reply,
            repost, quote or mention at least once in a time like that of the index, and that follow back.

    Example:
        >>> Expected(500, (480.0, 470.0, 490.0), (50.0, 30.0, 70.0), (200.0, 150.0, 250.0)).accounts
        500
    """

    accounts: int
    relevant: tuple[float, float, float]
    engaged: tuple[float, float, float]
    reciprocal: tuple[float, float, float]

    def __str__(self) -> str:
        parts = [
            f"{mean:,.0f} {name} ({low:,.0f} to {high:,.0f})"
            for name, (mean, low, high) in (
                ("relevant", self.relevant),
                ("engaged", self.engaged),
                ("follow back", self.reciprocal),
            )
        ]
        return f"{self.accounts:,} accounts: {', '.join(parts)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "accounts": self.accounts,
            "relevant": list(self.relevant),
            "engaged": list(self.engaged),
            "reciprocal": list(self.reciprocal),
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """Chosen against random.

    Attributes:
        chosen, random: what each crowd would bring.
        random_share: part of random accounts that share the field.
        break_even: the part from which on the random crowd would hold as many that do.
        available: relevant accounts in the index that are not followers yet.
        rates: what is assumed of relevant and other accounts, by name.
        assumptions: in words.

    Example:
        >>> one = Expected(500, (480.0, 470.0, 490.0), (50.0, 30.0, 70.0), (200.0, 150.0, 250.0))
        >>> Simulation(one, one, 0.01, 0.048, 12, {}, ()).break_even
        0.048
    """

    chosen: Expected
    random: Expected
    random_share: float
    break_even: float
    available: int
    rates: dict[str, Rate]
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "chosen": self.chosen.to_dict(),
            "random": self.random.to_dict(),
            "random_share": self.random_share,
            "break_even": self.break_even,
            "available": self.available,
            "rates": {name: rate.to_dict() for name, rate in self.rates.items()},
            "assumptions": list(self.assumptions),
        }


def simulate(
    index: AccountIndex,
    row: int,
    near: Relevance,
    *,
    chosen: int = 500,
    random: int = 10_000,
    random_share: float | None = None,
    seed: int = 0,
) -> Simulation | None:
    """Expect what two crowds of followers would bring; None where nobody's relevance, or no follow, is known.

    Args:
        index: the accounts; the rates are counted in it.
        row: the person.
        near: relevance of every account to the person.
        chosen: size of the crowd that is chosen by relevance.
        random: size of the random one.
        random_share: part of random accounts that share the field; by default that of the index.
        seed: of the draws.

    Example:
        >>> import tweetfocus as tf
        >>> from tweetfocus.ranking.relevance import relevance
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = simulate(index, index.data.row("@mara_lindqvist"), relevance(index, "@mara_lindqvist"), random_share=0.001)
        >>> found.chosen.relevant[0] > found.random.relevant[0]
        True
    """
    judged, passing = int(near.known.sum()), int(near.passes.sum())
    if not judged or not passing or not len(index.graph.out_indices):
        return None
    false = min(near.chance * (judged - passing) / passing, 1.0)
    share = (passing / judged) * (1 - false) if random_share is None else random_share
    rates = {**_engaging(index, row, near), **_returning(index, row, near)}
    rng = np.random.default_rng(seed)
    drawn = {name: rate.draws(rng, _DRAWS) for name, rate in rates.items()}

    def expect(size: int, part: float) -> Expected:
        relevant = rng.binomial(size, part, size=_DRAWS)
        others = size - relevant
        parts = [
            rng.binomial(relevant, drawn[f"relevant_{what}"]) + rng.binomial(others, drawn[f"others_{what}"])
            for what in ("engage", "return")
        ]
        return Expected(size, _summary(relevant), _summary(parts[0]), _summary(parts[1]))

    fans = np.zeros(len(index), dtype=bool)
    fans[index.graph.followers(row)] = True
    return Simulation(
        chosen=expect(chosen, 1 - false),
        random=expect(random, share),
        random_share=share,
        break_even=min(chosen * (1 - false) / random, 1.0),
        available=int((near.passes & ~fans).sum()),
        rates=rates,
        assumptions=_assumptions(near, chosen, false, share, random_share is not None),
    )


def _engaging(index: AccountIndex, row: int, near: Relevance) -> dict[str, Rate]:
    """How many followers of accounts of the field ever addressed the account they follow, relevant followers and others."""
    graph, n = index.graph, len(index)
    target = np.repeat(np.arange(n), graph.in_degree)
    source = graph.in_indices.astype(np.int64)
    talk = index.engagement
    spoke = np.unique(talk.authors.astype(np.int64) * n + np.repeat(np.arange(n), np.diff(talk.indptr)))
    return _rates("engage", near, row, field=target, other=source, happened=np.isin(source * n + target, spoke))


def _returning(index: AccountIndex, row: int, near: Relevance) -> dict[str, Rate]:
    """How many accounts that somebody of the field follows follow back, where their follows are known."""
    graph, n = index.graph, len(index)
    source = np.repeat(np.arange(n), graph.out_degree)
    target = graph.out_indices.astype(np.int64)
    known = graph.out_degree[target] > 0
    source, target = source[known], target[known]
    pairs = np.repeat(np.arange(n), graph.out_degree) * n + graph.out_indices
    return _rates("return", near, row, field=source, other=target, happened=np.isin(target * n + source, pairs))


def _rates(
    what: str,
    near: Relevance,
    row: int,
    *,
    field: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    happened: npt.NDArray[np.bool_],
) -> dict[str, Rate]:
    found = {}
    for name, kind in (("relevant", near.passes), ("others", near.known & ~near.passes)):
        theirs, mine = near.passes[field] & kind[other], (field == row) & kind[other]
        found[f"{name}_{what}"] = Rate(
            int(happened[theirs].sum()), int(theirs.sum()), int(happened[mine].sum()), int(mine.sum())
        )
    return found


def _summary(values: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def _assumptions(near: Relevance, chosen: int, false: float, share: float, given: bool) -> tuple[str, ...]:
    source = "as given" if given else "as in this index, which was collected around somebody: of all people, far fewer do"
    return (
        f"{chosen:,} accounts like the relevant ones of this index can be found; {100 * false:.1f} % of these pass by chance alone",
        f"{100 * share:.2g} % of random accounts share the field, {source}",
        "they engage and follow back as relevant and other accounts do with the accounts of the field in this index; "
        f"each case of the person's own counts {_OWN}-fold, the others together like at most {_FIELD}",
        "everybody decides for themselves, and as often in a time as long as the posts of this index span",
        f"relevant means: nearer than {100 * near.chance:g} % of random pairs of accounts are",
    )
