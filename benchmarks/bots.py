"""How well does `Signals.automation` tell automated accounts from others, beside text classifiers trained on the same accounts?

Needs a dataset folder whose accounts have two more columns: `last_post`, a text, and `bot`, 1 for automated accounts and 0 for others.
Seven accounts in ten are for choosing and fitting (by cross-validation among them), the rest for the figures. Accounts with the same
bio or the same post stay on one side. No model sees follower counts, verification, or the word "bot".

What `--refit` prints is what the package holds: fitted on the seven in ten, rounded, and then measured on the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from scipy.sparse import coo_array, csr_array, hstack
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account, Post
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.default import default_encoder
from tweetfocus.embedding.embed import embed
from tweetfocus.embedding.texts import clean_text
from tweetfocus.errors import DataError
from tweetfocus.index.automation import FEATURES, automation_features
from tweetfocus.index.signals import addresses_somebody, measure_signals

__all__ = ["measure", "refit"]

Array = npt.NDArray[Any]
Matrix = Any  # an array or a sparse one

_SEED = 17
_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_DRAWS = 2000
_ESCAPE = re.compile(r"\\{1,2}(?:[uU]([0-9a-fA-F]{8}|[0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
# also inside of @names and #tags, where a text classifier would find it
_BOT = re.compile(
    r"[@#]\w*bot\w*|\b\w*bots?(?:[_\d]\w*)?\b|\b\w*robot\w*|(?-i:\b[Bb]ot(?=[A-Z])\w*)|\bbot(?:ted|ting)\b", re.IGNORECASE
)
_LINK_OR_NAME = re.compile(r"(?:https?://|www\.)\S+|@\w+")


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Accounts with a bio or a post, and whether they are automated."""

    data: Dataset
    label: Array
    fit: Array  # rows
    test: Array
    group: Array

    def folds(self) -> list[tuple[Array, Array]]:
        """Five cross-validation folds of the rows for fitting."""
        parts = StratifiedGroupKFold(5, shuffle=True, random_state=_SEED).split(
            self.fit, self.label[self.fit], self.group[self.fit]
        )
        return [(self.fit[a], self.fit[b]) for a, b in parts]


def read(data: Dataset) -> _Labelled:
    """Take `last_post` for the one post of each account, and split.

    Raises:
        DataError: a column is missing.
    """
    missing = {"bot", "last_post"} - set(data.accounts.column_names)
    if missing:
        raise DataError(
            f"bots needs accounts with a column {' and a column '.join(sorted(missing))} (bot is 0 or 1, last_post a text)"
        )
    told = data.accounts.filter(pc.is_valid(data.accounts["bot"])).select(
        ["account_id", "bio", "last_post", "lang", "following_count", "post_count", "bot"]
    )
    people = [person for person in told.to_pylist() if _said(person["bio"]) or _said(person["last_post"])]
    accounts = [
        Account(
            account_id=person["account_id"],
            bio=_repaired(_unquoted(person["bio"] or "", person["lang"])),
            following_count=person["following_count"],
            post_count=person["post_count"],
        )
        for person in people
    ]
    posts = [Post(account_id=p["account_id"], text=_repaired(p["last_post"])) for p in people if _said(p["last_post"])]
    label = np.array([person["bot"] for person in people])
    group = _same_text([(person["bio"], person["last_post"]) for person in people])
    tenths = list(StratifiedGroupKFold(10, shuffle=True, random_state=_SEED).split(label, label, group))
    test = np.sort(np.concatenate([part for _, part in tenths[:3]]))
    return _Labelled(Dataset.from_records(accounts, posts=posts), label, np.setdiff1d(np.arange(len(label)), test), test, group)


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def _unquoted(text: str, language: str | None) -> str:
    """Some of the accounts were written down with quotation marks round every text, the language included."""
    return text.strip('"') if (language or "").startswith('"') else text


def _repaired(text: str) -> str:
    """Characters that were written as Python escapes."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= 0x10FFFF else ""

    text = _ESCAPE.sub(character, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\\n", " ").replace('\\"', '"').replace("\\'", "'")


def _same_text(texts: list[tuple[str | None, str | None]]) -> Array:
    """Groups of accounts that share a bio or a post."""
    known: dict[tuple[int, str], int] = {}
    pairs = [
        (row, known.setdefault((kind, said), len(known)))
        for row, both in enumerate(texts)
        for kind, text in enumerate(both)
        if (said := clean_text(text).lower())
    ]
    of = coo_array((np.ones(len(pairs)), np.transpose(pairs)), shape=(len(texts), len(known))).tocsr()
    return connected_components(of @ of.T, directed=False)[1]


# -- models ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Model:
    """Logistic regression over blocks of columns; what is learned of a block comes from the fitting rows only."""

    blocks: tuple[Callable[[Array], Matrix], ...]

    def columns(self, fit: Array) -> Matrix:
        """(n, columns) of all accounts."""
        return hstack([csr_array(block(fit)) for block in self.blocks]).tocsr()

    def choose(self, labelled: _Labelled) -> tuple[float, float]:
        """The regularisation with the best mean AUC over the folds, and that AUC."""
        label = labelled.label
        found: dict[float, list[float]] = {strength: [] for strength in _STRENGTHS}
        for fit, held in labelled.folds():
            columns = self.columns(fit)
            for strength, values in found.items():
                fitted = _logistic(columns[fit], label[fit], strength)
                values.append(float(roc_auc_score(label[held], fitted.decision_function(columns[held]))))
        best = max(found, key=lambda strength: np.mean(found[strength]))
        return best, float(np.mean(found[best]))

    def scores(self, labelled: _Labelled, strength: float) -> Array:
        """(n,) log-odds of all accounts, fitted on those for fitting."""
        columns = self.columns(labelled.fit)
        return _logistic(columns[labelled.fit], labelled.label[labelled.fit], strength).decision_function(columns)


def _logistic(columns: Matrix, label: Array, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=5000).fit(columns, label)


def _standardised(values: Array) -> Callable[[Array], Matrix]:
    """Centred and scaled by the fitting rows; what is not known is put at their mean."""

    def block(fit: Array) -> Matrix:
        return np.nan_to_num((values - np.nanmean(values[fit], axis=0)) / np.maximum(np.nanstd(values[fit], axis=0), 1e-9))

    return block


def _tfidf(texts: list[str], **options: Any) -> Callable[[Array], Matrix]:
    def block(fit: Array) -> Matrix:
        vectorizer = TfidfVectorizer(sublinear_tf=True, **options).fit([texts[row] for row in fit])
        return vectorizer.transform(texts)

    return block


def _words(texts: list[str]) -> list[Callable[[Array], Matrix]]:
    """TF-IDF of words and their pairs, and of pieces of words."""
    return [
        _tfidf(texts, ngram_range=(1, 2), min_df=2),
        _tfidf(texts, analyzer="char_wb", ngram_range=(2, 5), min_df=3),
    ]


def _masked(text: str) -> str:
    return " ".join(_BOT.sub(" ", text).split())


# -- figures ---------------------------------------------------------------------------------------------------------------------


def measure(data: Dataset, cache: VectorCache | None = None) -> dict[str, Any]:
    """AUC on the test accounts of the shipped signal and of its peers, with bootstrap 95 % intervals over accounts."""
    labelled = read(data)
    peers = _peers(labelled, cache)
    scores: dict[str, Array] = {"automation, as shipped": measure_signals(labelled.data).automation}
    about: dict[str, dict[str, Any]] = {"automation, as shipped": {}}
    for name, model in peers.items():
        strength, inner = model.choose(labelled)
        scores[name] = model.scores(labelled, strength)
        about[name] = {"strength": strength, "cross_validated": round(inner, 4)}
    test, label = labelled.test, labelled.label
    judged = test[~np.isnan(scores["automation, as shipped"][test])]
    rng = np.random.default_rng(_SEED)
    draws = [judged[rng.integers(len(judged), size=len(judged))] for _ in range(_DRAWS)]
    spread = {name: np.array([roc_auc_score(label[rows], s[rows]) for rows in draws]) for name, s in scores.items()}
    shipped = spread["automation, as shipped"]
    for name, values in spread.items():
        about[name] |= {
            "auc": round(float(roc_auc_score(label[judged], scores[name][judged])), 4),
            "interval": _interval(values),
        }
        if values is not shipped:
            about[name]["shipped_minus_this"] = _interval(shipped - values)
    counts = {"fit": len(labelled.fit), "test": len(test), "judged": len(judged), "automated": int(label[judged].sum())}
    with_both = judged[_has_both(labelled)[judged]]
    both = roc_auc_score(label[with_both], scores["automation, as shipped"][with_both])
    return {"accounts": counts, "models": about, "shipped_where_bio_and_post_are_known": round(float(both), 4)}


def _interval(values: Array) -> list[float]:
    return [round(float(value), 4) for value in np.percentile(values, [2.5, 97.5])]


def _has_both(labelled: _Labelled) -> Array:
    bios = np.array([_said(bio) for bio in labelled.data.accounts["bio"].to_pylist()])
    return bios & (np.diff(labelled.data.post_offsets) > 0)


def _peers(labelled: _Labelled, cache: VectorCache | None) -> dict[str, _Model]:
    data = labelled.data
    bios = [_masked(bio or "") for bio in data.accounts["bio"].to_pylist()]
    posts = [""] * len(data)
    for row, text in zip(data.post_authors.tolist(), data.posts["text"].to_pylist(), strict=True):
        posts[row] = _masked(text)
    words = _words(bios) + _words(posts)
    bare = [[_LINK_OR_NAME.sub(" ", text) for text in texts] for texts in (bios, posts)]
    asked = [clean_text(text) for text in (*bios, *posts)]
    vectors = embed(asked, default_encoder(), cache=cache, progress=True).astype(np.float32)
    sentences = [lambda _: vectors[: len(data)], lambda _: vectors[len(data) :]]
    features = _features(data)
    names = [feature.name for feature in FEATURES]
    counts = np.log1p(np.stack([_column(data, "following_count"), _column(data, "post_count")], axis=1))
    own = _standardised(features)

    def only(wanted: Callable[[str], bool]) -> _Model:
        return _Model((_standardised(features[:, [wanted(name) for name in names]]),))

    return {
        "the same features, refitted": _Model((own,)),
        "features without the credit to a maker": only(lambda name: name != "bio_credits_a_maker"),
        "features of the bio": only(lambda name: name.startswith("bio")),
        "features of the post": only(lambda name: name.startswith("post")),
        "TF-IDF": _Model((*words,)),
        "TF-IDF without links and @names": _Model((*_words(bare[0]), *_words(bare[1]))),
        "sentence embeddings": _Model((*sentences,)),
        "TF-IDF and sentence embeddings": _Model((*words, *sentences)),
        "features, TF-IDF and sentence embeddings": _Model((own, *words, *sentences)),
        "how many it follows": _Model((_standardised(counts[:, :1]),)),
        "how many it follows and posts": _Model((_standardised(counts),)),
        "features and how many it follows": _Model((own, _standardised(counts[:, :1]))),
        "features and how many it follows and posts": _Model((own, _standardised(counts))),
    }


def _features(data: Dataset) -> Array:
    return automation_features(data, addresses_somebody(data))


def _column(data: Dataset, name: str) -> Array:
    return data.accounts[name].to_numpy().astype(np.float64)


def refit(data: Dataset) -> str:
    """What belongs into `tweetfocus/index/automation.py`: the intercept, and name, mean and weight of each feature."""
    labelled = read(data)
    features, fit = _features(labelled.data), labelled.fit
    strength, inner = _Model((_standardised(features),)).choose(labelled)
    fitted = _logistic(_standardised(features)(fit)[fit], labelled.label[fit], strength)
    weights = fitted.coef_[0] / np.nanstd(features[fit], axis=0)
    means = np.nanmean(features[fit], axis=0)
    lines = [f"regularisation {strength}, cross-validated AUC {inner:.4f}", f"INTERCEPT = {fitted.intercept_[0]:.2f}"]
    lines += [f"{f.name}, {mean:.2f}, {weight:.2f}" for f, mean, weight in zip(FEATURES, means, weights, strict=True)]
    return "\n".join(lines)
