"""What people wrote is shown, and nothing of it runs, loads, links or breaks out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.interfaces.report.profiles import on_x

from .hostile import ATTACKS, RUN, hostile_world

ELEMENTS = """() => {
  const all = [...document.querySelectorAll('*')];
  return {
    names: [...new Set(all.map(e => e.localName))],
    scripts: document.querySelectorAll('script').length,
    styles: document.querySelectorAll('style').length,
    handlers: all.flatMap(e => e.getAttributeNames().filter(name => name.startsWith('on'))),
    links: all.flatMap(e => ['href', 'src', 'action', 'formaction', 'srcdoc'].map(name => e.getAttribute(name)).filter(Boolean)),
  };
}"""


TOUCH = """() => document.querySelectorAll('.person, q, bdi').forEach(e => {
  for (const kind of ['mouseover', 'focus', 'click']) e.dispatchEvent(new Event(kind));
})"""


@pytest.fixture(scope="module")
def index() -> tf.AccountIndex:
    return tf.AccountIndex.build(hostile_world(), encoder=tf.HashingEncoder(), cache=False, progress=False)


@pytest.fixture(scope="module")
def made(index: tf.AccountIndex) -> tf.Report:
    return tf.report(index, "@mallory", n=500, profile=on_x)


@pytest.fixture(scope="module")
def path(made: tf.Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save(tmp_path_factory.mktemp("hostile") / "me.html")


def test_the_canary_sings_where_nothing_holds_it(look: Any, tmp_path: Path) -> None:
    """The attacks are real: in a page without our care, they run and load."""
    naive = tmp_path / "naive.html"
    naive.write_text("<!doctype html><meta charset=utf-8>" + "".join(f"<p>{attack}</p>" for attack in ATTACKS[:14]), "utf-8")
    seen = look(naive)
    assert seen.page.evaluate("window.ran") > 3
    assert any("evil.example" in address for address in seen.asked)


def test_it_is_large_enough_to_be_a_test_and_small_enough_to_send(made: tf.Report) -> None:
    assert len(made.recommendations) == 500
    assert len(made.neighbourhood) > 900
    assert len(made.html.encode()) < 3_000_000


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1600, "light")])
def test_nothing_of_it_runs_or_loads(look: Any, path: Path, width: int, scheme: str) -> None:
    seen = look(path, width=width, scheme=scheme, reduced_motion="reduce")
    page = seen.page
    found = page.evaluate(ELEMENTS)
    assert not set(found["names"]) & {
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "math",
        "textarea",
        "template",
        "animate",
        "noembed",
    }
    assert (found["scripts"], found["styles"], found["handlers"]) == (3, 1, [])
    assert all(re.fullmatch(r"#[a-z]+|data:,|https://x\.com/(\w{1,15}|i/user/\d+)", link) for link in found["links"])
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.locator("#more button").click()
    page.locator("#sort").select_option("label")
    page.locator("#search").fill("<script>")
    assert page.locator("#count").inner_text().endswith("of 500 people")
    page.locator("#find").fill("<script>")
    for key in ["ArrowRight", "ArrowUp", "ArrowLeft"]:
        page.locator("#plane").press(key)
    page.evaluate(TOUCH)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("window.ran") is None
    assert seen.said == []
    assert seen.asked == [path.as_uri()]
    assert seen.opened == []


def test_the_words_are_shown_as_they_were_written(look: Any, path: Path, made: tf.Report) -> None:
    page = look(path).page
    text = page.evaluate("document.getElementById('follow').textContent")
    assert f"<script>{RUN}</script>" in text
    assert "{{7*7}}" in text
    assert "&lt;script&gt;" in text
    said = json.loads(page.evaluate("document.getElementById('data').textContent"))["map"]["bio"]
    assert any("</script>" in bio for bio in said)
    everything = page.evaluate("document.body.textContent")
    assert not set("\u202e\u2066\u202d\x1b\x07\x00\u2028") & set(everything)


def test_a_script_that_got_in_would_not_run(look: Any, path: Path, tmp_path: Path) -> None:
    """The second wall: were the escaping forgotten somewhere, the policy of the page would still stop it."""
    broken = tmp_path / "broken.html"
    html = path.read_text("utf-8")
    broken.write_text(
        html.replace("<main", f"<script>{RUN}</script><img src=x onerror='{RUN}'><style>main{{display:none}}</style><main", 1),
        "utf-8",
    )
    seen = look(broken)
    page = seen.page
    assert page.evaluate("window.ran") is None
    assert page.locator("main").is_visible()
    assert len([line for line in seen.said if "Content Security Policy" in line]) >= 3
    refused = page.evaluate(
        "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'made' } catch (error) { return error.name } })()"
    )
    assert refused == "TypeError"
