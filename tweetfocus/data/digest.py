"""One digest for the content of Arrow tables, whatever their chunks, offsets, or the bytes that lie under their nulls."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["content_digest"]


def content_digest(tables: Mapping[str, pa.Table]) -> str:
    """SHA-256 over names, types and values.

    Example:
        >>> one = pa.table({"a": ["x", None, "y"]})
        >>> other = pa.concat_tables([one.slice(0, 1), one.slice(1)])
        >>> content_digest({"t": one}) == content_digest({"t": other})
        True
    """
    hasher = hashlib.sha256()
    for name, table in tables.items():
        hasher.update(f"{name}\0{table.num_rows}\0{table.num_columns}\0".encode())
        for field in table.schema:
            hasher.update(f"{field.name}\0{field.type}\0".encode())
            _add(hasher, pa.concat_arrays(table[field.name].chunks) if table.num_rows else pa.array([], field.type))
    return hasher.hexdigest()


def _add(hasher: _Hash, column: pa.Array) -> None:
    hasher.update(np.packbits(column.is_valid().to_numpy(zero_copy_only=False)).tobytes())
    said, kind = column.drop_null(), column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        said = said.cast(pa.large_binary())
        _, ends, text = said.buffers()
        bounds = np.frombuffer(ends, np.int64, len(said) + 1, said.offset * 8)
        hasher.update(np.diff(bounds).tobytes())
        hasher.update(memoryview(text)[bounds[0] : bounds[-1]] if text else b"")
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        hasher.update(pc.list_value_length(said).cast(pa.int64()).to_numpy().tobytes())
        _add(hasher, said.flatten())
    elif pa.types.is_primitive(kind):
        hasher.update(said.to_numpy(zero_copy_only=False).tobytes())
    else:
        hasher.update(repr(said.to_pylist()).encode())
