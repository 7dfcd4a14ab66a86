"""Professions: from one sentence, or from five members, find the other members of a profession.

Members are the accounts whose bio names the profession. For the sentence, which does not use that name, the name is taken out of
every bio, or finding it would be looking it up; for the members it stays, since a real bio has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.metrics import bootstrap_interval, precision
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.verbs.recommend import recommend

__all__ = ["PROFESSIONS", "measure"]

PROFESSIONS: Mapping[str, tuple[str, str]] = {
    "journalist": (
        r"journalists?|reporters?|journalistes?",
        "I write news stories for a paper and interview people for the press",
    ),
    "lawyer": (r"lawyers?|attorneys?|avocate?s?", "I represent clients in court and give legal advice"),
    "professor": (
        r"professors?|prof|professeure?s?",
        "I teach at a university, supervise doctoral students and publish research",
    ),
    "physician": (
        r"physicians?|doctors?|md|médecins?",
        "I treat patients in a hospital and care about medicine and public health",
    ),
    "photographer": (r"photographers?|photographes?", "I take pictures with my camera, portraits and landscapes"),
    "teacher": (r"teachers?|enseignante?s?", "I work in a school, plan lessons and mark the homework of my pupils"),
    "engineer": (
        r"engineers?|developers?|ingénieure?s?",
        "I build software and systems, write code and solve technical problems",
    ),
    "author": (r"authors?|novelists?|auteure?s?", "I write books and novels for a living"),
}
_CHOSEN_ON = {"journalist", "teacher", "physician", "photographer"}
"""Those that the weights were chosen on; the others are the test part."""
_FEWEST, _SEEDS, _DRAWS, _TOP = 25, 5, 5, 50


def measure(folder: Path, *, cache: Path | None = None, seed: int = 2026) -> dict[str, Any]:
    """P@50 of each way to ask, by profession with at least 25 members; text peers beside.

    Args:
        folder: a dataset folder.
        cache: of vectors.
        seed: of the members drawn as examples.
    """
    data = read_dataset(folder)
    store: VectorCache | bool = VectorCache(cache) if cache else True
    bios = [bio or "" for bio in data.accounts["bio"].to_pylist()]
    members = {
        name: np.array([bool(re.search(rf"\b(?:{pattern})\b", bio, re.IGNORECASE)) for bio in bios])
        for name, (pattern, _) in PROFESSIONS.items()
    }
    members = {name: flags for name, flags in members.items() if flags.sum() >= _FEWEST}
    masked = _masked(data, bios)
    named, unnamed = AccountIndex.build(data, cache=store), AccountIndex.build(masked, cache=store)
    by_sentence = {name: _by_sentence(unnamed, PROFESSIONS[name][1], flags) for name, flags in members.items()}
    rng = np.random.default_rng(seed)
    by_members: dict[str, dict[str, list[float]]] = {}
    for name, flags in members.items():
        draws = [rng.choice(np.flatnonzero(flags), _SEEDS, replace=False) for _ in range(_DRAWS)]
        single = [_by_members(named, draw, flags) for draw in draws]
        by_members[name] = {method: [one[method] for one in single] for method in single[0]}
    return {
        "dataset": folder.name,
        "seed": seed,
        "members": {name: int(flags.sum()) for name, flags in members.items()},
        "share of members at random": {name: round(float(flags.mean()), 4) for name, flags in members.items()},
        "from a sentence, P@50": _table({name: {m: [v] for m, v in found.items()} for name, found in by_sentence.items()}),
        "from five members, P@50": _table(by_members),
    }


def _masked(data: Dataset, bios: list[str]) -> Dataset:
    names = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern, _ in PROFESSIONS.values()), re.IGNORECASE)
    column = data.accounts.schema.get_field_index("bio")
    field = data.accounts.schema.field(column)
    return replace(
        data, accounts=data.accounts.set_column(column, field, pa.array([names.sub(" ", b) or None for b in bios], field.type))
    )


def _by_sentence(index: AccountIndex, sentence: str, flags: npt.NDArray[np.bool_]) -> dict[str, float]:
    recs = recommend(index, interests=[sentence], n=_TOP, inactive_days=None)
    vector = unit_rows(index.encode([sentence]))[0]
    terms = index.words.vector([sentence])
    return {
        "tweetfocus": _precision([index.data.row(rec.account_id) for rec in recs], flags),
        "sentence embedding": _top(index.bio_vectors @ vector, flags, []),
        "TF-IDF": _top(index.words.weights @ terms, flags, []),
    }


def _by_members(index: AccountIndex, seeds: npt.NDArray[np.int64], flags: npt.NDArray[np.bool_]) -> dict[str, float]:
    recs = recommend(index, seeds=[index.data.account_id(int(row)) for row in seeds], n=_TOP, inactive_days=None)
    bios, words = index.bio_vectors, index.words.weights
    known = seeds.tolist()
    return {
        "tweetfocus": _precision([index.data.row(rec.account_id) for rec in recs], flags),
        "sentence embedding, centroid": _top(bios @ bios[seeds].mean(axis=0), flags, known),
        "sentence embedding, nearest member": _top((bios @ bios[seeds].T).max(axis=1), flags, known),
        "TF-IDF, centroid": _top(words @ np.asarray(words[seeds].mean(axis=0)).ravel(), flags, known),
    }


def _top(scores: npt.NDArray[np.floating], flags: npt.NDArray[np.bool_], known: list[int]) -> float:
    ranked = np.array(scores, dtype=np.float64)
    ranked[known] = -np.inf
    return _precision(np.argsort(-ranked, kind="stable")[:_TOP].tolist(), flags)


def _precision(rows: list[int], flags: npt.NDArray[np.bool_]) -> float:
    return precision(flags[np.array(rows, dtype=np.int64)], _TOP)


def _table(found: Mapping[str, Mapping[str, list[float]]]) -> dict[str, Any]:
    mean: Callable[[list[float]], float] = lambda values: round(float(np.mean(values)), 3)  # noqa: E731
    methods = list(next(iter(found.values())))
    test = [name for name in found if name not in _CHOSEN_ON]
    return {
        method: {
            "test professions": mean([value for name in test for value in found[name][method]]),
            "95 %": [round(b, 3) for b in bootstrap_interval([float(np.mean(found[name][method])) for name in test])],
            **{name: mean(list(one[method])) for name, one in found.items()},
        }
        for method in methods
    }
