"""The peers: the strongest simple methods, to be tuned and measured on the same split as this library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers_base import Floats, Method, Peer, World
from benchmarks.peers_graph import GRAPH_PEERS
from benchmarks.peers_library import LIBRARY_PEERS
from benchmarks.peers_text import TEXT_PEERS
from tweetfocus.evaluation.harness import Scorer

__all__ = ["FUSED", "PEERS", "RANK_FUSION", "Method", "Peer", "RankFusion", "World"]

PEERS: tuple[Peer, ...] = (*GRAPH_PEERS, *LIBRARY_PEERS, *TEXT_PEERS)
FUSED: tuple[Peer, ...] = tuple(peer for peer in PEERS if peer.name not in {"random", "popularity"})
"""Those that rank fusion is of."""


@dataclass(frozen=True)
class RankFusion:
    """Equal-weight reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009) of other peers; there is nothing to tune.

    Attributes:
        k: added to every rank.
    """

    k: int = 60
    name: str = "rank fusion"
    library: str = "own"
    text_only: bool = False

    def fit(self, world: World, scorers: Sequence[Scorer]) -> Scorer:
        """Fuse fitted scorers. Ranks are among the candidates that the query does not follow; equal scores share a mean rank."""
        from scipy.stats import rankdata

        def score(row: int) -> Floats:
            allowed = world.candidates.copy()
            allowed[world.graph.following(row)] = False
            allowed[row] = False
            fused = np.zeros(len(world.graph))
            for scorer in scorers:
                scores = np.asarray(scorer(row), dtype=np.float64)
                ranked = np.flatnonzero(allowed & np.isfinite(scores))
                fused[ranked] += 1 / (self.k + rankdata(-scores[ranked]))
            return np.where(fused > 0, fused, -np.inf)

        return score


RANK_FUSION = RankFusion()
