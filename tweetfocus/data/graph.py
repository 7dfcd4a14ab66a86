"""`FollowGraph`: who follows whom, by row number, in compressed sparse rows (CSR) both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import DataError
from tweetfocus.kernels.kinship import Surroundings
from tweetfocus.kernels.lines import Lines

if TYPE_CHECKING:
    import networkx
    from scipy.sparse import csr_array

__all__ = ["FollowGraph"]

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, repr=False)
class FollowGraph:
    """Directed graph over rows 0 .. n-1; `following(i)` and `followers(i)` are sorted views, made without a copy.

    Attributes:
        out_indptr, out_indices: row `i` follows `out_indices[out_indptr[i]:out_indptr[i + 1]]`.
        in_indptr, in_indices: the same, the other way round.
        both_indptr, both_indices: the same, in either direction, where it is known already; see `undirected`.

    Example:
        >>> graph = FollowGraph.from_pairs(3, [0, 0, 2], [1, 2, 1])
        >>> graph.following(0).tolist(), graph.followers(1).tolist()
        ([1, 2], [0, 2])
    """

    out_indptr: Ints
    out_indices: Rows
    in_indptr: Ints
    in_indices: Rows
    both_indptr: Ints | None = None
    both_indices: Rows | None = None

    @classmethod
    def from_pairs(cls, n: int, sources: npt.ArrayLike, targets: npt.ArrayLike) -> FollowGraph:
        """From source and target rows; repeated pairs count once, pairs of a row with itself are left out.

        Raises:
            DataError: unequal lengths, or a row outside 0 .. n-1.

        Example:
            >>> FollowGraph.from_pairs(2, [0, 0, 1], [1, 1, 1])
            FollowGraph(2 accounts, 1 follows)
        """
        source, target = np.asarray(sources, dtype=np.int64), np.asarray(targets, dtype=np.int64)
        if source.shape != target.shape or source.ndim != 1:
            raise DataError(f"sources {source.shape} and targets {target.shape} must be two lists of equal length")
        if source.size and not (min(source.min(), target.min()) >= 0 and max(source.max(), target.max()) < n):
            raise DataError(f"follows name rows outside 0 .. {n - 1}")
        keep = source != target
        pairs = source[keep] * n + target[keep]
        pairs.sort()  # a sort of plain numbers is many times faster than `unique` on millions of pairs
        pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])] if pairs.size else pairs
        out_source, out_target = np.divmod(pairs, max(n, 1))
        out_indptr = _indptr(out_source, n)
        turned = _matrix(out_indptr, out_target.astype(np.int32)).T.tocsr()
        return cls(out_indptr, out_target.astype(np.int32), turned.indptr.astype(np.int64), turned.indices.astype(np.int32))

    @classmethod
    def from_networkx(cls, graph: networkx.Graph[Any], *, ids: Sequence[str] | None = None) -> FollowGraph:
        """From a networkx graph; an undirected edge becomes a follow each way.

        Args:
            graph: its nodes are account ids (other values are taken by their text).
            ids: the node of each row; by default all nodes in the order of their text, as in a `Dataset`.

        Raises:
            DataError: two nodes with the same text, or a node that `ids` does not have.

        Example:
            >>> import networkx
            >>> FollowGraph.from_networkx(networkx.DiGraph([("b", "a"), ("a", "c")])).following(0).tolist()
            [2]
        """
        nodes = sorted(str(node) for node in graph.nodes)
        names = nodes if ids is None else list(ids)
        rows = {name: row for row, name in enumerate(names)}
        if len(rows) != len(names) or len(set(nodes)) != len(nodes):
            raise DataError("two nodes have the same id")
        unknown = next((node for node in nodes if node not in rows), None)
        if unknown is not None:
            raise DataError(f"node {unknown!r} is not among the ids")
        edges = [(rows[str(a)], rows[str(b)]) for a, b in graph.edges()]
        if not graph.is_directed():
            edges += [(b, a) for a, b in edges]
        pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
        return cls.from_pairs(len(names), pairs[:, 0], pairs[:, 1])

    def to_networkx(self, ids: Sequence[str] | None = None) -> networkx.DiGraph[Any]:
        """A `networkx.DiGraph` over `ids`, or over row numbers.

        Raises:
            DataError: not as many different ids as rows.

        Example:
            >>> sorted(FollowGraph.from_pairs(2, [0], [1]).to_networkx(["ana", "bo"]).edges)
            [('ana', 'bo')]
        """
        import networkx

        names: Sequence[Any] = range(len(self)) if ids is None else ids
        if len(set(names)) != len(self) or len(names) != len(self):
            raise DataError(f"{len(set(names))} different ids for {len(self)} rows")
        graph: networkx.DiGraph[Any] = networkx.DiGraph()
        graph.add_nodes_from(names)
        sources = np.repeat(np.arange(len(self)), self.out_degree)
        graph.add_edges_from((names[int(a)], names[int(b)]) for a, b in zip(sources, self.out_indices, strict=True))
        return graph

    def __len__(self) -> int:
        return len(self.out_indptr) - 1

    def __repr__(self) -> str:
        return f"FollowGraph({len(self):,} accounts, {len(self.out_indices):,} follows)"

    def following(self, row: int) -> Rows:
        """The rows that `row` follows, ascending."""
        return self.out_indices[self.out_indptr[row] : self.out_indptr[row + 1]]

    def followers(self, row: int) -> Rows:
        """The rows that follow `row`, ascending."""
        return self.in_indices[self.in_indptr[row] : self.in_indptr[row + 1]]

    def without_follows_by(self, rows: npt.NDArray[np.bool_]) -> FollowGraph:
        """The same graph without what the accounts in the (n,) mask `rows` follow.

        Example:
            >>> FollowGraph.from_pairs(3, [0, 2], [1, 1]).without_follows_by(np.array([True, False, False])).followers(1).tolist()
            [2]
        """
        if not self.out_degree[rows].any():
            return self
        source = np.repeat(np.arange(len(self)), self.out_degree)
        kept = ~rows[source]
        return FollowGraph.from_pairs(len(self), source[kept], self.out_indices[kept])

    def with_both(self) -> FollowGraph:
        """The same graph with `undirected` among its fields, so that it is stored and need not be worked out again."""
        return replace(self, both_indptr=self.undirected.indptr, both_indices=self.undirected.indices)

    @cached_property
    def out_degree(self) -> Ints:
        """(n,) how many accounts each row follows."""
        return np.diff(self.out_indptr)

    @cached_property
    def in_degree(self) -> Ints:
        """(n,) how many accounts of the graph follow each row."""
        return np.diff(self.in_indptr)

    @cached_property
    def out_matrix(self) -> csr_array:
        """(n, n) sparse, 1 where the row follows the column."""
        return _matrix(self.out_indptr, self.out_indices)

    @cached_property
    def in_matrix(self) -> csr_array:
        """(n, n) sparse, 1 where the column follows the row: the transpose of `out_matrix`, in CSR as well."""
        return _matrix(self.in_indptr, self.in_indices)

    @property
    def out_lines(self) -> Lines:
        """`out_matrix` without a number for every follow."""
        return Lines(self.out_indptr, self.out_indices)

    @property
    def in_lines(self) -> Lines:
        """`in_matrix` without a number for every follow."""
        return Lines(self.in_indptr, self.in_indices)

    @cached_property
    def undirected(self) -> Lines:
        """(n, n) sparse, 1 where either follows the other."""
        if self.both_indptr is not None and self.both_indices is not None:
            return Lines(self.both_indptr, self.both_indices)
        both = (self.out_matrix + self.in_matrix).tocsr()
        both.sort_indices()
        return Lines(both.indptr.astype(np.int64), both.indices.astype(np.int32, copy=False))

    @cached_property
    def undirected_matrix(self) -> csr_array:
        """`undirected` as a matrix of SciPy."""
        return _matrix(self.undirected.indptr, self.undirected.indices)

    @cached_property
    def undirected_degree(self) -> Ints:
        """(n,) how many accounts each row follows or is followed by."""
        return np.diff(self.undirected.indptr)

    @cached_property
    def chooses(self) -> npt.NDArray[np.bool_]:
        """(n,) who follows at least two accounts: whose choices say something."""
        return np.asarray(self.out_degree >= 2)

    @cached_property
    def followings_around(self) -> Surroundings:
        """Whom each row follows."""
        return Surroundings.of(self.out_lines, self.in_lines, np.broadcast_to(1.0, len(self)), own=False)

    @cached_property
    def followers_around(self) -> Surroundings:
        """Everybody's followers, and themselves."""
        return Surroundings.of(self.in_lines, self.out_lines, np.broadcast_to(1.0, len(self)), own=True)

    @cached_property
    def neighbours_around(self) -> Surroundings:
        """Everybody's neighbours in either direction, and themselves; the well-known count less."""
        return Surroundings.of(self.undirected, self.undirected, np.power(self.undirected_degree + 1.0, -0.25), own=True)


def _indptr(rows: Ints, n: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))]).astype(np.int64)


def _matrix(indptr: Ints, indices: Rows) -> csr_array:
    from scipy.sparse import csr_array

    n = len(indptr) - 1
    # SciPy takes both as one type: with 32 bits where they suffice it copies no column
    bounds = indptr.astype(np.int32) if len(indices) < 2**31 else indptr
    return csr_array((np.ones(len(indices), dtype=np.float32), indices, bounds), shape=(n, n))
