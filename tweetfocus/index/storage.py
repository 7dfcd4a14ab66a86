"""Keeping an index on disk: plain arrays and Arrow tables beside a manifest, written so that a kill leaves the old index whole.

An index folder holds `manifest.json` and one generation folder with the files. A save writes a new generation, flushes it, and then
replaces the manifest in one step; until that step the old index is the index, after it the new one is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.tables import replacing
from tweetfocus.errors import Mismatch, StorageError

__all__ = ["FORMAT", "load", "save"]

FORMAT = 1
_MANIFEST = "manifest.json"
_HASH_UP_TO = 256 << 20  # bytes; a larger index is checked by file sizes alone unless asked
_ABANDONED = 24 * 3600  # seconds after which a generation that no manifest names is litter

Array = npt.NDArray[Any]


def save(folder: Path, arrays: Mapping[str, Array], tables: Mapping[str, pa.Table], about: Mapping[str, Any]) -> None:
    """Write arrays, tables and a description; `folder` is the old index or the new one, never something between.

    Raises:
        StorageError: not a folder to write to, disk full, or something else than an index is there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = _read_manifest(folder) if (folder / _MANIFEST).exists() else None
        strangers = [p.name for p in folder.iterdir() if not p.name.startswith(("generation-", "."))]
        if before is None and strangers:
            raise StorageError(f"{folder}: holds other files ({strangers[0]}); an index needs a folder of its own")
        generation = folder / f".saving-{uuid.uuid4().hex[:12]}"
        generation.mkdir()
        try:
            files: dict[str, dict[str, Any]] = {}
            for name, array in arrays.items():
                with open(generation / f"{name}.npy", "xb") as file:
                    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
                    _flush(file.fileno(), file)
                files[f"{name}.npy"] = _fingerprint(generation / f"{name}.npy")
            for name, table in tables.items():
                with open(generation / f"{name}.arrow", "xb") as file:
                    with pa.ipc.new_file(file, table.schema) as writer:
                        writer.write_table(table)
                    _flush(file.fileno(), file)
                files[f"{name}.arrow"] = _fingerprint(generation / f"{name}.arrow")
            _flush_folder(generation)
            generation = _settle(generation, files)
            manifest = {"format": FORMAT, **about, "generation": generation.name, "files": files}
            with replacing(folder / _MANIFEST) as file:
                file.write(json.dumps(manifest, indent=1, sort_keys=True).encode())
            _flush_folder(folder)
        except BaseException:
            if before is None or generation.name != before["generation"]:
                shutil.rmtree(generation, ignore_errors=True)
            raise
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(
            f"{folder}: cannot be written ({error.strerror or error}); what was there before is unchanged"
        ) from error
    _sweep(folder, generation.name, before)


def _settle(written: Path, files: dict[str, dict[str, Any]]) -> Path:
    """Name a finished generation after its content, so that equal indexes are equal on disk too."""
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    settled = written.with_name(f"generation-{digest[:16]}")
    if settled.exists():
        try:
            same = all(_fingerprint(settled / name) == noted for name, noted in files.items())
        except OSError:
            same = False
        shutil.rmtree(written if same else settled)
        if same:
            return settled
    written.rename(settled)
    return settled


def load(folder: Path, *, verify: bool | None = None) -> tuple[dict[str, Array], dict[str, pa.Table], dict[str, Any]]:
    """Map the files of an index into memory.

    Args:
        folder: where `save` wrote to.
        verify: check every file against its SHA-256; by default only when the index is small enough for that not to be felt.

    Raises:
        Mismatch: made by another version of the format.
        StorageError: no index there, or a damaged one.
    """
    for _ in range(3):
        manifest = _read_manifest(folder)
        try:
            return _map(folder / manifest["generation"], manifest, verify)
        except FileNotFoundError as error:  # saved again while being opened: the new one is whole
            if _read_manifest(folder)["generation"] == manifest["generation"]:
                raise StorageError(f"{folder}: damaged, {error.filename} is missing; build the index again") from error
    raise StorageError(f"{folder}: is being rewritten faster than it can be read")


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
                arrays[path.stem] = np.load(path, mmap_mode="r", allow_pickle=False)
            else:
                tables[path.stem] = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        except (ValueError, pa.ArrowException) as error:
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
    except ValueError as error:
        raise StorageError(f"{path}: damaged (not JSON); build the index again") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise StorageError(f"{path}: not the manifest of an index")
    if manifest["format"] != FORMAT:
        raise Mismatch(
            f"{folder}: index format {manifest['format']}, but this version of tweetfocus reads format {FORMAT}; build the index again "
            "from its dataset (unchanged texts come from the cache)"
        )
    try:
        named = Path(manifest["generation"]).name == manifest["generation"]
        whole = all(Path(n).name == n and {"bytes", "sha256"} == set(f) for n, f in manifest["files"].items())
    except (KeyError, TypeError, AttributeError):
        named = whole = False
    if not (named and whole):
        raise StorageError(f"{path}: damaged; build the index again")
    return manifest


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


def _sweep(folder: Path, current: str, before: Mapping[str, Any] | None) -> None:
    """Remove the generation just replaced, and what killed saves left behind; a running save is left alone."""
    for path in [*folder.glob("generation-*"), *folder.glob(".saving-*")]:
        replaced = before is not None and path.name == before["generation"]
        with contextlib.suppress(OSError):
            if path.name != current and (replaced or time.time() - path.stat().st_mtime > _ABANDONED):
                shutil.rmtree(path, ignore_errors=True)
