"""Tuning of a peer: which of its settings ranks best on a validation split?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.peers_base import Method, Peer, Setting, World
from tweetfocus.errors import InvalidRequest
from tweetfocus.evaluation.harness import measure
from tweetfocus.evaluation.splits import Split
from tweetfocus.index.account_index import AccountIndex

__all__ = ["tune"]

_MEASURE = "ndcg@10"


def tune(
    peer: Peer,
    split: Split,
    index: AccountIndex,
    *,
    world: World | None = None,
    tell: Callable[[Setting, float], object] | None = None,
) -> tuple[Setting, float]:
    """The setting of `peer.grid` with the best mean nDCG@10, the first of equals, and that mean.

    Args:
        peer: what to tune.
        split: a validation split, made from the *training part* of the split that the peers will be measured on.
        index: of the same accounts; only its texts, vectors and facets are used, so its follows do not matter.
        world: `World.of(split, index)`, to make it once for many peers.
        tell: called with every setting and its mean.

    Raises:
        InvalidRequest: the peer has no settings.
    """
    world = World.of(split, index) if world is None else world
    trained = replace(index, data=split.train, graph=world.graph)
    best: tuple[Setting, float] | None = None
    for setting in peer.grid if _matters(peer, split, world) else peer.grid[:1]:
        mean = measure(split, trained, peer.fit(world, **setting)).mean(_MEASURE)
        if tell is not None:
            tell(setting, mean)
        if best is None or mean > best[1]:
            best = (setting, mean)
    if best is None:
        raise InvalidRequest(f"{peer.name} has no settings to choose among")
    return best


def _matters(peer: Peer, split: Split, world: World) -> bool:
    """Where no query follows or is followed by anybody, a method that needs follows is popularity, whatever its setting."""
    known = any(world.graph.out_degree[query] or world.graph.in_degree[query] for query in split.truth)
    return known or not (isinstance(peer, Method) and peer.falls_back and not peer.text_only)
