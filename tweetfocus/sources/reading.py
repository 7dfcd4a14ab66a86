"""`read_dataset` for everything that holds a dataset: a dataset folder, or an X archive as it was downloaded."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from os import PathLike
from pathlib import Path

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.dataset import read_dataset as read_folder
from tweetfocus.data.tables import find_table
from tweetfocus.errors import StorageError
from tweetfocus.sources.archive_files import is_archive
from tweetfocus.sources.state import STATE_FILE, CollectState

__all__ = ["read_dataset"]


def read_dataset(folder: str | PathLike[str]) -> Dataset:
    r"""Read a dataset folder: `accounts`, and if there `posts`, `follows`, `mutes`, `blocks`, each as .parquet, .csv or .jsonl.

    Only `account_id` (and of posts `text`; of follows, mutes and blocks `source_id` and `target_id`) must be there; columns that
    the schema does not know are kept. Values and records that cannot be read are left out, counted and listed in `issues`.

    An X archive, as zip or unpacked, is read as well: its owner, posts, followings, followers, mutes and blocks. To add bios, which
    an archive lacks, `collect` it into a folder.

    Args:
        folder: the dataset folder, or an X archive.

    Returns:
        The dataset; its rows are ordered by account id, whatever the order in the files.

    Raises:
        DataError: no such folder, no accounts in it, an unreadable file, or a required column missing.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "accounts.csv").write_text("account_id,bio\n2,Heat pumps\n1,Data pipelines\n")
        >>> read_dataset(folder)
        Dataset(2 accounts, 0 posts, 0 follows)
    """
    path = Path(folder)
    if (path / f"{STATE_FILE}-wal").is_file():
        _settle(path)
    if not is_archive(path) or (path.is_dir() and find_table(path, "accounts")):
        return read_folder(path)
    from tweetfocus.sources.collect import collect
    from tweetfocus.sources.plan import CollectPlan
    from tweetfocus.sources.x_archive import XArchive

    with tempfile.TemporaryDirectory() as scratch:
        found = collect(XArchive(path), scratch, plan=CollectPlan.whole(), progress=False)
        data = read_folder(scratch)
    return replace(data, issues=(*found.issues, *data.issues))


def _settle(folder: Path) -> None:
    """Write the tables of a collection that was killed, so that they hold all that was read: its log is still there."""
    from tweetfocus.sources.export import write_tables

    try:
        with CollectState(folder) as state:
            if state.told("owner") is not None:
                write_tables(state, folder)
    except StorageError:  # a collect is at work right now, or nothing may be written: what is there has to do
        if not find_table(folder, "accounts"):
            raise
