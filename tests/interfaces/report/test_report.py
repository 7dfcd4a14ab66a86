from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.interfaces.report.page import json_block
from tweetfocus.interfaces.report.profiles import on_x
from tweetfocus.interfaces.report.wording import LEFT

HERO = "@mara_lindqvist"


class Page(HTMLParser):
    """The page as a browser would read it: its elements, its text, and the text of single elements by id."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] not in ("script", "style"):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def _data(html: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


@pytest.fixture(scope="module")
def made(hashed_world_index: tf.AccountIndex) -> tf.Report:
    return tf.report(hashed_world_index, HERO, n=40, points=150, profile=on_x)


@pytest.fixture(scope="module")
def page(made: tf.Report) -> Page:
    return Page(made.html)


def test_equal_findings_make_equal_pages(hashed_world_index: tf.AccountIndex, made: tf.Report) -> None:
    assert tf.report(hashed_world_index, "@me", n=40, points=150, profile=on_x).html == made.html


def test_every_recommendation_has_its_card_with_every_reason(made: tf.Report, page: Page) -> None:
    cards = [item for item in page.all("li") if item.get("class") == "person"]
    assert [card["data-rank"] for card in cards] == [str(rank) for rank in range(1, 41)]
    for rec in made.recommendations:
        assert rec.label in page.text
        for reason in rec.reasons:
            assert " ".join(reason.text.split())[:100] in page.text


def test_a_card_is_of_the_field_that_its_reason_names(hashed_world_index: tf.AccountIndex, made: tf.Report, page: Page) -> None:
    names = [", ".join(facet.words[:3]) for facet in made.audience.facets]
    assert len(names) == 2
    cards = [item for item in page.all("li") if item.get("class") == "person"]
    named = 0
    for card, rec in zip(cards, made.recommendations, strict=True):
        for reason in rec.reasons:
            if "facets" in reason.features and "“" in reason.text:
                assert f"“{names[int(card['data-field'] or 0)]}”" in reason.text
                named += 1
    assert named > 10


def test_links_are_profiles_and_places_on_the_page(made: tf.Report, page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = [link["href"] or "" for link in page.all("a")]
    assert {"#follow", "#map", "#audit", "#audience", "#inbox", "#back", "#left", "#method"} <= set(links)
    for link in links:
        assert link[1:] in ids if link.startswith("#") else re.fullmatch(r"https://x\.com/\w{1,15}", link)
    assert f"https://x.com/{made.recommendations[0].username}" in links


def test_without_a_known_platform_nobody_is_linked(hashed_world_index: tf.AccountIndex) -> None:
    html = tf.report(hashed_world_index, HERO, n=5, points=20).html
    assert {link["href"][:1] for link in Page(html).all("a")} == {"#"}
    assert set(_data(html)["map"]["address"]["rest"]) == {""}


def test_nothing_is_loaded_and_nothing_runs_but_our_scripts(made: tf.Report, page: Page) -> None:
    assert {tag for tag, _ in page.elements} & {"img", "iframe", "object", "embed", "base", "form", "svg"} == {"form"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"]
    assert [attributes for attributes in page.all("script") if "src" in attributes] == []
    assert len(page.all("script")) == 3
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]{44}' 'sha256-[\w+/=]{44}'", rules["script-src"])
    assert rules["require-trusted-types-for"] == "'script'"


def test_the_map_of_the_script_is_the_neighbourhood(hashed_world_index: tf.AccountIndex, made: tf.Report) -> None:
    points, near = _data(made.html)["map"], made.neighbourhood
    rows = near.rows.tolist()
    assert {len(points[column]) for column in ("x", "y", "role", "group", "card", "label", "bio")} == {len(near)}
    assert len(points["address"]["rest"]) == len(near)
    assert np.allclose(np.array([points["x"], points["y"]]).T / 9999, near.places, atol=1e-4)
    roles = [points["roles"][role] for role in points["role"]]
    graph, me = hashed_world_index.graph, hashed_world_index.data.row(HERO)
    suggested = {hashed_world_index.data.row(rec.account_id): rank for rank, rec in enumerate(made.recommendations, 1)}
    for row, role, rank in zip(rows, roles, points["card"], strict=True):
        mine, theirs = row in graph.following(me), row in graph.followers(me)
        expected = {(True, True): "each other", (True, False): "you follow", (False, True): "follows you"}.get(
            (mine, theirs), "others"
        )
        assert role == ("you" if row == me else "suggested" if row in suggested else expected)
        assert rank == suggested.get(row, 0)


def test_the_figures_say_what_the_verbs_found(made: tf.Report, page: Page) -> None:
    charts = _data(made.html)["charts"]
    assert [row["quarter"] for row in charts["quarters"]["rows"]] == [q.quarter for q in made.audit.quarters]
    for crowd, found in zip(charts["crowds"], (made.audience.followers, made.audience.following), strict=True):
        assert sum(part["accounts"] for part in crowd["parts"]) == len(found)
    assert charts["balance"]["position"] == made.audit.balance.position
    assert f"{made.audit.focus:.2f}" in page.text
    for change in made.audit.top_changes:
        assert " ".join(change.text.split()) in page.text


def test_who_wants_to_stay_hidden_is_counted_and_not_named(
    hashed_world_index: tf.AccountIndex, made: tf.Report, page: Page
) -> None:
    hidden = [drop for drop in made.recommendations.dropped if drop.code in ("opted_out", "protected")]
    seen = [drop for drop in made.recommendations.dropped if drop.code == "spam"]
    assert len(hidden) == 5
    assert len(seen) == 16
    labels = _data(made.html)["map"]["label"]
    for drop in hidden:
        assert f"@{drop.username}" not in labels
        section = page.text[page.text.index("Left out, and why") :]
        assert f"@{drop.username}" not in section
    assert all(f"@{drop.username}" in page.text for drop in seen)
    assert "3 not to be found or recommended: their own wish (counted, not named)" in page.text


@pytest.mark.parametrize(
    "people",
    [
        [tf.Account(account_id="1", username="ana")],
        [tf.Account(account_id="1", username="ana", bio="grids"), tf.Account(account_id="2", bio="grids and pumps")],
        [tf.Account(account_id="1", username="ana"), *(tf.Account(account_id=str(n), bio=f"pumps {n}") for n in range(2, 30))],
    ],
)
def test_an_account_without_posts_and_follows_gets_a_page_that_says_so(people: list[tf.Account]) -> None:
    data = tf.Dataset.from_records(people)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False, progress=False)
    made = tf.report(index, "@ana")
    page = Page(made.html)
    for said in (
        "Whether the bio agrees with the posts cannot be judged",
        "too few posts to judge",
        "No post has a date",
        "Which posts are off topic cannot be judged",
        "No follower of this account is in the index",
        "cannot be compared",
    ):
        assert said in page.text
    assert "None" not in page.text
    assert "nan" not in page.text.lower().split()


def test_follows_without_a_word() -> None:
    people = [
        tf.Account(account_id="0", username="new"),
        *(tf.Account(account_id=f"{n}", bio=f"pumps {n}") for n in range(1, 30)),
    ]
    pairs = [(0, n) for n in range(1, 6)] + [(n, m) for n in range(6, 30) for m in range(1, 30) if (n * m) % 3 and n != m]
    follows = [tf.Follow(source_id=str(one), target_id=str(other)) for one, other in pairs]
    data = tf.Dataset.from_records(people, follows=follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False, progress=False)
    made = tf.report(index, "@new", n=10, points=50)
    assert "No field can be told" in made.html
    assert len(made.recommendations) == 10
    assert _data(made.html)["map"]["fields"] == []


def test_declared_fields(hashed_world_index: tf.AccountIndex) -> None:
    made = tf.report(hashed_world_index, HERO, fields=["data <engineering>", "energy"], n=5, points=20)
    assert _data(made.html)["charts"]["quarters"]["names"] == ["data <engineering>", "energy"]
    assert "data &lt;engineering&gt;" in made.html


def test_memory_is_honoured(hashed_world_index: tf.AccountIndex, tmp_path: Path) -> None:
    index, day = hashed_world_index, date(2026, 3, 2)
    me = index.data.account_id(index.data.row(HERO))
    first = [rec.account_id for rec in tf.report(index, HERO, n=5, points=20).recommendations]
    memory = tf.Memory(tmp_path / "memory.sqlite")
    memory.dismiss(me, first[:1], on=day)
    memory.snooze(me, first[1:2], until=date(2026, 4, 1))
    memory.follow(me, first[2:3], on=day)
    after = tf.report(index, HERO, n=5, points=20, memory=memory, today=day)
    assert not set(first[:3]) & {rec.account_id for rec in after.recommendations}
    assert first[3] in {rec.account_id for rec in after.recommendations}
    assert "3 dismissed, put off, followed since, or excluded by you" in Page(after.html).text
    later = tf.report(index, HERO, n=5, points=20, memory=memory, today=date(2026, 5, 1))
    assert first[1] in {rec.account_id for rec in later.recommendations}


@pytest.mark.parametrize(
    "options",
    [
        {"points": 0},
        {"points": 20_001},
        {"points": 1.5},
        {"n": 0},
        {"inactive_days": -1},
        {"profile": lambda *_: "http://x.com"},
    ],
)
def test_options_out_of_range_are_refused(hashed_world_index: tf.AccountIndex, options: dict[str, Any]) -> None:
    with pytest.raises(tf.InvalidRequest):
        tf.report(hashed_world_index, HERO, **options)


def test_save(made: tf.Report, tmp_path: Path) -> None:
    path = made.save(tmp_path / "me.html")
    assert path.read_text("utf-8") == made.html
    path.write_text(made.html[:1000])
    assert made.save(path).read_text("utf-8") == made.html  # an earlier report is replaced
    assert [file.name for file in tmp_path.iterdir()] == ["me.html"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("notes.html", "is there already, and no report"),
        ("folder", "is a folder"),
        ("no/me.html", "there is no folder"),
        ("a\0b", "cannot be written"),
    ],
)
def test_save_overwrites_nothing_of_others(made: tf.Report, tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "notes.html").write_text("<!doctype html>\n<p>mine</p>")
    (tmp_path / "folder").mkdir()
    with pytest.raises(tf.StorageError, match=why):
        made.save(tmp_path / name)
    assert (tmp_path / "notes.html").read_text() == "<!doctype html>\n<p>mine</p>"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "notes.html"]


def test_in_a_notebook_the_page_stays_in_its_frame(made: tf.Report) -> None:
    frame = Page(made._repr_html_())
    ((tag, attributes),) = frame.elements
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts allow-popups"
    assert attributes["srcdoc"] == made.html


def test_json_block_cannot_end_its_element() -> None:
    said = {"a": "</script><!--<script>&amp;\u2028\u2029", "b": [1, None]}
    block = json_block(said)
    assert not set(block) & set("<>&\u2028\u2029")
    assert json.loads(block) == said


def test_the_parts_are_sound() -> None:
    """The library is the file that its authors published, and no part could end the element that it stands in."""
    import hashlib

    parts = Path(tf.__file__).parent / "interfaces" / "report" / "parts"
    library = (parts / "d3" / "d3.min.js").read_bytes()
    assert library.startswith(b"// https://d3js.org v7.9.0 ")
    assert hashlib.sha256(library).hexdigest() == "f2094bbf6141b359722c4fe454eb6c4b0f0e42cc10cc7af921fc158fceb86539"
    assert "Mike Bostock" in (parts / "d3" / "LICENSE").read_text()
    for path in [*parts.glob("*.js"), *parts.glob("*.css"), parts / "d3" / "d3.min.js"]:
        text = path.read_text("utf-8")
        assert "</" not in text.replace("</" + "b>", "")
        assert "\r" not in text
        if path.name != "d3.min.js":
            assert len(text.splitlines()) < 400
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.html\(|eval\(|https?:", text)


def test_a_page_of_500_people_stays_below_three_megabytes_in_any_script() -> None:
    rng = np.random.default_rng(0)
    letters = [chr(at) for at in range(0x4E00, 0x4E40)]
    words = ["".join(rng.choice(letters, 4)) for _ in range(80)]
    people = [
        tf.Account(
            account_id=f"{n:03}",
            username="".join(rng.choice(letters, 15)),
            name=words[n % 80] * 9,
            bio=" ".join(rng.choice(words, 90)),
        )
        for n in range(620)
    ]
    follows = [
        tf.Follow(source_id=f"{n:03}", target_id=f"{other:03}")
        for n in range(620)
        for other in rng.integers(0, 620, 12).tolist()
        if n != other
    ]
    index = tf.AccountIndex.build(
        tf.Dataset.from_records(people, follows=follows), encoder=tf.HashingEncoder(), cache=False, progress=False
    )
    made = tf.report(index, "000", n=500)
    assert len(made.recommendations) == 500
    assert len(made.html.encode()) < 3_000_000


def test_every_code_is_explained() -> None:
    assert set(LEFT) == set(tf.Left)
