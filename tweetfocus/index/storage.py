"""Keeping an index on disk: plain arrays and Arrow tables beside a manifest, written so that a kill leaves the old index whole.

An index folder holds `manifest.json` and one generation folder with the files. A save writes a new generation, flushes it, and then
replaces the manifest in one step; until that step the old index is the index, after it the new one is. Saves take turns, so that
whatever the manifest does not name is litter.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.tables import replacing
from tweetfocus.errors import Mismatch, StorageError

__all__ = ["FORMAT", "load", "save"]

FORMAT = 4
_MANIFEST = "manifest.json"
_LOCK = ".lock"
_SAVING = ".saving"
_PATIENCE = 600  # seconds to wait for somebody else's save
_ATTEMPTS = 5  # to open an index that is being replaced
_HASH_UP_TO = 256 << 20  # bytes; a larger index is checked by file sizes alone unless asked
# what a manifest may name, and nothing outside its folder
_GENERATION = re.compile(r"generation-[0-9a-f]{16}")
_FILE = re.compile(r"[a-z_]+(?:\.[a-z_]+)?\.(?:npy|arrow)")

Array = npt.NDArray[Any]


def save(folder: Path, arrays: Mapping[str, Array], tables: Mapping[str, pa.Table], about: Mapping[str, Any]) -> None:
    """Write arrays, tables and a description; `folder` is the old index or the new one, never something between.

    Raises:
        StorageError: not a folder to write to, disk full, or something else than an index is there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_other_files(folder)
        with _turn(folder):
            _sweep(folder)  # before as well, so that saves killed again and again do not fill the disk
            try:
                _write(folder, arrays, tables, about)
            finally:
                _sweep(folder)
    except (OSError, pa.ArrowException, sqlite3.Error) as error:
        if isinstance(error, StorageError):
            raise
        why = getattr(error, "strerror", None) or error
        raise StorageError(f"{folder}: cannot be written ({why}); what was there before is unchanged") from error


def _refuse_other_files(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    generations = [name for name in names if _GENERATION.fullmatch(name)]
    # an index that is damaged, or of another format, may be replaced as well
    if not (generations and _MANIFEST in names) and len(names) > len(generations):
        stranger = next(name for name in names if name not in generations)
        raise StorageError(f"{folder}: holds other files ({stranger}); an index needs a folder of its own")


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """One save at a time. SQLite's lock works on every system and goes with its process, however that ends; nothing is stored."""
    with contextlib.closing(sqlite3.connect(folder / _LOCK, timeout=_PATIENCE, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _write(folder: Path, arrays: Mapping[str, Array], tables: Mapping[str, pa.Table], about: Mapping[str, Any]) -> None:
    saving = folder / _SAVING
    saving.mkdir()
    files: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        with open(saving / f"{name}.npy", "xb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            _flush(file.fileno(), file)
        files[f"{name}.npy"] = _fingerprint(saving / f"{name}.npy")
    for name, table in tables.items():
        with open(saving / f"{name}.arrow", "xb") as file:
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            _flush(file.fileno(), file)
        files[f"{name}.arrow"] = _fingerprint(saving / f"{name}.arrow")
    _flush_folder(saving)
    generation = _settle(saving, files)
    _flush_folder(folder)
    manifest = {"format": FORMAT, **about, "generation": generation.name, "files": files}
    with replacing(folder / _MANIFEST) as file:
        file.write(json.dumps({**manifest, "sha256": _digest(manifest)}, indent=1, sort_keys=True).encode())
    _flush_folder(folder)


def _settle(written: Path, files: dict[str, dict[str, Any]]) -> Path:
    """Name a finished generation after its content, so that equal indexes are equal on disk too."""
    settled = written.with_name(f"generation-{_digest(files)[:16]}")
    if settled.exists():
        try:
            same = all(_fingerprint(settled / name) == noted for name, noted in files.items())
        except OSError:
            same = False
        if same:
            return settled
        shutil.rmtree(settled)
    written.rename(settled)
    return settled


def _sweep(folder: Path) -> None:
    """Remove what the manifest does not name: the index just replaced, and what failed and killed saves left behind."""
    litter = [folder / _SAVING]
    with contextlib.suppress(StorageError):
        current = _read_manifest(folder)["generation"] if (folder / _MANIFEST).exists() else None
        litter += [path for path in folder.glob("generation-*") if path.name != current]
    for path in litter:
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(f".{_MANIFEST}.*.part"):
        with contextlib.suppress(OSError):
            path.unlink()


def load(folder: Path, *, verify: bool | None = None) -> tuple[dict[str, Array], dict[str, pa.Table], dict[str, Any]]:
    """Map the files of an index into memory.

    Args:
        folder: where `save` wrote to.
        verify: check every file against its SHA-256; by default only when the index is small enough for that not to be felt.

    Raises:
        Mismatch: made by another version of the format.
        StorageError: no index there, or a damaged one.
    """
    missing: FileNotFoundError | None = None
    for _ in range(_ATTEMPTS):
        manifest = _read_manifest(folder)
        try:
            return _map(folder / manifest["generation"], manifest, verify)
        except FileNotFoundError as error:  # saved again while being opened: the new one is whole
            missing = error
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"{folder}: cannot be read ({error.strerror or error})") from error
    raise StorageError(f"{folder}: damaged ({missing}); build the index again") from missing


def _map(
    folder: Path, manifest: dict[str, Any], verify: bool | None
) -> tuple[dict[str, Array], dict[str, pa.Table], dict[str, Any]]:
    if verify is None:
        verify = sum(file["bytes"] for file in manifest["files"].values()) <= _HASH_UP_TO
    arrays: dict[str, Array] = {}
    tables: dict[str, pa.Table] = {}
    for name, noted in manifest["files"].items():
        path = folder / name
        if path.stat().st_size != noted["bytes"] or (verify and _fingerprint(path) != noted):
            raise StorageError(f"{path}: damaged (not the bytes that were saved); build the index again")
        try:
            if path.suffix == ".npy":
                # as a plain array: the class that maps makes every row that is looked up ten times as dear
                arrays[path.stem] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
            else:
                tables[path.stem] = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        except OSError:
            raise
        except Exception as error:  # a damaged header fails in many ways, down to Python's tokenizer
            raise StorageError(f"{path}: damaged ({error}); build the index again") from error
    return arrays, tables, manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise StorageError(f"{folder}: no index there; make one with `tweetfocus build DATASET -o {folder}`") from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise StorageError(f"{path}: damaged (not JSON); build the index again") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise StorageError(f"{path}: not the manifest of an index")
    if manifest["format"] != FORMAT:
        raise Mismatch(
            f"{folder}: index format {manifest['format']}, but this version of tweetfocus reads format {FORMAT}; build the index again "
            "from its dataset (unchanged texts come from the cache)"
        )
    noted = manifest.pop("sha256", None)
    if noted != _digest(manifest) or not _names_own_files(manifest):
        raise StorageError(f"{path}: damaged; build the index again")
    return manifest


def _names_own_files(manifest: Mapping[str, Any]) -> bool:
    generation, files = manifest.get("generation"), manifest.get("files")
    return (
        isinstance(generation, str)
        and bool(_GENERATION.fullmatch(generation))
        and isinstance(files, dict)
        and all(
            _FILE.fullmatch(name)
            and isinstance(noted, dict)
            and {"bytes", "sha256"} == set(noted)
            and isinstance(noted["bytes"], int)
            for name, noted in files.items()
        )
    )


def _digest(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _fingerprint(path: Path) -> dict[str, Any]:
    with open(path, "rb") as file:
        return {"bytes": os.fstat(file.fileno()).st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _flush(descriptor: int, file: Any) -> None:
    file.flush()
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
