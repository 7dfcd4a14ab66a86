"""How fast is exact search, beside other exact searches, and beside approximate ones with the time to build them counted?

Vectors are made of real ones: x + 0.35 (y - z) of three texts, scaled to length one, keeps the spectrum that search depends on.
Every method answers before it is timed, and has to find what `top_k` finds; then all take turns, round by round.
"""

from __future__ import annotations

import importlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.results import threads_used
from tweetfocus.kernels.quantized import QuantizedRows, quantize
from tweetfocus.kernels.search import search
from tweetfocus.kernels.similarity import merge_top_k, top_k, unit_rows

__all__ = ["measure_approximate", "measure_batch", "measure_one", "real_vectors", "resampled"]

Floats = npt.NDArray[np.float32]
Answer = tuple[npt.NDArray[np.floating], npt.NDArray[np.integer]]
Method = Callable[[Floats], Answer]

_K = 100
_MIXED = 0.35
_PART = 1 << 16
_NEAR = 1e-5  # scores of others are summed in another order
_RECALL = 0.99


def real_vectors(path: Path | None) -> Floats:
    """Of an index folder, of a vector cache, or of the invented world (encoded with the default model)."""
    if path is None:
        import tweetfocus as tf

        index = tf.AccountIndex.build(tf.demo_dataset())
        found = np.concatenate([index.bio_vectors, index.post_vectors])
    elif path.is_dir():
        from tweetfocus.index.account_index import AccountIndex

        index = AccountIndex.open(path)
        found = np.concatenate([index.bio_vectors, index.post_vectors])
    else:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            blobs = [blob for (blob,) in db.execute("SELECT vector FROM vectors ORDER BY encoder, text")]
        found = np.stack([np.frombuffer(blob, np.float16) for blob in blobs])
    return unit_rows(found[found.any(axis=1)])


def resampled(real: Floats, n: int, *, seed: int = 0) -> Floats:
    """(n, d) unit vectors that spread as the real ones do."""
    rng = np.random.default_rng(seed)
    made = np.empty((n, real.shape[1]), np.float32)
    for start in range(0, n, _PART):
        x, y, z = rng.integers(0, len(real), (3, min(_PART, n - start)))
        made[start : start + len(x)] = unit_rows(real[x] + np.float32(_MIXED) * (real[y] - real[z]))
    return made


def measure_one(real: Floats, *, n: int = 1_000_000, rounds: int = 9) -> dict[str, Any]:
    """One query, top 100: seconds of each method, and of reading the int8 rows once."""
    vectors = resampled(real, n)
    start = time.perf_counter()
    quantized = quantize(vectors)
    quantizing = time.perf_counter() - start
    methods = {"tweetfocus": _ours(quantized, vectors), "numpy": _numpy_one(vectors), **_rivals_one(vectors)}
    queries = resampled(real, rounds, seed=1)
    for query in queries[:2]:
        _must_agree(methods, query[None], top_k(query[None], vectors, _K))
    times = _in_turn({**methods, "reading the int8 rows once": lambda _: _read(quantized)}, [query[None] for query in queries])
    return {
        "accounts": n,
        "dimensions": int(real.shape[1]),
        "k": _K,
        "rounds": rounds,
        "threads": threads_used(),
        "quantizing_s": quantizing,
        **_compared(times, "tweetfocus"),
    }


def measure_batch(real: Floats, *, n: int = 1_000_000, m: int = 1024, rounds: int = 2) -> dict[str, Any]:
    """Many queries at once, top 100 of each: seconds of each method."""
    vectors = resampled(real, n)
    quantized, queries = quantize(vectors), resampled(real, m, seed=1)
    methods = {"tweetfocus": _ours(quantized, vectors), "numpy, in blocks": _numpy_blocks(vectors), **_rivals_batch(vectors)}
    some = queries[:4]
    _must_agree(methods, some, top_k(some, vectors, _K))
    times = _in_turn(methods, [queries] * rounds)
    # operations of one product of float32, for the roofline
    side = vectors[:8192]
    start = time.perf_counter()
    np.matmul(queries, side.T)
    product = 2 * len(side) * m * real.shape[1] / (time.perf_counter() - start)
    return {
        "accounts": n,
        "queries": m,
        "k": _K,
        "rounds": rounds,
        "threads": threads_used(),
        "float32_product_gflops": product / 1e9,
        "tweetfocus_gops": 2 * n * m * real.shape[1] / float(np.median(times["tweetfocus"])) / 1e9,
        **_compared(times, "tweetfocus"),
    }


def measure_approximate(real: Floats, *, n: int = 50_000, m: int = 200) -> dict[str, Any]:
    """Approximate indexes at recall 0.99, building counted: after how many single queries are they ahead?"""
    vectors, queries = resampled(real, n), resampled(real, m, seed=1)
    start = time.perf_counter()
    quantized = quantize(vectors)
    quantizing = time.perf_counter() - start
    ours = _ours(quantized, vectors)
    true = [set(rows[0].tolist()) for _, rows in (ours(query[None]) for query in queries)]
    exact = _per_query(ours, queries)
    found: dict[str, Any] = {"tweetfocus": {"build_s": quantizing, "query_s": exact, "recall": 1.0}}
    for name, make in _GRAPHS.items():
        try:
            start = time.perf_counter()
            answer, widen = make(vectors)
            build = time.perf_counter() - start
        except ImportError:
            continue
        for width in (100, 150, 200, 300, 400, 600, 800, 1200, 1600):
            widen(width)
            recall = float(
                np.mean([len(t & set(answer(q[None])[1][0].tolist())) / _K for q, t in zip(queries, true, strict=True)])
            )
            if recall >= _RECALL:
                break
        seconds = _per_query(answer, queries)
        gain = exact - seconds
        even = (build - quantizing) / gain if gain > 0 else None
        found[name] = {"build_s": build, "query_s": seconds, "recall": recall, "width": width, "ahead_after_queries": even}
    return {"accounts": n, "queries": m, "k": _K, "threads": threads_used(), "methods": found}


# -- methods ----------------------------------------------------------------------------------------------------------------


def _ours(quantized: QuantizedRows, vectors: Floats) -> Method:
    return lambda queries: search(queries, quantized, vectors, _K)


def _numpy_one(vectors: Floats) -> Method:
    def answer(queries: Floats) -> Answer:
        scores = vectors @ queries[0]
        rows = np.argpartition(scores, -_K)[-_K:]
        order = np.lexsort((rows, -scores[rows]))
        return scores[rows][order][None], rows[order][None]

    return answer


def _numpy_blocks(vectors: Floats) -> Method:
    def answer(queries: Floats) -> Answer:
        best: Answer | None = None
        for start in range(0, len(vectors), 1 << 14):
            scores = queries @ vectors[start : start + (1 << 14)].T
            k = min(_K, scores.shape[1])
            rows = np.argpartition(scores, -k, axis=1)[:, -k:]
            part = np.take_along_axis(scores, rows, axis=1), rows + start
            best = part if best is None else merge_top_k([best, part], _K)
        assert best is not None
        return best

    return answer


def _rivals_one(vectors: Floats) -> dict[str, Method]:
    found: dict[str, Method] = dict(_faiss(vectors))
    try:
        usearch = importlib.import_module("usearch.index")

        def exact(queries: Floats) -> Answer:
            matches = usearch.search(vectors, queries[0], _K, usearch.MetricKind.IP, exact=True)
            return 1 - np.asarray(matches.distances)[None], np.asarray(matches.keys)[None]

        found["usearch, exact"] = exact
    except ImportError:
        pass
    from sklearn.neighbors import NearestNeighbors

    brute = NearestNeighbors(n_neighbors=_K, algorithm="brute", metric="euclidean").fit(vectors)

    def neighbours(queries: Floats) -> Answer:
        distances, rows = brute.kneighbors(queries)
        return 1 - distances**2 / 2, rows

    found["scikit-learn, brute"] = neighbours
    return found


def _rivals_batch(vectors: Floats) -> dict[str, Method]:
    found: dict[str, Method] = dict(_faiss(vectors))
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return found
    whole = torch.from_numpy(vectors)

    def answer(queries: Floats) -> Answer:
        asked, best = torch.from_numpy(queries), None
        for start in range(0, len(vectors), 1 << 14):
            scores, rows = torch.topk(asked @ whole[start : start + (1 << 14)].T, _K)
            rows = rows + start
            if best is not None:
                scores, rows = torch.cat([best[0], scores], 1), torch.cat([best[1], rows], 1)
                scores, order = torch.topk(scores, _K)
                rows = torch.gather(rows, 1, order)
            best = scores, rows
        return best[0].numpy(), best[1].numpy()  # type: ignore[index]

    found["torch, in blocks"] = answer
    return found


def _faiss(vectors: Floats) -> dict[str, Method]:
    try:
        faiss = importlib.import_module("faiss")
    except ImportError:
        return {}
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    return {"faiss, flat": lambda queries: flat.search(queries, _K)}


def _usearch_graph(vectors: Floats) -> tuple[Method, Callable[[int], None]]:
    usearch = importlib.import_module("usearch.index")
    graph = usearch.Index(ndim=vectors.shape[1], metric="ip", dtype="f16", connectivity=16, expansion_add=128)
    graph.add(np.arange(len(vectors)), vectors)

    def answer(queries: Floats) -> Answer:
        matches = graph.search(queries[0], _K)
        return np.asarray(matches.distances)[None], np.asarray(matches.keys)[None]

    def widen(width: int) -> None:
        graph.expansion_search = width

    return answer, widen


def _hnswlib_graph(vectors: Floats) -> tuple[Method, Callable[[int], None]]:
    hnswlib = importlib.import_module("hnswlib")
    graph = hnswlib.Index(space="ip", dim=vectors.shape[1])
    graph.init_index(max_elements=len(vectors), M=16, ef_construction=128, random_seed=1)
    graph.add_items(vectors)
    return lambda queries: graph.knn_query(queries, k=_K)[::-1], graph.set_ef


def _faiss_graph(vectors: Floats) -> tuple[Method, Callable[[int], None]]:
    faiss = importlib.import_module("faiss")
    graph = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = 128
    graph.add(vectors)

    def widen(width: int) -> None:
        graph.hnsw.efSearch = width

    return lambda queries: graph.search(queries, _K), widen


_GRAPHS = {"usearch, HNSW": _usearch_graph, "hnswlib": _hnswlib_graph, "faiss, HNSW": _faiss_graph}


# -- measuring --------------------------------------------------------------------------------------------------------------


def _must_agree(methods: dict[str, Method], queries: Floats, true: Answer) -> None:
    """Ours bit for bit; others to within the rounding of another order of summation."""
    for name, method in methods.items():
        scores, rows = method(queries)
        if name == "tweetfocus":
            assert np.array_equal(scores, true[0]), f"{name}: other scores"
            assert np.array_equal(rows, true[1]), f"{name}: other rows"
        else:
            np.testing.assert_allclose(scores, true[0], atol=_NEAR, err_msg=name)


def _in_turn(methods: dict[str, Callable[[Any], object]], asked: list[Any]) -> dict[str, list[float]]:
    """Seconds of each, all methods within each round."""
    times: dict[str, list[float]] = {name: [] for name in methods}
    for what in asked:
        for name, method in methods.items():
            start = time.perf_counter()
            method(what)
            times[name].append(time.perf_counter() - start)
    return times


def _per_query(method: Method, queries: Floats) -> float:
    return float(np.median(_in_turn({"": method}, [query[None] for query in queries])[""]))


def _read(quantized: QuantizedRows) -> None:
    """Every byte once, by the fastest loop that NumPy has."""
    quantized.codes.reshape(-1).view(np.int64).max()


def _compared(times: dict[str, list[float]], ours: str) -> dict[str, Any]:
    """Medians with quartiles, and how many times ours each takes, round by round."""
    methods = {}
    for name, seconds in times.items():
        low, middle, high = np.percentile(seconds, [25, 50, 75])
        ratio = float(np.median(np.divide(seconds, times[ours])))
        methods[name] = {"median_s": float(middle), "quartiles_s": [float(low), float(high)], "times_ours": ratio}
    return {"methods": methods}
