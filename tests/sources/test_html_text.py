"""Text of HTML: as the fediverse sends it, and as nobody should."""

from __future__ import annotations

import html as html_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.sources.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One</p>\n  <p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three<br></br>", "One\nTwo\nThree"),
        ("<p>Line<br><br><br>far below</p>", "Line\n\nfar below"),
        ("<ul><li>dbt</li><li>Airflow</li></ul>after", "dbt\nAirflow\n\nafter"),
        ("<p>a  \n b\t c</p>", "a b c"),
        ("dbt <strong>and</strong> <em>SQL</em>", "dbt and SQL"),
        ("&lt;3 SQL &amp; dbt &#39;ok&#x27;", "<3 SQL & dbt 'ok'"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),  # unescaped once
        (":blobcat: ok", ":blobcat: ok"),
        ("<script>alert(1)</script>a<style>p{}</style>b<!-- c -->d", "abd"),
        ("<svg><text>x</text></svg><template>y</template><iframe>z</iframe>a", "a"),
        ('<span class="x invisible">hidden</span>seen', "seen"),
        ("<p>open <b>never closed", "open never closed"),
        ("</p></div>closed never opened", "closed never opened"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\nb"),
        ("<frameset>", ""),
        ("a\x00b", "ab"),
    ],
)
def test_text(html: str, text: str) -> None:
    assert html_to_text(html).text == text


def test_a_shortened_link_is_whole() -> None:
    html = (
        '<a href="https://paper.example/load/2026" rel="nofollow"><span class="invisible">https://</span>'
        '<span class="ellipsis">paper.example/lo</span><span class="invisible">ad/2026</span></a>'
    )
    found = html_to_text(f"<p>See {html}</p>")
    assert found.text == "See https://paper.example/load/2026"
    assert found.urls == ("https://paper.example/load/2026",)


def test_a_link_that_says_another_address_is_where_it_leads() -> None:
    found = html_to_text('<a href="https://evil.example">https://good.example</a> <a href="HTTP://b.example">words</a>')
    assert found.text == "https://evil.example words"
    assert found.urls == ("https://evil.example", "HTTP://b.example")


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "/local", "", "mailto:a@b.example"])
def test_what_is_no_address_of_the_web_is_no_link(href: str) -> None:
    found = html_to_text(f'<a href="{href}">here</a>')
    assert (found.text, found.urls) == ("here", ())


def test_mentions_and_hashtags_are_no_links() -> None:
    html = (
        '<a class="mention" href="https://a.example/@ana">@<span>ana</span></a> <a href="https://a.example/tags/dbt">#dbt</a>'
    )
    assert html_to_text(html) == html_to_text(html, mentions={"https://other.example": "x@y"})
    assert html_to_text(html).text == "@ana #dbt"
    assert html_to_text(html).urls == ()
    assert html_to_text(html, mentions={"https://a.example/@ana": "ana@a.example"}).text == "@ana@a.example #dbt"


@pytest.mark.parametrize(
    "part",
    ["<!--", "<![CDATA[", "<", "</", "&", "<a ", "<a href='", "<b><i>", "<div>", "<p>", "<b></i>", "<a><div>", "<table><tr><td>",
     "<svg>", "<select>", "<form>", "&#", "<a href=https://x.example>"],
)  # fmt: skip
def test_hostile_html_is_read_in_one_go(part: str) -> None:
    found = html_to_text("start " + part * (1_000_000 // len(part)))  # some parsers take minutes for a tenth of this
    assert found.text.startswith("start")
    assert len(found.text) <= 100_000


@given(st.text(max_size=300))
def test_whatever_comes_there_is_text(html: str) -> None:
    found = html_to_text(html)
    assert found.text == found.text.strip()
    assert "\n\n\n" not in found.text


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=100))
def test_escaped_text_comes_back(text: str) -> None:
    assert html_to_text(f"<p>{html_module.escape(text)}</p>").text.split() == text.split()
