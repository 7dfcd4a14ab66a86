"""Plots of results as objects that a notebook shows and `save` writes; they need the extra `plot`."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tweetfocus.data.tables import replacing
from tweetfocus.errors import InvalidRequest, MissingExtra
from tweetfocus.ranking.labels import one_line
from tweetfocus.verbs.audiences import Audience
from tweetfocus.verbs.audits import Audit
from tweetfocus.verbs.recommendations import Recommendations

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Plot", "plot_audience", "plot_focus", "plot_scores"]

_INK = "#767676"  # readable on white and on black, so that one picture serves light and dark
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito: told apart by the colour-blind
_STYLE = {
    "svg.hashsalt": "tweetfocus",  # the same picture for the same values
    "svg.fonttype": "none",  # text stays text, for readers and for screen readers
    "text.parse_math": False,  # a "$" in a bio is a "$"
    "font.size": 9,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _INK),
}


class Plot:
    """A picture: notebooks show it as SVG, `save` writes it, and `figure` is matplotlib's, to change as you like.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> tf.plot_focus(tf.audit(index, "@mara_lindqvist"))
        Plot(focus over time of @mara_lindqvist)
    """

    def __init__(self, title: str, figure: Figure) -> None:
        self.title, self.figure = title, figure

    def __repr__(self) -> str:
        return f"Plot({self.title})"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture whole or not at all, as SVG, PNG or PDF by the end of its name.

        Raises:
            InvalidRequest: a name with another end.
        """
        kind = Path(path).suffix[1:].lower()
        if kind not in ("svg", "png", "pdf"):
            raise InvalidRequest(f"{path}: a picture is written as .svg, .png or .pdf")
        drawn = self._drawn(kind)
        with replacing(Path(path)) as file:
            file.write(drawn)

    def _repr_svg_(self) -> str:
        return self._drawn("svg").decode()

    def _drawn(self, kind: str) -> bytes:
        buffer = io.BytesIO()
        stamp = {"svg": {"Date": None, "Title": self.title}, "pdf": {"CreationDate": None}}.get(kind, {})
        with _styled(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's own fonts may have it
            self.figure.savefig(buffer, format=kind, transparent=True, metadata=stamp, bbox_inches="tight", dpi=150)
        return buffer.getvalue()


def plot_focus(found: Audit) -> Plot:
    """Focus and share of posts on topic, quarter by quarter; a quarter that cannot be judged is a gap.

    Raises:
        InvalidRequest: no quarter is known.
        MissingExtra: matplotlib is not installed.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> tf.plot_focus(tf.audit(index, "@camille_dbt"))
        Plot(focus over time of @camille_dbt)
    """
    if not found.quarters:
        raise InvalidRequest(f"{found.label}: no post has a date, so there is nothing to plot over time")
    with _styled():
        figure, axes = _axes(6, 2.6)
        places = range(len(found.quarters))
        for colour, name, values in (
            (_COLOURS[0], "focus", [q.focus for q in found.quarters]),
            (_COLOURS[1], "on topic", [q.on_topic for q in found.quarters]),
        ):
            axes.plot(places, [float("nan") if v is None else v for v in values], marker="o", color=colour, label=name)
        axes.set_xticks(list(places), [f"{q.quarter}\n{q.posts:,} posts" for q in found.quarters])
        axes.set_ylim(0, 1)
        axes.set_ylabel("of 1")
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return Plot(f"focus over time of {found.label}", figure)


def plot_audience(found: Audience) -> Plot:
    """Followers and followings: how many are effective, relevant only, of other fields, or cannot be judged.

    Raises:
        MissingExtra: matplotlib is not installed.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> tf.plot_audience(tf.audience(index, "@camille_dbt"))
        Plot(audience of @camille_dbt)
    """
    crowds = {"following": found.following, "followers": found.followers}
    parts = {
        "effective": [crowd.effective for crowd in crowds.values()],
        "relevant, but silent or spam": [crowd.relevant - crowd.effective for crowd in crowds.values()],
        "other fields": [crowd.judged - crowd.relevant for crowd in crowds.values()],
        "cannot be judged": [len(crowd) - crowd.judged for crowd in crowds.values()],
    }
    with _styled():
        figure, axes = _axes(6, 1.6)
        left = [0] * len(crowds)
        for (name, counts), colour in zip(parts.items(), (_COLOURS[0], _COLOURS[5], _COLOURS[4], "#9e9e9e"), strict=True):
            axes.barh(list(crowds), counts, left=left, color=colour, label=name, height=0.6)
            left = [before + count for before, count in zip(left, counts, strict=True)]
        axes.set_xlabel("accounts")
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return Plot(f"audience of {found.label}", figure)


def plot_scores(found: Recommendations, n: int = 10) -> Plot:
    """How the first `n` scores are made: one bar for each account, one piece for each contribution, against it to the left.

    Raises:
        InvalidRequest: nobody is recommended.
        MissingExtra: matplotlib is not installed.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> tf.plot_scores(tf.recommend(index, "@camille_dbt", n=3))
        Plot(how 3 scores are made)
    """
    shown = found.items[: max(n, 0)]
    if not shown:
        raise InvalidRequest("nobody is recommended, so there are no scores to plot")
    sizes: dict[str, float] = {}
    for rec in shown:
        for name, value in rec.contributions.items():
            sizes[name] = sizes.get(name, 0.0) + abs(value)
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[: len(_COLOURS)]
    pieces: list[tuple[str, list[float], str]] = [
        (name, [rec.contributions.get(name, 0.0) for rec in shown], colour)
        for name, colour in zip(largest, _COLOURS, strict=False)
    ]
    for name, sign in (("others, for it", 1), ("others, against it", -1)):
        rest = [sum(v for f, v in rec.contributions.items() if f not in largest and v * sign > 0) for rec in shown]
        pieces.append((name, rest, "#9e9e9e" if sign > 0 else "#5f5f5f"))
    with _styled():
        figure, axes = _axes(6, 0.7 + 0.3 * len(shown))
        places = range(len(shown))
        right, left = [0.0] * len(shown), [0.0] * len(shown)
        for name, values, colour in pieces:
            starts = [right[i] if value >= 0 else left[i] for i, value in enumerate(values)]
            axes.barh(places, values, left=starts, color=colour, label=name, height=0.7)
            for i, value in enumerate(values):
                (right if value >= 0 else left)[i] += value
        axes.set_yticks(list(places), [one_line(rec.label, 24) for rec in shown])
        axes.invert_yaxis()
        axes.axvline(0, color=_INK, linewidth=0.8)
        axes.set_xlabel("points of the score")
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return Plot(f"how {len(shown)} scores are made", figure)


@contextlib.contextmanager
def _styled() -> Iterator[None]:
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtra("plot", "a plot") from error
    style: Any = _STYLE
    with mpl.rc_context(style):
        yield


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of its own, which no global state of pyplot knows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
