"""Plots show what the results say, the same each time, and nothing that people wrote becomes markup."""

from __future__ import annotations

import dataclasses
import math
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import tweetfocus as tf

ME = "@mara_lindqvist"


def _texts(plot: tf.Plot) -> list[str]:
    return [
        "".join(node.itertext()).strip() for node in ET.fromstring(plot._repr_svg_()).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_focus_over_time_holds_every_quarter(hashed_world_index: tf.AccountIndex) -> None:
    found = tf.audit(hashed_world_index, ME)
    plot = tf.plot_focus(found)
    assert {quarter.quarter for quarter in found.quarters} <= set(_texts(plot))
    line = plot.figure.axes[0].lines[1]
    assert [y for y in line.get_ydata() if math.isfinite(y)] == [q.on_topic for q in found.quarters if q.on_topic is not None]
    with pytest.raises(tf.InvalidRequest, match="no post has a date"):
        tf.plot_focus(dataclasses.replace(found, quarters=()))


def test_bars_of_the_audience_add_up(hashed_world_index: tf.AccountIndex) -> None:
    found = tf.audience(hashed_world_index, ME)
    bars = tf.plot_audience(found).figure.axes[0].patches
    widths = [bar.get_width() for bar in bars]
    assert sum(widths[1::2]) == len(found.followers)
    assert sum(widths[0::2]) == len(found.following)
    assert widths[1] == found.followers.effective


def test_pieces_of_a_score_add_up(hashed_world_index: tf.AccountIndex) -> None:
    recs = tf.recommend(hashed_world_index, ME, n=8)
    bars = tf.plot_scores(recs).figure.axes[0].patches
    for place, rec in enumerate(recs):
        assert sum(bar.get_width() for bar in bars[place::8]) == pytest.approx(rec.score)
    with pytest.raises(tf.InvalidRequest, match="nobody"):
        tf.plot_scores(tf.Recommendations((), (), (), {}))


def test_what_people_wrote_is_text(hashed_world_index: tf.AccountIndex) -> None:
    recs = tf.recommend(hashed_world_index, ME, n=3)
    names = ["$\\frac{x", "<script>x</script>", "数据👩🏽‍🔬\u202e"]
    nasty = dataclasses.replace(
        recs, items=tuple(dataclasses.replace(rec, username=name) for rec, name in zip(recs, names, strict=True))
    )
    plot = tf.plot_scores(nasty)
    assert {"@$\\frac{x", "@<script>x</script>"} <= set(_texts(plot))
    assert "<script" not in plot._repr_svg_()


def test_the_same_values_give_the_same_picture(hashed_world_index: tf.AccountIndex, tmp_path: Path) -> None:
    recs = tf.recommend(hashed_world_index, ME, n=5)
    assert tf.plot_scores(recs)._repr_svg_() == tf.plot_scores(recs)._repr_svg_()
    for kind, begins in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        tf.plot_scores(recs).save(tmp_path / f"scores.{kind}")
        assert (tmp_path / f"scores.{kind}").read_bytes().startswith(begins)
    with pytest.raises(tf.InvalidRequest, match=r"\.svg, \.png or \.pdf"):
        tf.plot_scores(recs).save(tmp_path / "scores.gif")


def test_without_matplotlib_the_install_line_is_said(
    hashed_world_index: tf.AccountIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = tf.audience(hashed_world_index, ME)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(tf.MissingExtra, match=r"pip install 'tweetfocus\[plot\]'"):
        tf.plot_audience(found)
