"""Turning one raw column, of whatever type it came in, into one typed Arrow column, with a list of what was wrong.

Clean columns take a vectorised path; any value out of line sends its column through the value-by-value parsers below, which decide
alike. Nothing here knows files or tables.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ARROW_TYPES", "Problem", "empty_column", "parse_column"]

ARROW_TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "name": pa.string(),
    "text": pa.large_string(),
    "count": pa.int64(),
    "time": pa.timestamp("us", tz="UTC"),
    "flag": pa.bool_(),
    "list": pa.list_(pa.string()),
}
_TRUE = {"true", "t", "yes", "y", "1"}
_FALSE = {"false", "f", "no", "n", "0"}
_MAX_ID = 512  # characters; a longer id is a shifted column, not an id
_MAX_COUNT = 2**53
_YEARS = (1970, 2200)
_END_OF_TIME = int(datetime(_YEARS[1] + 1, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000

Problem = tuple[int, str]
"""(position in the column, what is wrong with the value)"""


def empty_column(kind: str, length: int) -> pa.Array:
    """A column of `length` unknown values."""
    return pa.nulls(length, ARROW_TYPES[kind])


def parse_column(raw: pa.ChunkedArray | Sequence[Any], kind: str) -> tuple[pa.Array, list[Problem]]:
    """Parse `raw` as `kind`; a value that cannot be parsed becomes null and a `Problem`."""
    if isinstance(raw, pa.ChunkedArray):
        fast = _fast(raw, kind)
        if fast is not None:
            return fast, []
        raw, problems = _to_python(raw)
    else:
        problems = []
    parse = _PARSERS[kind]
    values: list[Any] = []
    for position, value in enumerate(raw):
        try:
            parsed, remark = parse(value)
        except ValueError as error:
            problems.append((position, str(error)))
            parsed = None
        else:
            if remark:
                problems.append((position, remark))
        values.append(parsed)
    return pa.array(values, ARROW_TYPES[kind]), problems


def _fast(raw: pa.ChunkedArray, kind: str) -> pa.Array | None:
    """The whole column at once where its type already fits and nothing in it is odd, else None."""
    kind_of = raw.type
    try:
        raw.validate(full=True)
        if kind in ("id", "name", "text"):
            if kind == "id" and pa.types.is_integer(kind_of):
                return _one(pc.cast(raw, pa.string()))
            if not (pa.types.is_string(kind_of) or pa.types.is_large_string(kind_of)):
                return None
            column = _one(pc.cast(raw, ARROW_TYPES[kind]))
            if kind == "text":
                empty = pc.equal(column, "")
                return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column
            odd = pc.or_(
                pc.match_substring_regex(column, r"[\x00-\x20\x7f\x{85}\pZ]|^@|^$"),
                pc.greater(pc.utf8_length(column), _MAX_ID),
            )
            return None if pc.any(odd).as_py() else column
        if kind == "count" and pa.types.is_integer(kind_of):
            column = _one(pc.cast(raw, pa.int64()))
            low = pc.min_max(column).as_py()
            return column if low["min"] is None or (low["min"] >= 0 and low["max"] <= _MAX_COUNT) else None
        if kind == "flag" and pa.types.is_boolean(kind_of):
            return _one(raw)
        if kind == "time" and pa.types.is_timestamp(kind_of) and kind_of.tz is not None:
            column = _one(pc.cast(raw, ARROW_TYPES[kind], safe=False))
            span = pc.min_max(pc.cast(column, pa.int64())).as_py()
            return column if span["min"] is None or (span["min"] >= 0 and span["max"] < _END_OF_TIME) else None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass  # the parsers below say which value it was
    return None


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _to_python(raw: pa.ChunkedArray) -> tuple[list[Any], list[Problem]]:
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    try:
        return raw.to_pylist(), []
    except (UnicodeDecodeError, ValueError, OverflowError):
        values: list[Any] = []
        problems: list[Problem] = []
        for position, scalar in enumerate(raw):
            try:
                values.append(scalar.as_py())
            except UnicodeDecodeError:
                values.append(bytes(scalar.as_buffer()).decode("utf-8", "replace"))
                problems.append((position, "not valid UTF-8; the damaged characters are replaced"))
            except (ValueError, OverflowError) as error:
                values.append(None)
                problems.append((position, f"out of range ({error})"))
        return values, problems


def _missing(value: Any) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in ("NaTType", "NAType")


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _whole(value: Any) -> int | None:
    """The integer that `value` stands for, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, (float, Decimal)) and math.isfinite(value) and value == int(value):
        return int(value)
    return None


def _text(value: Any) -> tuple[str | None, str | None]:
    if _missing(value):
        return None, None
    if isinstance(value, (int, float, Decimal)):
        return str(value), None
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace") or None, "bytes instead of text; read as UTF-8"
    if value == "":
        return None, None  # CSV cannot tell an empty text from none
    if not isinstance(value, str):
        raise ValueError(f"not text: {_show(value)}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        # lone surrogates: undecodable bytes of a CSV file, or broken escapes of a JSON one
        return value.encode("utf-8", "replace").decode("utf-8"), "not valid UTF-8; the damaged characters are replaced"
    return value, None


def _id(value: Any) -> tuple[str | None, str | None]:
    if _missing(value):
        return None, None
    whole = _whole(value)
    if whole is not None:
        if isinstance(value, float) and abs(whole) >= _MAX_COUNT:
            raise ValueError(f"an id that went through a float has lost digits: {_show(value)}; write ids as text")
        return str(whole), None
    if not isinstance(value, str):
        raise ValueError(f"not an id: {_show(value)}")
    text = value.strip()
    if not text:
        return None, None
    if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise ValueError(f"not an id: {_show(value)} holds control characters")
    if len(text) > _MAX_ID:
        raise ValueError(f"not an id: {len(text)} characters long")
    return text, None


def _name(value: Any) -> tuple[str | None, str | None]:
    text, remark = _id(value)
    return (re.sub(r"^[@\s]+", "", text) or None if text else None), remark


def _count(value: Any) -> tuple[int | None, str | None]:
    if _missing(value) or (isinstance(value, str) and not value.strip()):
        return None, None
    whole = _whole(value)
    if whole is None and isinstance(value, str):
        try:
            whole = _whole(float(value)) if "." in value or "e" in value.lower() else int(value)
        except (ValueError, OverflowError):
            whole = None
    if whole is None or not 0 <= whole <= _MAX_COUNT:
        raise ValueError(f"not a count: {_show(value)}")
    return whole, None


def _time(value: Any) -> tuple[datetime | None, str | None]:
    if _missing(value) or (isinstance(value, str) and not value.strip()):
        return None, None
    moment: datetime | None = None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)
        elif isinstance(value, str):
            moment = _time_of_text(value.strip())
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        if moment is not None:
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise ValueError(f"not a time: {_show(value)}; write ISO 8601 or Unix seconds")
    return moment, None


def _time_of_text(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(float(text), UTC)


def _flag(value: Any) -> tuple[bool | None, str | None]:
    if _missing(value):
        return None, None
    if isinstance(value, bool) or value in (0, 1):
        return bool(value), None
    if isinstance(value, str):
        word = value.strip().lower()
        if not word:
            return None, None
        if word in _TRUE:
            return True, None
        if word in _FALSE:
            return False, None
    raise ValueError(f"not true or false: {_show(value)}")


def _list(value: Any) -> tuple[list[str] | None, str | None]:
    if _missing(value):
        return None, None
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None, None
        if text.startswith("["):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                raise ValueError(f"not a list: {_show(text)}") from None
        else:
            value = text.replace(",", " ").split()
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, (str, int)) for v in value):
        raise ValueError(f"not a list of texts: {_show(value)}")
    return [text for text in (_text(v)[0] for v in value) if text], None


_PARSERS: dict[str, Callable[[Any], tuple[Any, str | None]]] = {
    "id": _id,
    "name": _name,
    "text": _text,
    "count": _count,
    "time": _time,
    "flag": _flag,
    "list": _list,
}
