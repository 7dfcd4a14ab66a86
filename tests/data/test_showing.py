"""Pages that a notebook shows: compact, escaped, and typed dataframes, empty ones too."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.data.showing import Section, dataframe, html_lists, html_page, printable
from tweetfocus.errors import InvalidRequest

TAGS = {"p", "h4", "table", "thead", "tbody", "tr", "th", "td", "br", "ul", "li"}
ATTRIBUTES = {"style", "scope", "dir"}


class Reader(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_page_is_a_title_notes_and_tables_that_hold_something() -> None:
    sections = [Section("People", ("#>", "who"), [(1, "@ana"), (2, ("@bo", "second line"))]), Section("Nobody", ("who",), [])]
    read = Reader(html_page("Two people", ["a note"], sections))
    assert read.text == ["Two people", "a note", "People", "#", "who", "1", "@ana", "2", "@bo", "second line"]
    assert read.tags.count("tr") == 3
    assert read.tags.count("h4") == 1


def test_long_tables_and_lists_say_how_much_more_there_is() -> None:
    rows = [(str(number),) for number in range(25)]
    assert Reader(html_page("", [], [Section("", ("n",), rows)])).text[-1] == "and 5 more"
    assert Reader(html_lists("", [("lines", [row[0] for row in rows])])).text[-1] == "and 5 more"


@given(st.text(alphabet=st.sampled_from("<>&\"'=/;:{}%$`\u202e\u2066\x1b\x00\nabc ") | st.characters()))
def test_nothing_that_others_wrote_becomes_markup(text: str) -> None:
    page = html_page(text, [text], [Section(text, ("who", text), [(text, (text, text))])]) + html_lists(text, [(text, [text])])
    read = Reader(page)
    assert set(read.tags) <= TAGS
    assert set(read.attributes) <= ATTRIBUTES
    assert read.tags.count("td") == 2
    assert not set("\u202e\u2066\x1b\x00") & set(page)


def test_a_cell_of_a_megabyte_stays_short() -> None:
    assert len(html_page("", [], [Section("", ("bio",), [("<" * 1_000_000,)])])) < 3000


def test_columns_keep_their_types_without_rows() -> None:
    columns = {"a": "text", "b": "count", "c": "number", "d": "flag", "e": "time"}
    types = [pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us", tz="UTC")]
    assert dataframe([], columns, "pyarrow").schema.types == types
    assert dataframe([{"b": 3}], columns, "pyarrow").to_pylist() == [{"a": None, "b": 3, "c": None, "d": None, "e": None}]


def test_other_backends_are_refused_with_the_list() -> None:
    with pytest.raises(InvalidRequest, match=r"backend must be one of pyarrow, pandas, polars, .* not 'excel'"):
        dataframe([], {"a": "text"}, "excel")


def test_a_backend_that_is_missing_says_how_to_install_it() -> None:
    with pytest.raises(ModuleNotFoundError, match="pip install cudf"):
        dataframe([], {"a": "text"}, "cudf")


@given(st.text())
def test_nothing_moves_the_cursor_or_turns_the_direction_of_reading(text: str) -> None:
    shown = printable(text)
    assert all(unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in shown)
    assert printable(shown) == shown


def test_joiners_stay_and_nothing_is_nothing() -> None:
    assert printable("👩\u200d🔬\x07 at\r\nwork") == "👩\u200d🔬 at work"
    assert printable(None) == ""
