"""Makes the pictures of the pages from the invented world: `python docs/images/make_plots.py`, in the folder of the checkout."""

from __future__ import annotations

from pathlib import Path

import tweetfocus as tf

HERE = Path(__file__).resolve().parent
ME = "@mara_lindqvist"


def plots() -> dict[str, tf.Plot]:
    """File name -> picture; words only, so that every machine draws the same."""
    index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
    return {
        "scores.svg": tf.plot_scores(tf.recommend(index, ME, n=8)),
        "audience.svg": tf.plot_audience(tf.audience(index, ME)),
    }


if __name__ == "__main__":
    for name, plot in plots().items():
        plot.save(HERE / name)
