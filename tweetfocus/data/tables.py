"""Reading and writing the tables of a dataset: Parquet, CSV, JSONL and dataframes in, Parquet, CSV and JSONL out.

What comes out of the readers is raw columns; what they mean is decided in `columns` and `dataset`.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import math
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tweetfocus.data.records import Issue
from tweetfocus.errors import DataError, StorageError

__all__ = [
    "FORMATS",
    "RawTable",
    "as_text",
    "find_table",
    "raw_from_frame",
    "raw_from_records",
    "read_table",
    "replacing",
    "write_table",
]

FORMATS = ("parquet", "csv", "jsonl")
_csv_limit = threading.Lock()
# put after the last line of a CSV file: where it lands inside a field, a quotation mark was left open
_LAST_LINE = "\0end of file\0"


@dataclass(frozen=True, slots=True)
class RawTable:
    """Columns as they were found, the record number of each row, and the records that could not be read at all."""

    file: str
    columns: Mapping[str, pa.ChunkedArray | Sequence[Any]]
    rows: Sequence[int]
    issues: tuple[Issue, ...] = ()


def find_table(folder: Path, name: str) -> Path | None:
    """The one file of `folder` that holds table `name`, or None; two of them are an error."""
    found = [path for form in FORMATS if (path := folder / f"{name}.{form}").is_file()]
    if len(found) > 1:
        raise DataError(f"{folder}: both {found[0].name} and {found[1].name} are there; keep one of them")
    return found[0] if found else None


def read_table(path: Path) -> RawTable:
    """Read one table file, by its ending."""
    try:
        if path.suffix == ".parquet":
            return raw_from_frame(pq.read_table(path), path.name)
        if path.suffix == ".csv":
            return _read_csv(path)
        return _read_jsonl(path)
    except pa.ArrowException as error:
        raise DataError(f"{path}: not a readable Parquet file ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error


def raw_from_frame(frame: Any, file: str) -> RawTable:
    """Take any dataframe that speaks Arrow: pandas, polars, pyarrow, DuckDB, ..."""
    if not isinstance(frame, pa.Table):
        import narwhals as nw

        try:
            native = nw.from_native(frame)
            if isinstance(native, nw.LazyFrame):
                native = native.collect("pyarrow")
            columns = {str(name): _series(native.get_column(name)) for name in native.columns}
            return RawTable(file, columns, range(1, len(native) + 1))
        except nw.exceptions.DuplicateError as error:
            raise DataError(f"{file}: two columns have the same name") from error
        except TypeError as error:
            try:
                frame = pa.table(frame if hasattr(frame, "__arrow_c_stream__") else None)
            except (TypeError, ValueError):
                raise DataError(f"{file}: {type(frame).__name__} is not a dataframe that speaks Arrow") from error
    if len(set(frame.column_names)) != len(frame.column_names):
        raise DataError(f"{file}: two columns have the same name")
    return RawTable(file, {name: frame.column(name) for name in frame.column_names}, range(1, frame.num_rows + 1))


def _series(series: Any) -> pa.ChunkedArray | list[Any]:
    """One column as Arrow, or as a list where its values have no common type."""
    import narwhals as nw

    try:
        if series.dtype != nw.Object:
            return pa.chunked_array([series.to_arrow()])
        return pa.chunked_array([pa.array(series.to_list(), from_pandas=True)])
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        values: list[Any] = series.to_list()
        return values


def raw_from_records(records: Iterable[Any], names: Sequence[str], file: str) -> RawTable:
    """Take `Account`, `Post` or `Follow` values."""
    found = list(records)
    columns = {name: [getattr(record, name) for record in found] for name in names}
    return RawTable(file, columns, range(1, len(found) + 1))


def _read_csv(path: Path) -> RawTable:
    with open(path, "rb") as file:
        start = file.read(4)
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    issues: list[Issue] = []
    with open(path, encoding=encoding, errors="surrogateescape", newline="") as stream, _long_fields():
        reader = csv.reader(itertools.chain(stream, [_LAST_LINE]))
        try:
            header = [_printable(name.strip()) for name in next(reader, [])]
            if not any(header) or header[-1].endswith(_LAST_LINE):
                raise DataError(f"{path}: empty; the first line must name the columns")
            if len(set(header)) != len(header):
                raise DataError(f"{path}: two columns have the same name in the first line")
            cells: list[list[str | None]] = [[] for _ in header]
            rows: list[int] = []
            for number, record in enumerate(reader, 1):
                if not record or record == [_LAST_LINE]:
                    continue
                if record[-1].endswith(_LAST_LINE):
                    why = "a quotation mark that opens in this record is never closed; all from here on left out"
                    issues.append(Issue(path.name, number, None, why))
                    continue
                if len(record) != len(header):
                    why = f"{len(record)} fields instead of {len(header)}; record left out"
                    issues.append(Issue(path.name, number, None, why))
                    continue
                rows.append(number)
                for column, cell in zip(cells, record, strict=True):
                    column.append(cell or None)
        except csv.Error as error:
            raise DataError(f"{path}: line {reader.line_num} is not CSV ({error})") from error
        except UnicodeError as error:
            raise DataError(f"{path}: neither UTF-8 nor UTF-16 ({error})") from error
    return RawTable(path.name, dict(zip(header, cells, strict=True)), rows, tuple(issues))


@contextlib.contextmanager
def _long_fields() -> Iterator[None]:
    """Csv keeps its field limit for the whole process: raise it while reading, then put it back."""
    with _csv_limit:
        before = csv.field_size_limit(2**31 - 1)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _read_jsonl(path: Path) -> RawTable:
    columns: dict[str, list[Any]] = {}
    rows: list[int] = []
    issues: list[Issue] = []
    with open(path, encoding="utf-8-sig", errors="surrogateescape") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line, parse_constant=lambda _: None)
                if not isinstance(record, dict):
                    raise ValueError("not a JSON object")
            except (ValueError, RecursionError) as error:
                issues.append(Issue(path.name, number, None, f"not JSON ({error}); record left out"))
                continue
            for name, value in record.items():
                column = columns.setdefault(name, [])
                column.extend([None] * (len(rows) - len(column)))
                column.append(value)
            rows.append(number)
    for column in columns.values():
        column.extend([None] * (len(rows) - len(column)))
    return RawTable(path.name, {_printable(name): column for name, column in columns.items()}, rows, tuple(issues))


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def write_table(table: pa.Table, path: Path) -> None:
    """Write `table` by the ending of `path`; the file appears whole or not at all."""
    with replacing(path) as file:
        if path.suffix == ".parquet":
            pq.write_table(table, file)
        elif path.suffix == ".csv":
            file.write(_as_csv(table).encode())
        else:
            for record in table.to_pylist():
                known = {name: plain for name, value in record.items() if (plain := _plain(value)) is not None}
                file.write((json.dumps(known, ensure_ascii=False, default=str) + "\n").encode())


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends well; otherwise `path` stays as it was."""
    temporary: str | None = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(
            f"{path}: cannot be written ({error.strerror or error}); what was there before is unchanged"
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _as_csv(table: pa.Table) -> str:
    import io

    out = io.StringIO()
    writer = csv.writer(out)  # its line ends, \r\n, make it quote texts that hold a lone \r as well
    writer.writerow(table.column_names)
    for record in table.to_pylist():
        writer.writerow(as_text(value) for value in record.values())
    return out.getvalue()


def as_text(value: Any) -> str | None:
    """One value of any type as text: times in ISO 8601, lists and objects as JSON.

    Example:
        >>> as_text("a"), as_text(1), as_text(["a"]), as_text(None)
        ('a', '1', '["a"]', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no word for it
    return value.isoformat() if hasattr(value, "isoformat") else value
