"""`Weights`: how much each feature counts, and where that comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tweetfocus.data.showing import Section, dataframe, html_page
from tweetfocus.data.tables import replacing
from tweetfocus.errors import DataError
from tweetfocus.ranking.features import FEATURES

__all__ = ["Weights", "default_weights", "field_weights"]


@dataclass(frozen=True)
class Weights:
    """Weight by feature name; a feature that is not named counts nothing.

    Attributes:
        values: feature -> weight. Features that speak against an account (`link_spam`, `self_promotion`) must not have a positive one.
        provenance: where the weights come from.
        index_fingerprint: of the index they were fitted on, if any.

    Raises:
        DataError: an unknown feature, a weight that is not a number, or spam rewarded.

    Example:
        >>> Weights({"facets": 1.0, "link_spam": -4.0}).values["facets"]
        1.0
    """

    values: Mapping[str, float]
    provenance: str = "given by the caller"
    index_fingerprint: str | None = field(default=None)

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if name not in FEATURES:
                raise DataError(f"unknown feature {name!r}; features are {', '.join(FEATURES)}")
            if not isinstance(value, (int, float)) or isinstance(value, bool) or value - value != 0:
                raise DataError(f"the weight of {name!r} must be a finite number, not {value!r}")
            if FEATURES[name].never_helps and value > 0:
                raise DataError(f"{name!r} speaks against an account; its weight must not be positive")
        object.__setattr__(self, "values", MappingProxyType({name: float(v) for name, v in self.values.items()}))

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per feature that counts, in the order given.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        records = [{"feature": n, "weight": w, "about": FEATURES[n].about} for n, w in self.values.items()]
        return dataframe(records, {"feature": "text", "weight": "number", "about": "text"}, backend)

    def _repr_html_(self) -> str:
        heaviest = sorted(self.values.items(), key=lambda item: (-abs(item[1]), item[0]))
        rows = [(name, weight, FEATURES[name].about) for name, weight in heaviest]
        title = f"Weights({len(rows)} features, {self.provenance})"
        return html_page(title, (), [Section("", ("feature", "weight>", "about"), rows)])

    def save(self, path: str | PathLike[str]) -> None:
        """Write the weights as JSON."""
        said = {"values": dict(self.values), "provenance": self.provenance, "index_fingerprint": self.index_fingerprint}
        with replacing(Path(path)) as file:
            file.write(json.dumps(said, indent=1).encode())

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Weights:
        """Read weights that `save` wrote.

        Raises:
            DataError: not such a file.

        Example:
            >>> import pathlib, tempfile
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "weights.json"
            >>> Weights({"facets": 2.0}).save(path)
            >>> Weights.open(path) == Weights({"facets": 2.0})
            True
        """
        try:
            said = json.loads(Path(path).read_bytes())
            return cls(said["values"], str(said["provenance"]), said["index_fingerprint"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{path}: not a file of weights ({error})") from error


def default_weights() -> Weights:
    """The weights that are used when none are given; docs/decisions.md says how they were made."""
    return Weights(
        _DEFAULT,
        provenance="mean of two sets learned on hidden follows, of legislators and of researchers; facets and words doubled, "
        "manners by judgement",
    )


def field_weights() -> Weights:
    """The weights that are used for a declared field or for examples: there, who is like them counts, not whom they follow."""
    return Weights(_FIELD, provenance="chosen on journalists and teachers, see docs/relevance.md; manners by judgement")


# one point of a rarity is "one account in ten has as much"; a relative value lies between 0 and 1
_DEFAULT = {
    "facets": 0.03,
    "facets_cosine": 0.35,
    "words": 0.04,
    "words_relative": 0.93,
    "alike": 0.3,
    "alike_relative": 0.09,
    "spoken": 0.1,
    "spoken_relative": 0.71,
    "echo": 0.52,
    "echo_relative": 1.23,
    "pattern": 0.39,
    "pattern_relative": 0.76,
    "peers": 0.04,
    "peers_relative": 0.44,
    "neighbours": 0.2,
    "neighbours_relative": 0.3,
    "fellows": 0.09,
    "fellows_relative": 0.25,
    "co_follow": 0.11,
    "co_follow_relative": 0.7,
    "walk_relative": 0.46,
    "trust": 0.16,
    "friends": 0.17,
    "friends_relative": 0.02,
    "audience": 0.06,
    "follows_me": 0.36,
    "engaged": 0.5,
    "conversation": 0.3,
    "link_spam": -4.0,
    "self_promotion": -2.5,
}

_FIELD = {
    "facets": 0.5,
    "facets_cosine": 1.0,
    "words": 0.5,
    "words_relative": 1.0,
    "alike": 0.1,
    "co_follow": 0.3,
    "co_follow_relative": 0.3,
    **{name: _DEFAULT[name] for name in ("conversation", "link_spam", "self_promotion")},
}
