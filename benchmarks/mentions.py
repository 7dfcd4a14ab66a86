"""How often is `mention_kind` right, beside the bare question mark and sentence embeddings?

`labelled/mentions.tsv` holds invented mentions in 22 languages. Within each kind they are sorted by SHA-256 of the text and dealt out:
every other one is for choosing rules and settings (development), the rest for the figures (test). Both were written together with the
rules, so that their figures flatter. The third part (world) holds 218 replies of the package's invented world, drawn by the same hash:
they were written before the rules, without a thought of them, in English and French, labelled before the rules were run on them, and no
rule was chosen by them.

Models that learn are compared on the development part by cross-validation; the rules and the bare question mark are measured on the
test part.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.default import default_encoder
from tweetfocus.embedding.embed import embed
from tweetfocus.embedding.texts import clean_text
from tweetfocus.index.mention_kinds import MentionKind, mention_kind
from tweetfocus.kernels.chance import share_interval

__all__ = ["Labelled", "measure", "read_mentions"]

_FILE = Path(__file__).parent / "labelled" / "mentions.tsv"
_SEED = 17
_STRENGTHS = (0.3, 1.0, 3.0, 10.0)
_KINDS = [kind.value for kind in MentionKind]


class Labelled(NamedTuple):
    """A mention, and what its author wrote it for."""

    part: str
    kind: str
    lang: str
    text: str


def read_mentions() -> list[Labelled]:
    """The labelled mentions."""
    with open(_FILE, encoding="utf-8", newline="") as file:
        return [Labelled(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def measure(cache: VectorCache | None = None) -> dict[str, Any]:
    """Precision and recall by kind with Wilson 95 % intervals, on both parts; what embeddings add, on the development part."""
    mentions = read_mentions()
    parts = {part: [m for m in mentions if m.part == part] for part in ("development", "test", "world")}
    development = parts["development"]
    truth = [m.kind for m in development]
    vectors = embed([clean_text(m.text) for m in development], default_encoder(), cache=cache).astype(np.float32)
    ruled = np.array([[mention_kind(m.text) == kind for kind in _KINDS] for m in development], dtype=np.float32)
    learned = {
        "sentence embeddings": vectors,
        "rules and sentence embeddings": np.hstack([3 * ruled, vectors]),
    }
    choosing: dict[str, Any] = {"rules": _agreement(truth, [mention_kind(m.text) for m in development])}
    choosing |= {name: _cross_validated(columns, truth) for name, columns in learned.items()}
    return {
        "mentions": {part: _counts(found) for part, found in parts.items()},
        "languages": len({m.lang for m in mentions}),
        "development": choosing,
        **{
            part: {
                "rules": _by_kind(parts[part], [mention_kind(m.text) for m in parts[part]]),
                "question mark": _by_kind(parts[part], [_marked(m.text) for m in parts[part]], kinds=["question"]),
            }
            for part in ("test", "world")
        },
        "test, English": _by_kind(*_only(parts["test"], english=True)),
        "test, other languages": _by_kind(*_only(parts["test"], english=False)),
    }


def _only(mentions: list[Labelled], *, english: bool) -> tuple[list[Labelled], list[str]]:
    kept = [m for m in mentions if (m.lang == "en") is english]
    return kept, [mention_kind(m.text) for m in kept]


def _counts(mentions: list[Labelled]) -> dict[str, int]:
    return {kind: sum(m.kind == kind for m in mentions) for kind in _KINDS}


def _marked(text: str) -> str:
    return "question" if "?" in text else "comment"


def _cross_validated(columns: npt.NDArray[np.float32], truth: list[str]) -> dict[str, Any]:
    """The best regularisation by five-fold cross-validation, and how often it is right there."""
    folds = StratifiedKFold(5, shuffle=True, random_state=_SEED)
    tried = {
        strength: _agreement(truth, cross_val_predict(LogisticRegression(C=strength, max_iter=5000), columns, truth, cv=folds))
        for strength in _STRENGTHS
    }
    best = max(tried, key=lambda strength: tried[strength]["right"])
    return {"strength": best, **tried[best]}


def _agreement(truth: Sequence[str], found: Sequence[str]) -> dict[str, Any]:
    right = sum(a == b for a, b in zip(truth, found, strict=True))
    return {"right": round(right / len(truth), 4), "interval": _interval(right, len(truth))}


def _by_kind(mentions: list[Labelled], found: Sequence[str], kinds: Sequence[str] = _KINDS) -> dict[str, Any]:
    figures: dict[str, Any] = {} if len(kinds) == 1 else {"all": _agreement([m.kind for m in mentions], found)}
    for kind in kinds:
        true = np.array([m.kind == kind for m in mentions])
        said = np.array([f == kind for f in found])
        hits = int((true & said).sum())
        figures[kind] = {
            "precision": _share(hits, int(said.sum())),
            "precision_interval": _interval(hits, int(said.sum())),
            "recall": _share(hits, int(true.sum())),
            "recall_interval": _interval(hits, int(true.sum())),
            "mentions": int(true.sum()),
        }
    return figures


def _share(hits: int, among: int) -> float | None:
    return round(hits / among, 4) if among else None


def _interval(hits: int, among: int) -> list[float] | None:
    return [round(end, 4) for end in share_interval(hits, among)] if among else None
