"""A real Chromium, started once; and what a page did while it was looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.interfaces.report.profiles import on_x

INSTALL = "tests/interfaces/report/browser/install.sh installs what these tests need"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        pytest.fail(f"no Playwright: {INSTALL}", pytrace=False)
    found = os.environ.get("TWEETFOCUS_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=found, args=as_root)
        except Error as error:
            pytest.fail(f"no Chromium ({str(error).splitlines()[0]}): {INSTALL}", pytrace=False)
        yield started
        started.close()


@dataclass
class Seen:
    """A page, and everything that it said, asked for and opened."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)


@pytest.fixture
def look(browser: Any) -> Iterator[Callable[..., Seen]]:
    """Open a file in a fresh context, with everything recorded."""
    contexts = []

    def open_page(path: Path, *, width: int = 1280, height: int = 900, scheme: str = "light", **options: Any) -> Seen:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        seen = Seen(context.new_page())
        seen.page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
        seen.page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.on("dialog", lambda dialog: (seen.opened.append(dialog.message), dialog.dismiss()))
        context.on("page", lambda page: seen.opened.append(page.url))
        seen.page.goto(path.as_uri())
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def made(hashed_world_index: tf.AccountIndex) -> tf.Report:
    return tf.report(hashed_world_index, "@mara_lindqvist", n=50, profile=on_x)


@pytest.fixture(scope="session")
def path(made: tf.Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save(tmp_path_factory.mktemp("report") / "me.html")
