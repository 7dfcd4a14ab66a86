"""Values as a person looks at them in a notebook: compact tables in HTML, and dataframes of any library that narwhals knows."""

from __future__ import annotations

import html
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa

from tweetfocus.errors import InvalidRequest

__all__ = ["Section", "dataframe", "html_lists", "html_page", "printable", "to_backend"]

_SHOWN = 20  # rows and lines of a section
_LONGEST = 240  # characters of a cell
_JOINERS = "\u200c\u200d"  # hold emoji and some scripts together
_TYPES = {
    "text": pa.string(),
    "count": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}
_BACKENDS = ("pyarrow", "pandas", "polars", "modin", "cudf")

# `inherit` and `currentColor` follow the notebook's theme, light or dark
_TABLE = "border-collapse:collapse;max-width:60em;color:inherit"
_HEAD = "text-align:left;vertical-align:bottom;padding:.2em .8em .2em 0;border-bottom:1px solid currentColor"
_CELL = "text-align:left;vertical-align:top;padding:.2em .8em .2em 0;white-space:normal"
_NUMBER = "text-align:right;vertical-align:top;padding:.2em .8em .2em 0;white-space:nowrap"


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a page.

    Attributes:
        heading: what it holds; empty for the only one.
        columns: a name for each column; a name that ends with ">" is a column of numbers, which stand on the right.
        rows: the cells; a cell of several lines is a tuple.
    """

    heading: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]


def printable(text: str | None) -> str:
    r"""One line without control characters: a bio must not move the cursor, change colours or turn the direction of reading.

    Example:
        >>> printable("Heat\x1b[31m pumps\u202e\n")
        'Heat [31m pumps'
    """
    line = " ".join((text or "").split())
    if line.isprintable():
        return line
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in line).split())


def html_page(title: str, notes: Iterable[str], sections: Iterable[Section]) -> str:
    """A title, notes, and the tables that hold something, of which the first rows are shown. Everything is escaped."""
    parts = [f"<p>{_line(title)}</p>", *(f"<p>{_line(note)}</p>" for note in notes)]
    for section in sections:
        if section.rows:
            parts += [_heading(section.heading), _table(section)]
    return "".join(parts)


def html_lists(title: str, sections: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A title, then each section as a list. Everything is escaped."""
    parts = [f"<p>{_line(title)}</p>"]
    for heading, lines in sections:
        items = "".join(f'<li dir="auto">{_line(line)}</li>' for line in lines[:_SHOWN])
        parts += [_heading(heading), f'<ul style="max-width:60em">{items}</ul>', _more(len(lines))]
    return "".join(parts)


def dataframe(records: Iterable[Mapping[str, Any]], columns: Mapping[str, str], backend: str) -> Any:
    """A dataframe with a row for each record, whose columns have their types even where there is no record.

    Args:
        records: the rows.
        columns: name -> "text", "count", "number", "flag" or "time".
        backend: "pyarrow", "pandas", "polars", or another that narwhals can make of an Arrow table.

    Raises:
        InvalidRequest: no such backend.
        ImportError: the backend is not installed.

    Example:
        >>> dataframe([{"account_id": "7", "score": 1.5}], {"account_id": "text", "score": "number"}, "pyarrow").to_pydict()
        {'account_id': ['7'], 'score': [1.5]}
    """
    rows = list(records)
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])
    return to_backend(pa.Table.from_pydict({name: [row.get(name) for row in rows] for name in columns}, schema=schema), backend)


def to_backend(table: pa.Table, backend: str) -> Any:
    """An Arrow table as a dataframe of that library."""
    import narwhals as nw

    if backend not in _BACKENDS:
        raise InvalidRequest(f"backend must be one of {', '.join(_BACKENDS)}, not {backend!r}")
    if importlib.util.find_spec(backend) is None:
        raise ModuleNotFoundError(f"to_frame({backend!r}) needs {backend}: pip install {backend}", name=backend)
    return nw.from_arrow(table, backend=cast(Any, backend)).to_native()


def _heading(text: str) -> str:
    return f"<h4>{_line(text)}</h4>" if text else ""


def _table(section: Section) -> str:
    numbers = [name.endswith(">") for name in section.columns]
    head = "".join(f'<th scope="col" style="{_HEAD}">{_line(name.rstrip(">"))}</th>' for name in section.columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td dir="auto" style="{_NUMBER if number else _CELL}">{_cell(cell)}</td>'
            for cell, number in zip(row, numbers, strict=True)
        )
        + "</tr>"
        for row in section.rows[:_SHOWN]
    )
    table = f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return table + _more(len(section.rows))


def _more(count: int) -> str:
    return f"<p>and {count - _SHOWN:,} more</p>" if count > _SHOWN else ""


def _cell(cell: object) -> str:
    if isinstance(cell, tuple):
        return "<br>".join(map(_line, cell))
    return "" if cell is None else f"{cell:,.2f}" if isinstance(cell, float) else _line(cell)


def _line(text: object) -> str:
    """One escaped line that is not too long for a cell."""
    line = printable(str(text)[: 4 * _LONGEST])
    return html.escape(line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…")
