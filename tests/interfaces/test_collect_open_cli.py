"""`tweetfocus collect bluesky` and `collect mastodon`, from the handle to recommendations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import tweetfocus as tf
from tweetfocus.interfaces.cli import app

from ..sources import made_bluesky, made_fediverse
from ..sources.loopback import Loopback


@pytest.fixture(autouse=True)
def _no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BLUESKY_APP_PASSWORD", "MASTODON_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"TWEETFOCUS_{name}", raising=False)


@pytest.fixture(params=["bluesky", "mastodon"])
def network(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, Loopback]]:
    """The command, the owner's handle, and the server."""
    if request.param == "bluesky":
        with made_bluesky.serve(made_bluesky.MadeBluesky()) as server:
            yield "bluesky", "mara.example.social", server
    else:
        world = made_fediverse.MadeFediverse()
        with made_fediverse.serve(world) as server:
            world.settle(server.host)
            yield "mastodon", f"mara@{server.host}", server


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_from_a_handle_to_recommendations(network: tuple[str, str, Loopback], tmp_path: Path) -> None:
    command, handle, server = network
    people, index = tmp_path / "people", tmp_path / "people.index"
    collected = run("collect", command, f"@{handle}", "-o", people, "--server", server.url, "-q")
    assert collected.exit_code == 0
    assert collected.stdout.startswith(f"{people}: 8 accounts (8 with profile), ")
    assert run("build", people, "-o", index, "--encoder", "hashing", "--no-cache", "-q").exit_code == 0
    shown = run("recommend", index, "@me", "--json")
    assert shown.exit_code == 0
    found = [account["username"].partition("@")[0].partition(".")[0] for account in json.loads(shown.stdout)["recommendations"]]
    assert {"eva", "femi"} <= set(found) <= {"eva", "femi", "gil", "hana"}
    assert tf.read_dataset(people).account("@me").username == handle


def test_a_second_run_asks_nothing(network: tuple[str, str, Loopback], tmp_path: Path) -> None:
    command, handle, server = network
    words = ("collect", command, handle, "-o", tmp_path / "people", "--server", server.url, "--json", "-q")
    first = json.loads(run(*words).stdout)
    asked = len(server.asked)
    again = run(*words)
    assert (again.exit_code, len(server.asked)) == (0, asked)
    assert first["cost"] == 0
    assert first["requests"] == asked


def test_a_dry_run_asks_nobody(network: tuple[str, str, Loopback], tmp_path: Path) -> None:
    command, handle, server = network
    shown = run("collect", command, handle, "-o", tmp_path / "people", "--server", server.url, "--dry-run")
    assert shown.exit_code == 0
    assert "is free" in shown.stdout
    assert not server.asked
    assert not (tmp_path / "people").exists()


def test_a_budget_in_requests(network: tuple[str, str, Loopback], tmp_path: Path) -> None:
    command, handle, server = network
    words = ("collect", command, handle, "-o", tmp_path / "people", "--server", server.url, "-q")
    shown = run(*words, "--max-requests", "4")
    assert (shown.exit_code, len(server.asked)) == (0, 4)
    assert "the budget of 4 requests is used up" in shown.stdout
    assert run(*words).exit_code == 0


def test_a_wrong_handle_is_one_clear_line(network: tuple[str, str, Loopback], tmp_path: Path) -> None:
    command, handle, server = network
    wrong = run("collect", command, handle.replace("mara", "nobody"), "-o", tmp_path / "a", "--server", server.url, "-q")
    short = run("collect", command, "mara", "-o", tmp_path / "b", "--server", server.url, "-q")
    for result, said in ((wrong, "nobody"), (short, "looks like" if command == "bluesky" else "has the server in it")):
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("tweetfocus: ")
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_login_that_is_refused_is_one_clear_line(
    network: tuple[str, str, Loopback], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, handle, server = network
    monkeypatch.setenv("TWEETFOCUS_BLUESKY_APP_PASSWORD", "wrong-but-secret")
    monkeypatch.setenv("TWEETFOCUS_MASTODON_ACCESS_TOKEN", "wrong-but-secret")
    where = "--pds" if command == "bluesky" else "--server"
    result = run("collect", command, handle, "-o", tmp_path / "people", where, server.url, "-q")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "refuses the" in result.stderr
    assert "wrong-but-secret" not in result.stderr
