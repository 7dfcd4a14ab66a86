"""The invented world: a dataset with a planted truth, for the demo, for examples and for tests. Nobody in it exists."""

from __future__ import annotations

from importlib.resources import as_file, files

from tweetfocus.data.dataset import Dataset, read_dataset

__all__ = ["demo_dataset"]


def demo_dataset() -> Dataset:
    """239 invented accounts with some 3,200 posts, in several professions and two languages.

    `@mara_lindqvist`, also found as `@me`, has two fields: data engineering and energy systems. Around her are colleagues, people of
    other professions, hobby accounts, celebrities, self-promoters and link spammers.

    Example:
        >>> demo_dataset()
        Dataset(239 accounts, 3,198 posts, 5,979 follows)
    """
    with as_file(files("tweetfocus.data") / "invented") as folder:
        return read_dataset(folder)
