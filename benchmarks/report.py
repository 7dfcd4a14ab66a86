"""How long does a report of 500 people and 20,000 points take to make, and is it fluent in a browser?

The world is made up: people of sixty fields, each with words of its own, who follow within their field. Frame times are those of
a headless Chromium, which draws in software: a computer with a graphics card is quicker.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import tweetfocus as tf

__all__ = ["measure"]

_FIELDS = 60
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FRAMES = """async () => {
  const plane = document.getElementById('plane'), box = plane.getBoundingClientRect(), frames = [];
  let last = performance.now();
  for (let i = 0; i < 120; i++) {
    const at = {clientX: box.x + box.width / 2 + i, clientY: box.y + box.height / 2, bubbles: true, cancelable: true};
    plane.dispatchEvent(new WheelEvent('wheel', {deltaY: i % 40 < 20 ? -20 : 20, ctrlKey: true, ...at}));
    plane.dispatchEvent(new PointerEvent('pointermove', at));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""
_FILTER = """async () => {
  const search = document.getElementById('search'), times = [];
  for (const text of ['a', 'ab', 'abl', '', 'grid', '']) {
    const start = performance.now();
    search.value = text;
    search.dispatchEvent(new Event('input', {bubbles: true}));
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}"""


def measure(accounts: int = 21_000, n: int = 500, points: int = 20_000) -> dict[str, Any]:
    """Seconds to make the page, its bytes, and milliseconds in the browser."""
    from playwright.sync_api import sync_playwright

    index = tf.AccountIndex.build(_world(accounts), encoder=tf.HashingEncoder(), cache=False)
    start = time.perf_counter()
    made = tf.report(index, "0", n=n, points=points)
    seconds = time.perf_counter() - start
    found = os.environ.get("TWEETFOCUS_BROWSER") or next(filter(None, map(shutil.which, _NAMES)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = made.save(Path(folder) / "report.html")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        start = time.perf_counter()
        page.goto(path.as_uri())
        load = time.perf_counter() - start
        filtering = page.evaluate(_FILTER)
        page.evaluate("document.getElementById('map').scrollIntoView()")
        frames = np.array(page.evaluate(_FRAMES))
        browser.close()
    return {
        "accounts": accounts,
        "recommendations": len(made.recommendations),
        "points": len(made.neighbourhood),
        "make_s": seconds,
        "bytes": len(made.html.encode()),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "load_s": load,
        "frame_ms": {"median": float(np.median(frames)), "p95": float(np.quantile(frames, 0.95))},
        "filter_ms": {"median": float(np.median(filtering)), "most": float(np.max(filtering))},
    }


def _world(accounts: int) -> tf.Dataset:
    rng = np.random.default_rng(0)
    letters = np.array(list("abdeghiklmnoprstu"))
    words = ["".join(rng.choice(letters, 7)) for _ in range(_FIELDS * 25)]
    people, follows = [], []
    for number in range(accounts):
        field = number % _FIELDS
        own = rng.choice(np.arange(field * 25, field * 25 + 25), 6, replace=False)
        bio = " ".join([words[at] for at in own] + [words[at] for at in rng.integers(0, len(words), 2)])
        people.append(tf.Account(account_id=str(number), username=f"person_{number}", name=f"Person {number}", bio=bio))
        others = rng.integers(0, accounts // _FIELDS, 60 if number == 0 else 8) * _FIELDS + field
        follows += [tf.Follow(source_id=str(number), target_id=str(other)) for other in set(others.tolist()) - {number}]
    return tf.Dataset.from_records(people, follows=follows)
