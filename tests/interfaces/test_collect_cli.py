"""`tweetfocus collect` as a newcomer runs it: real processes, a server on loopback, kills, Ctrl-C, and what is printed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import tweetfocus as tf

from ..sources.made_archive import as_zip, files
from ..sources.made_source import ME, MadeWorld
from ..sources.x_stub import SECRETS, TOKEN, USER_KEYS, XStub

HERE = Path(tf.__file__).parents[1]


def environment(stub: XStub | None = None, **more: str) -> dict[str, str]:
    prefixes = ("TWEETFOCUS_", "X_", "TWITTER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    known = {"TWEETFOCUS_X_BASE_URL": stub.origin, "TWEETFOCUS_X_BEARER": TOKEN} if stub else {}
    return {**kept, "PYTHONPATH": str(HERE), "COLUMNS": "100", "PYTHONWARNINGS": "error", **known, **more}


def start(*arguments: str | Path, stub: XStub | None = None, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tweetfocus", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", env=environment(stub, **more))


def run(*arguments: str | Path, stub: XStub | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    with start(*arguments, stub=stub, **more) as process:
        out, err = process.communicate()
    assert "Traceback" not in err
    assert not [secret for secret in SECRETS if secret in out + err]
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def last(text: str) -> str:
    return text.strip().splitlines()[-1]


@pytest.fixture
def stub() -> Iterator[XStub]:
    with XStub() as server:
        yield server


def test_an_archive_becomes_a_folder_an_index_and_recommendations(tmp_path: Path) -> None:
    archive, people = as_zip(tmp_path / "me.zip", files()), tmp_path / "people"
    (tmp_path / "table.csv").write_text("account_id,username,bio\n2001,ana_feeders,Feeder planner\n2004,di_grid,Grid planner\n")
    done = run("collect", "x-archive", archive, "-o", people)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"{people}: 7 accounts (1 with profile), 5 posts, 5 follows",
        "6 accounts have no bio. To look them all up would cost $0.06 at X's prices of 2026-08-22:",
        f"  tweetfocus collect x --dry-run -o {people}",
        "Bios that you have already can be merged: --accounts table.csv (columns account_id and bio).",
    ]
    assert last(done.stderr) == f"next: tweetfocus build {people} -o people.index"
    again = run("collect", "x-archive", archive, "-o", people, "--accounts", tmp_path / "table.csv", "--json", "-q")
    assert json.loads(again.stdout)["bare"] == 4
    assert again.stderr == ""
    index = tmp_path / "people.index"
    assert run("build", people, "-o", index, "--encoder", "hashing", "--no-cache", "-q").returncode == 0
    found = run("recommend", index, "@me", "--json")
    assert [rec["username"] for rec in json.loads(found.stdout)["recommendations"]] == ["di_grid"]
    straight = run("build", archive, "-o", tmp_path / "straight.index", "--encoder", "hashing", "--no-cache", "-q")
    assert straight.returncode == 0


def test_a_dry_run_needs_no_key_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    done = run("collect", "x", "--dry-run", "-o", tmp_path / "people")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split() == ["stage", "items", "requests", "cost", "within", "$5.00"]
    assert "together" in done.stdout
    assert "Nothing was asked, nothing spent." in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert done.stdout == "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"
    assert not (tmp_path / "people").exists()
    said = json.loads(run("collect", "x", "--dry-run", "-o", tmp_path / "people", "--json", "--budget", "2.50").stdout)
    assert sum(stage["cost"] for stage in said["within_budget"]) <= 2.5 < sum(stage["cost"] for stage in said["whole"])


def test_a_key_brings_a_folder_that_can_be_built(stub: XStub, tmp_path: Path) -> None:
    people, index = tmp_path / "people", tmp_path / "index"
    done = run("collect", "x", "@user_100", "-o", people, stub=stub)
    assert done.returncode == 0
    assert f"cost: ${stub.charged:.3f} of $5.00 (" in done.stdout
    assert "x, mutes: not read for '100': x: 403" in done.stderr
    assert run("build", people, "-o", index, "--encoder", "hashing", "--no-cache", "-q").returncode == 0
    recs = json.loads(run("recommend", index, "@me", "--json").stdout)["recommendations"]
    assert {rec["username"] for rec in recs} >= {"user_109", "user_110"}
    # forgotten in all of them, and not collected again
    assert run("forget", index, "@user_110", "--dataset", people).returncode == 0
    assert run("collect", "x", "@user_100", "-o", people, "--max-age", "0", "-q", stub=stub).returncode == 0
    assert "110" not in tf.read_dataset(people).accounts["account_id"].to_pylist()


def test_a_users_four_keys_read_everything(stub: XStub, tmp_path: Path) -> None:
    names = {"API_KEY": "consumer_key", "API_KEY_SECRET": "consumer_secret"}
    names |= {"ACCESS_TOKEN": "access_token", "ACCESS_TOKEN_SECRET": "access_token_secret"}
    keys = {f"TWITTER_{name}": USER_KEYS[key] for name, key in names.items()}
    done = run("collect", "x", "-o", tmp_path, "--json", stub=stub, TWEETFOCUS_X_BEARER="", **keys)
    said = json.loads(done.stdout)
    assert (said["owner"], said["issues"], said["stopped"]) == (ME, [], None)
    assert said["cost"] == float(stub.charged)


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        ({"TWEETFOCUS_X_BEARER": ""}, [], "x: no key; set TWEETFOCUS_X_BEARER to the bearer token of your X app"),
        ({"TWEETFOCUS_X_BEARER": "wrong"}, [], "x: the key is not accepted (Unauthorized); check TWEETFOCUS_X_BEARER"),
        ({"TWEETFOCUS_X_BASE_URL": "http://example.org"}, [], "'http://example.org' is not encrypted, and would see your keys"),
        ({}, ["--budget", "five"], "a budget is an amount in US dollars, such as 5.00, not 'five'"),
        ({}, ["--accounts", "none.csv"], "none.csv: cannot be read (No such file or directory)"),
        ({}, ["--prices", "none.json"], "none.json: cannot be read (No such file or directory)"),
    ],
)
def test_errors_are_one_line(settings: dict[str, str], arguments: list[str], message: str, stub: XStub, tmp_path: Path) -> None:
    done = run("collect", "x", "@user_100", "-o", tmp_path / "people", "-q", *arguments, stub=stub, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"tweetfocus: {message}")
    assert done.stderr.count("\n") == 1


def test_a_budget_one_cent_below_the_cost(stub: XStub, tmp_path: Path) -> None:
    with XStub() as other:
        run("collect", "x", "@user_100", "-o", tmp_path / "whole", "-q", stub=other)
        budget = other.charged - Decimal("0.01")
    done = run("collect", "x", "@user_100", "-o", tmp_path / "people", "-q", "--budget", str(budget), stub=stub)
    assert done.returncode == 0
    assert stub.charged <= budget
    assert last(done.stdout).startswith(f"not complete: the budget of ${budget:.2f} does not reach further")
    tf.read_dataset(tmp_path / "people")


def test_no_credits_left(tmp_path: Path) -> None:
    with XStub(fault=lambda number, path: "402" if number > 5 else None) as stub:
        done = run("collect", "x", "@user_100", "-o", tmp_path / "people", "-q", stub=stub)
        assert done.returncode == 1
        assert "x: no credits left (Your enrolled account […]" in done.stderr
        stub.fault = lambda number, path: None
        assert run("collect", "x", "@user_100", "-o", tmp_path / "people", "-q", stub=stub).returncode == 0


def test_ctrl_c_leaves_a_folder_and_goes_on(tmp_path: Path) -> None:
    reached = threading.Event()

    def slow(number: int, path: str) -> None:
        if number > 6:
            reached.set()
            time.sleep(0.2)

    with XStub(fault=slow) as stub:
        with start("collect", "x", "@user_100", "-o", tmp_path / "people", stub=stub) as process:
            assert reached.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert out == ""
        assert last(err) == "tweetfocus: stopped; what was read is kept, run the same command again to go on"
        assert tf.read_dataset(tmp_path / "people").account("@me").account_id == ME
        stub.fault = lambda number, path: None
        assert run("collect", "x", "@user_100", "-o", tmp_path / "people", "-q", stub=stub).returncode == 0


def test_kill_nine_at_twenty_moments(tmp_path: Path) -> None:
    people, rng = tmp_path / "people", random.Random(0)
    with XStub(MadeWorld(20)) as whole:
        assert run("collect", "x", "@user_100", "-o", tmp_path / "whole", "-q", stub=whole).returncode == 0
    kills = readable = 0
    with XStub(MadeWorld(20)) as stub:
        while kills < 20:
            first, process = stub.number, start("collect", "x", "@user_100", "-o", people, "-q", stub=stub)
            # from the second request of a run on, so that each of them gets a little further; during the request or shortly after
            at, wait = first + rng.choice([1, 2, 2, 3]), rng.choice([0, 0, 0.002, 0.01, 0.03])

            def kill(
                number: int, path: str, at: int = at, wait: float = wait, process: subprocess.Popen[str] = process
            ) -> None:
                if number == at:
                    threading.Timer(wait, process.kill).start()
                    time.sleep(0 if wait else 0.3)
                elif number > at:  # on a busy machine the timer is late, and no run may get far
                    time.sleep(0.5)

            stub.fault = kill
            _, err = process.communicate(timeout=120)
            assert process.returncode in (-signal.SIGKILL, 0), err
            kills += 1
            if (people / "collect.sqlite").is_file() and stub.counted:  # what was read can be used at once, tables or not
                with contextlib.suppress(tf.DataError):  # killed before the owner was known
                    readable += tf.read_dataset(people).account("@me").account_id == ME
            if process.returncode == 0:
                break
        stub.fault = lambda number, path: None
        assert run("collect", "x", "@user_100", "-o", people, "-q", stub=stub).returncode == 0
        db = sqlite3.connect(people / "collect.sqlite")
        spent, lost = (
            sum(row[0] for row in db.execute(query)) / Decimal(10**6)
            for query in ("SELECT cost FROM requests", "SELECT reserve FROM requests WHERE state IN ('pending', 'lost')")
        )
        db.close()
        assert kills >= 10
        assert readable >= kills - 2
        assert tf.read_dataset(people).digest == tf.read_dataset(tmp_path / "whole").digest
        assert spent == whole.charged <= stub.charged <= spent + lost
    assert run("build", people, "-o", tmp_path / "index", "--encoder", "hashing", "--no-cache", "-q").returncode == 0
    assert run("recommend", tmp_path / "index", "@me", "--json").returncode == 0


def test_progress_fits_a_terminal(tmp_path: Path) -> None:
    with XStub() as stub:
        done = run("collect", "x", "@user_100", "-o", tmp_path, stub=stub)
    bars = [line for line in done.stderr.replace("\r", "\n").splitlines() if line.startswith("x: ")]
    assert bars
    assert max(map(len, bars)) <= 100
    assert any("req, $" in bar and "of $5.00, 299 left" in bar for bar in bars)


def test_issues_are_written_to_a_file(tmp_path: Path) -> None:
    members = {**files("2022"), "data/tweet.js": "window.YTD.tweet.part0 = [ 7 ]"}
    done = run(
        "collect", "x-archive", as_zip(tmp_path / "me.zip", members), "-o", tmp_path / "p", "--issues", tmp_path / "issues"
    )
    assert (tmp_path / "issues").read_text() == "data/tweet.js, row 1: not a record; left out\n"
    assert "1 record could not be taken as they stood:" in done.stderr


@pytest.mark.parametrize("arguments", [["collect", "x-archive"], ["collect", "y"], ["collect", "x", "--max-requests", "0"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2
