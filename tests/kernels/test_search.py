from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels import int8_products, survivors
from tweetfocus.kernels import search as searching
from tweetfocus.kernels.int8_products import by_numkong, by_numpy
from tweetfocus.kernels.quantized import quantize
from tweetfocus.kernels.search import search
from tweetfocus.kernels.similarity import merge_top_k, row_products, top_k, unit_rows

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Answer = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


def _world(seed: int, n: int, d: int, kind: str = "spread") -> Floats:
    """Unit vectors; `twins` are often equal, `near` differ by less than int8 can tell, `zero` are partly without direction."""
    rng = np.random.default_rng(seed)
    if kind == "twins":
        return unit_rows(rng.integers(-1, 2, (n, d)))
    if kind == "near":
        return unit_rows(rng.standard_normal((1, d)) + 1e-4 * rng.standard_normal((n, d)))
    vectors = unit_rows(rng.standard_normal((n, d)) * np.geomspace(1, 0.05, d) + 0.3)
    if kind == "zero":
        vectors[rng.random(n) < 0.5] = 0
    return vectors


def _brute(queries: Floats, vectors: Floats, k: int, allowed: Mask | None = None) -> tuple[list[float], list[int]]:
    """All scores, the best over the queries, sorted; the stable sort leaves equal scores in row order."""
    scores = np.max([row_products(np.asarray(vectors, np.float32), query) for query in queries], axis=0)
    rows = np.arange(len(vectors)) if allowed is None else np.flatnonzero(allowed)
    order = rows[np.argsort(-scores[rows], kind="stable")][:k]
    return scores[order].tolist(), order.tolist()


def _same(one: Answer, other: Answer) -> bool:
    return one[0].tolist() == other[0].tolist() and one[1].tolist() == other[1].tolist()


@pytest.fixture(params=["numkong", "numpy"])
def products(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every law holds with the compiled kernels and without them."""
    assert int8_products._numkong() is not None, "the tests need the extra fast"
    if request.param == "numpy":
        monkeypatch.setattr(int8_products, "_numkong", lambda: None)
    return str(request.param)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred rows make many blocks, shards and prunings."""
    monkeypatch.setattr(searching, "_CELLS", 64)
    monkeypatch.setattr(searching, "_FEWEST_ROWS", 16)
    monkeypatch.setattr(searching, "_MOST_ROWS", 48)
    monkeypatch.setattr(searching, "_OPENING", 1)
    monkeypatch.setattr(searching, "_GATHERED", 5)
    monkeypatch.setattr(searching, "_TOGETHER", 3)
    monkeypatch.setattr(survivors, "_ROOM", 2)


KINDS = ("spread", "twins", "near", "zero")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 3, 17, 384, 1100])
def test_single_queries_find_what_brute_force_finds(products: str, small_blocks: None, kind: str, d: int) -> None:
    vectors = _world(d, 500, d, kind)
    quantized = quantize(vectors)
    for query, k in itertools.product(_world(d + 1, 2, d), (1, 7, 499, 500, 900)):
        scores, rows = search(query, quantized, vectors, k, threads=2)
        assert (scores.tolist(), rows.tolist()) == _brute(query[None], vectors, k)


@given(st.integers(0, 10_000), st.integers(0, 90), st.integers(1, 100), st.sampled_from(KINDS), st.booleans(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_batches_facets_filters_and_halves_give_the_answers_of_brute_force(
    seed: int, n: int, k: int, kind: str, masked: bool, halves: bool
) -> None:
    rng = np.random.default_rng(seed)
    vectors: npt.NDArray[np.floating] = _world(seed, n, 6, kind)
    vectors = vectors.astype(np.float16) if halves else vectors
    queries, offsets = _world(seed + 1, 7, 6, kind) * np.float32(3), np.array([0, 1, 4, 5, 7])
    allowed = rng.random(n) < 0.4 if masked else None
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (searching, "_CELLS", 32),
            (searching, "_FEWEST_ROWS", 8),
            (searching, "_MOST_ROWS", 16),
            (searching, "_OPENING", 1),
            (searching, "_TOGETHER", 4),
            (survivors, "_ROOM", 1),
        ):
            patch.setattr(module, name, value)
        scores, rows = search(queries, quantize(vectors), vectors, k, offsets=offsets, allowed=allowed, threads=3)
        singles = search(queries, quantize(vectors), vectors, k, allowed=allowed, threads=1)
    for asker, (first, last) in enumerate(itertools.pairwise(offsets)):
        assert (scores[asker].tolist(), rows[asker].tolist()) == _brute(queries[first:last], vectors, k, allowed)
    for one, score, row in zip(queries, *singles, strict=True):
        assert (score.tolist(), row.tolist()) == _brute(one[None], vectors, k, allowed)


def test_the_answer_does_not_depend_on_how_the_work_is_divided(products: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, queries = _world(5, 3000, 32), _world(6, 40, 32)
    quantized = quantize(vectors)
    whole = search(queries, quantized, vectors, 20, threads=1)
    assert _same(whole, top_k(queries, vectors, 20))
    for cells, threads in ((1, 1), (1 << 13, 2), (1 << 15, 5)):
        monkeypatch.setattr(searching, "_CELLS", cells)
        assert _same(search(queries, quantized, vectors, 20, threads=threads), whole)
    parts = []
    for start, stop in itertools.pairwise([0, 1, 700, 701, 3000]):
        scores, rows = search(queries, quantized.part(start, stop), vectors[start:stop], 20)
        parts.append((scores, rows + start))
    assert _same(merge_top_k(parts[::-1], 20), whole)
    for query, scores, rows in zip(queries, *whole, strict=True):
        assert _same(search(query, quantized, vectors, 20), (scores, rows))


def test_another_order_of_rows_gives_the_same_scores(products: str, small_blocks: None) -> None:
    vectors, query = _world(7, 400, 12, "twins"), _world(8, 1, 12)[0]
    order = np.random.default_rng(1).permutation(400)
    scores, rows = search(query, quantize(vectors), vectors, 50)
    moved_scores, moved = search(query, quantize(vectors[order]), vectors[order], 50)
    assert moved_scores.tolist() == scores.tolist()
    above = scores > scores[-1]  # at the border, other twins may have the lower rows
    assert set(order[moved][above].tolist()) == set(rows[above].tolist())


def test_rows_that_get_better_and_better_are_all_followed(products: str, small_blocks: None) -> None:
    """The worst order: every block beats all before it."""
    angle = np.linspace(np.pi / 2, 0, 700)
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    assert search([1, 0], quantize(vectors), vectors, 5)[1].tolist() == [699, 698, 697, 696, 695]
    assert search([0, 1], quantize(vectors), vectors, 5)[1].tolist() == _brute(np.float32([[0, 1]]), vectors, 5)[1]


@pytest.mark.parametrize("query", [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
def test_where_all_scores_are_equal_the_lowest_rows_win(products: str, small_blocks: None, query: list[float]) -> None:
    vectors = np.tile(np.float32([[0.6, 0.8, 0]]), (1000, 1))
    scores, rows = search(query, quantize(vectors), vectors, 4, threads=3)
    assert rows.tolist() == [0, 1, 2, 3]
    assert scores.tolist() == row_products(vectors[:4], np.float32(query)).tolist()
    allowed = np.arange(1000) % 2 == 1
    assert search(query, quantize(vectors), vectors, 4, allowed=allowed)[1].tolist() == [1, 3, 5, 7]


def test_few_rows_are_scored(products: str) -> None:
    """What makes it fast: of 20,000 rows at most a hundredth is read as float32."""
    read: list[int] = []

    class Watched(np.ndarray):  # type: ignore[type-arg]
        def __getitem__(self, key: object) -> object:
            read.append(np.size(key))
            return np.asarray(self)[key]

    vectors = _world(9, 20_000, 64)
    query = _world(10, 1, 64)[0]
    found = search(query, quantize(vectors), vectors.view(Watched), 10)
    assert _same(found, top_k(query, vectors, 10))
    assert 10 <= sum(read) <= 200


def test_nothing_to_search_or_to_ask_gives_empty_answers(products: str) -> None:
    vectors = np.eye(3, dtype=np.float32)
    nobody = np.zeros((0, 3), np.float32)
    assert search(nobody, quantize(vectors), vectors, 2)[1].shape == (0, 2)
    assert search(vectors, quantize(nobody), nobody, 2)[1].shape == (3, 0)
    assert search(vectors[0], quantize(vectors), vectors, 2, allowed=np.zeros(3, bool))[1].shape == (0,)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"k": 0}, "k must be at least 1, not 0"),
        ({"threads": 0}, "threads must be at least 1"),
        ({"queries": [1, 0]}, "against vectors of 3 dimensions"),
        ({"queries": [np.nan, 0, 0]}, "not finite"),
        ({"queries": [np.inf, 0, 0]}, "not finite"),
        ({"vectors": np.zeros((2, 3), np.float32)}, "are not those of vectors of shape"),
        ({"allowed": np.ones(2, bool)}, "allowed has shape"),
        ({"allowed": np.ones(3, int)}, "of bool"),
        ({"offsets": np.array([0, 2])}, "offsets must ascend from 0 to 1"),
        ({"offsets": np.array([0, 0, 1])}, "offsets must ascend"),
    ],
)
def test_requests_that_do_not_fit_are_refused(changed: dict[str, object], message: str) -> None:
    given_: dict[str, object] = {"queries": [1, 0, 0], "vectors": np.eye(3, dtype=np.float32), "k": 1} | changed
    queries, vectors, k = (given_.pop(name) for name in ("queries", "vectors", "k"))
    with pytest.raises(InvalidRequest, match=message):
        search(queries, quantize(np.eye(3, dtype=np.float32)), vectors, k, **given_)  # type: ignore[arg-type]


@pytest.mark.parametrize("d", [1, 31, 384, 1040])
@pytest.mark.parametrize("m", [1, 2, 33])
def test_both_ways_to_multiply_are_exact(d: int, m: int) -> None:
    rng = np.random.default_rng(d)
    rows, queries = (rng.choice(np.array([-127, 127, 5, 0], np.int8), (count, d)) for count in (70, m))
    exact = queries.astype(np.int64) @ rows.astype(np.int64).T
    for make in (by_numkong, by_numpy):
        products = make(queries, 64)
        assert products(rows[:64]).tolist() == exact[:, :64].tolist()
        assert products(rows[64:]).tolist() == exact[:, 64:].tolist()


def test_a_processor_without_vector_instructions_falls_back_to_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    import numkong

    monkeypatch.setattr(numkong, "get_capabilities", lambda: {"serial": True, "haswell": False})
    int8_products._numkong.cache_clear()
    try:
        assert int8_products.fastest() == (by_numpy, False)
    finally:
        int8_products._numkong.cache_clear()


def test_without_numkong_numpy_multiplies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "numkong", None)
    int8_products._numkong.cache_clear()
    try:
        assert int8_products.fastest() == (by_numpy, False)
    finally:
        int8_products._numkong.cache_clear()
