"""Make the pictures of the report from the invented world: `python docs/images/make_report.py`.

Needs the model and a browser: `pip install -e '.[offline]'` and `tests/interfaces/report/browser/install.sh`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import tweetfocus as tf
from tweetfocus.interfaces.report.profiles import on_x

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    """Write report.png, the beginning of the page, and report-map.png, its map in the dark."""
    index = tf.AccountIndex.build(tf.demo_dataset())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = tf.report(index, "@mara_lindqvist", n=30, profile=on_x).save(Path(folder) / "mara.html")
        found = os.environ.get("TWEETFOCUS_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page(viewport={"width": 1200, "height": 1180}, color_scheme="light", reduced_motion="reduce")
        page.goto(page_file.as_uri())
        page.screenshot(path=HERE / "report.png")
        page = browser.new_page(viewport={"width": 1200, "height": 860}, color_scheme="dark", reduced_motion="reduce")
        page.goto(page_file.as_uri())
        page.evaluate("document.getElementById('map').scrollIntoView()")
        page.locator("#find").fill("@kwh_kasia")
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=HERE / "report-map.png")
        browser.close()


if __name__ == "__main__":
    main()
