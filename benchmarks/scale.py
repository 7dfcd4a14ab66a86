"""How does `recommend(n=500)` grow with the index? Against the same job written plainly, on generated worlds."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plain import Plain
from benchmarks.worlds import world
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.verbs.recommend import recommend

__all__ = ["build", "measure"]

_N = 500
_DIMENSION = 384
_MOST_FOR_NETWORKX = 100_000


def build(n: int, folder: Path) -> Path:
    """The index of a world of `n` accounts in `folder`; made where it is not there yet (a million: 15 minutes, 10 GB of memory)."""
    path = folder / f"world-{n}.index"
    if not path.exists():
        AccountIndex.build(world(n), encoder=HashingEncoder(_DIMENSION), cache=False).save(path)
    return path


def measure(n: int, folder: Path, *, people: int = 20, plain_people: int = 2) -> dict[str, Any]:
    """Seconds for `people` accounts, after a first question; for some of them the plain twin's, and how far the lists agree."""
    path = build(n, folder)
    start = time.perf_counter()
    index = AccountIndex.open(path)
    opened = time.perf_counter() - start
    drawn = np.random.default_rng(2).choice(np.flatnonzero(index.graph.out_degree >= 5), people + 1, replace=False)
    who = [index.data.account_id(row) for row in drawn.tolist()]
    start = time.perf_counter()
    recommend(index, who[-1], n=_N)
    first, after_one = time.perf_counter() - start, _held()
    ours, lists = [], []
    for name in who[:people]:
        start = time.perf_counter()
        lists.append(recommend(index, name, n=_N, diversity=0, inactive_days=None))
        ours.append(time.perf_counter() - start)
    after_all = _held()
    plain = Plain(index, by_networkx=n <= _MOST_FOR_NETWORKX, nearest=5_000)
    everybody = Plain.__new__(Plain)
    everybody.__dict__.update(plain.__dict__, nearest=None)
    theirs, same, same_without_limit, apart = [], [], [], []
    for name, mine in list(zip(who[:people], lists, strict=True))[:plain_people]:
        start = time.perf_counter()
        ranked = plain.recommend(name, 3 * _N)
        theirs.append(time.perf_counter() - start)
        known = set(index.graph.following(index.data.row(name)).tolist()) | {index.data.row(name)}
        scores = {index.data.account_id(row): score for row, score in ranked if row not in known}
        same.append(len({rec.account_id for rec in mine} & set(list(scores)[: len(mine)])))
        apart += [abs(rec.score - scores[rec.account_id]) for rec in mine if rec.account_id in scores]
        unlimited = [index.data.account_id(row) for row, _ in everybody.recommend(name, 3 * _N) if row not in known]
        same_without_limit.append(len({rec.account_id for rec in mine} & set(unlimited[: len(mine)])))
    return {
        "accounts": n,
        "follows": len(index.graph.out_indices),
        "bytes per account": sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / n,
        "open_s": opened,
        "first_s": first,
        "median_s": float(np.median(ours)),
        "p95_s": float(np.quantile(ours, 0.95)),
        "stages_s": {stage: float(np.median([one.timings[stage] for one in lists])) for stage in lists[0].timings},
        "held after one question": after_one,
        "held after all questions": after_all,
        "people": people,
        "plain": {
            "walk": "networkx" if n <= _MOST_FOR_NETWORKX else "power iteration on a SciPy matrix",
            "people": plain_people,
            "median_s": float(np.median(theirs)),
            "times ours": float(np.median(theirs)) / float(np.median(ours[:plain_people])),
            "fewest of 500 in common": min(same),
            "fewest of 500 in common, all people asked": min(same_without_limit),
            "median difference of scores": float(np.median(apart)),
        },
    }


def _held() -> dict[str, float]:
    """Gigabytes that the process holds for itself, and of mapped files, which the system takes back when it needs the room."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Rss"))
    kilobytes = {name.rstrip(":"): int(amount) for name, amount, _ in lines}
    return {"private_gb": kilobytes["RssAnon"] / 1e6, "mapped_gb": (kilobytes["RssFile"] + kilobytes["RssShmem"]) / 1e6}


def in_own_process(n: int, folder: Path) -> dict[str, Any]:
    """`measure` in a fresh process, so that memory is that of one index."""
    import json

    program = (
        "import json, sys; from pathlib import Path; from benchmarks.scale import measure; "
        "print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]))))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(n), str(folder)], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
