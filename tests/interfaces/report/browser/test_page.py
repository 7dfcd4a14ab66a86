"""The page in a real browser: quiet, self-contained, usable at any width, by mouse, keyboard and ear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf

WIDTHS = [360, 800, 1600]
SHOWN = "[...document.querySelectorAll('.person')].filter(p => p.checkVisibility()).map(p => Number(p.dataset.rank))"
PLACES = """(rank) => {
  const map = JSON.parse(document.getElementById('data').textContent).map, i = map.card.indexOf(rank);
  const box = document.getElementById('plane').getBoundingClientRect();
  const [wide, high] = ['x', 'y'].map(at => Math.max(...map[at].map(Math.abs)));
  let [across, down] = [(box.width / 2 - 44) / wide, (box.height / 2 - 44) / high];
  [across, down] = [Math.min(across, 2.5 * down), Math.min(down, 2.5 * across)];
  return {label: map.label[i], x: box.width / 2 + map.x[i] * across, y: box.height / 2 + map.y[i] * down};
}"""


INK = """() => {
  const plane = document.getElementById('plane');
  return plane.getContext('2d').getImageData(0, 0, plane.width, plane.height).data.filter((v, i) => i % 4 === 3 && v > 0).length;
}"""


def _quiet(seen: Any, path: Path) -> None:
    assert seen.said == []
    assert seen.asked == [path.as_uri()]
    assert seen.opened == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_and_is_quiet(look: Any, path: Path, width: int, scheme: str) -> None:
    seen = look(path, width=width, scheme=scheme)
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(
        "[...document.querySelectorAll('.drawn')].every(d => d.querySelector('svg').getBoundingClientRect().height > 40)"
    )
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in paper[4:-1].split(",")) < 200) == (scheme == "dark")
    assert page.evaluate(INK) > 1000
    for name in ("follow", "map", "audit", "audience", "inbox", "back", "left", "method"):
        page.evaluate(f"document.getElementById('{name}').scrollIntoView()")
    _quiet(seen, path)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1600, "light")])
def test_axe_finds_nothing(look: Any, path: Path, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = look(path, width=width, scheme=scheme, reduced_motion="reduce").page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).response
    assert len(found["passes"]) > 20
    told = [
        f"{rule['impact']} {rule['id']}: {rule['nodes'][0]['target']} {rule['nodes'][0].get('failureSummary')}"
        for rule in found["violations"]
    ]
    assert told == []


def test_searching_filtering_and_sorting(look: Any, path: Path, made: tf.Report) -> None:
    seen = look(path)
    page, recs = seen.page, made.recommendations
    assert page.evaluate(SHOWN) == list(range(1, 25))
    assert page.locator("#count").inner_text() == "50 people"
    page.locator("#more button").click()
    assert page.evaluate(SHOWN) == list(range(1, 49))
    assert page.evaluate("document.activeElement.id") == "p25"
    page.locator("#more button").click()
    assert page.evaluate(SHOWN) == list(range(1, 51))
    assert page.locator("#more").is_hidden()

    page.locator("#search").fill(recs[30].label.upper())
    assert 31 in page.evaluate(SHOWN)
    assert page.locator("#count").inner_text().endswith("of 50 people")
    page.locator("#search").fill("no such words at all")
    assert page.evaluate(SHOWN) == []
    page.locator("#all").click()
    assert page.evaluate(SHOWN) == list(range(1, 25))

    following = [rank for rank, rec in enumerate(recs, 1) if any("follows_me" in reason.features for reason in rec.reasons)]
    page.get_by_label("follow you", exact=True).check()
    assert page.evaluate(SHOWN) == following
    assert following
    page.get_by_label("follow you", exact=True).uncheck()
    page.locator("#sort").select_option("label")
    names = page.evaluate("[...document.querySelectorAll('.person h3')].map(h => h.textContent.trim().toLowerCase())")
    assert names == sorted(names)
    page.locator("#sort").select_option("rank")
    page.locator("#field").select_option("1")
    shown = page.evaluate(
        "[...document.querySelectorAll('.person')].filter(p => p.checkVisibility()).map(p => p.dataset.field)"
    )
    assert set(shown) == {"1"}
    _quiet(seen, path)


def test_pointing_clicking_and_finding_on_the_map(look: Any, path: Path, made: tf.Report) -> None:
    seen = look(path, width=1600, height=1000, reduced_motion="reduce")
    page = seen.page
    page.evaluate("document.querySelector('.mapping').scrollIntoView({block: 'center'})")
    canvas, found = page.locator("#plane"), page.locator("#found")
    place = page.evaluate(PLACES, 1)
    canvas.hover(position={"x": place["x"], "y": place["y"]})
    page.wait_for_function("document.querySelector('#found .who')")
    assert page.locator("canvas.on").count() == 1
    page.locator("#find").fill(made.recommendations[40].label)
    assert made.recommendations[40].label in found.inner_text()
    assert "place 41" in found.inner_text()
    page.locator("#search").fill("no such words at all")
    found.get_by_role("button", name="Show the reasons").click()
    assert page.evaluate("document.activeElement.id") == "p41"
    assert 41 in page.evaluate(SHOWN)
    page.locator("#find").fill("nobody of this name")
    assert "Nobody of that name is on the map" in found.inner_text()
    page.evaluate("document.querySelector('.mapping').scrollIntoView({block: 'center'})")
    canvas.click(position={"x": place["x"], "y": place["y"]})
    assert page.locator("#found .who").count() == 1
    _quiet(seen, path)


def test_the_map_by_keyboard(look: Any, path: Path) -> None:
    seen = look(path, reduced_motion="reduce")
    page, told = seen.page, set()
    page.locator("#plane").focus()
    for key in ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "+", "ArrowLeft", "ArrowLeft", "-", "0"]:
        page.keyboard.press(key)
        told.add(page.locator("#found").inner_text())
    assert len(told) >= 4
    before = page.evaluate("scrollY")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("scrollY") == before  # the arrows belong to the map
    rank = page.evaluate("""() => { const map = JSON.parse(document.getElementById('data').textContent).map;
      return map.card.find(rank => rank > 30); }""")
    page.locator("#find").fill(page.evaluate(PLACES, rank)["label"])
    page.locator("#plane").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == f"p{rank}"
    _quiet(seen, path)


def test_marks_can_be_hidden(look: Any, path: Path) -> None:
    page = look(path, reduced_motion="reduce").page
    page.evaluate("document.querySelector('.mapping').scrollIntoView({block: 'center'})")
    before = page.evaluate(INK)
    page.get_by_label("suggested").uncheck()
    page.evaluate("new Promise(requestAnimationFrame)")
    hidden = page.evaluate(INK)
    assert hidden < before
    place = page.evaluate(PLACES, 1)
    page.locator("#plane").click(position={"x": place["x"], "y": place["y"]})
    assert "suggested" not in page.locator("#found").inner_text()
    page.get_by_label("suggested").check()
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate(INK) > hidden


def test_links_lead_to_places_and_profiles(look: Any, path: Path, made: tf.Report) -> None:
    seen = look(path, reduced_motion="reduce")
    page = seen.page
    for link in page.locator(".bar nav a").all():
        link.click()
        assert page.evaluate("document.querySelector(location.hash).getBoundingClientRect().top < innerHeight / 2")
    page.context.route("https://x.com/**", lambda route: route.fulfill(body="a profile"))
    with page.context.expect_page() as opened:
        page.locator("#p1 h3 a").click()
    assert opened.value.url == f"https://x.com/{made.recommendations[0].username}"
    assert opened.value.evaluate("window.opener") is None
    assert seen.asked == [path.as_uri()]


def test_the_theme_is_switched_and_kept(look: Any, path: Path) -> None:
    page = look(path, scheme="dark").page
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.locator("#theme").click()
    light = page.evaluate(paper)
    assert light != dark
    assert page.locator("#theme").inner_text() == "Dark"
    page.reload()
    assert page.evaluate(paper) == light


def test_it_prints(look: Any, path: Path) -> None:
    seen = look(path, scheme="dark")
    printed = seen.page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") > 5
    seen.page.emulate_media(media="print")
    assert seen.page.locator(".top").is_hidden()
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(seen.page.evaluate(SHOWN)) == 50  # all who fit, not only the first page of them
    _quiet(seen, path)


def test_without_javascript_everything_but_the_drawings_is_there(look: Any, path: Path, made: tf.Report) -> None:
    page = look(path, java_script_enabled=False).page
    text = page.locator("main").inner_text()
    assert all(rec.label in text for rec in made.recommendations)
    assert "need JavaScript" in text
    assert page.locator("#tools").is_hidden()


def test_in_a_notebook_it_works_inside_of_its_frame(look: Any, made: tf.Report, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><meta charset=utf-8><script>window.mine = 1</script>{made._repr_html_()}", "utf-8")
    seen = look(notebook)
    frame = seen.page.frame_locator("iframe")
    frame.locator("#search").fill(made.recommendations[2].label)
    assert frame.locator("#p3").is_visible()
    assert seen.page.frames[1].evaluate("(() => { try { return parent.mine } catch { return 'cut off' } })()") == "cut off"
    assert seen.said == []


def test_the_numbers_of_the_page_are_valid_for_its_script(look: Any, path: Path, made: tf.Report) -> None:
    page = look(path).page
    assert page.evaluate("JSON.parse(document.getElementById('data').textContent).map.label.length") == len(made.neighbourhood)
    assert json.loads(page.evaluate("document.getElementById('data').textContent"))["map"]["roles"][-1] == "you"
