"""A whole Bluesky network on the loopback interface: PostgreSQL, Redis, and the servers that Bluesky itself runs on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSTALL = "tests/bluesky_network/install.sh"


def home() -> Path:
    """Where install.sh put npm's part."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("BLUESKY_NETWORK_HOME") or cache / "tweetfocus-bluesky-network")


def _program(name: str) -> str | None:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


def missing() -> list[str]:
    """What has to be installed before the network can start; empty when nothing has."""
    parts = [name for name in ("redis-server", "postgres", "initdb") if _program(name) is None]
    if not (home() / "installed").exists():
        parts.append(f"@atproto/dev-env (looked in {home()})")
    return parts


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[Any], what: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended at once, with exit code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what} did not open its port within 60 s")


@contextlib.contextmanager
def _running(command: list[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    with open(log, "ab") as errors:
        process = subprocess.Popen(command, stderr=errors, text=True, **options)
        try:
            yield process
        finally:
            if process.stdin:
                process.stdin.close()  # the network's way to be told
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(15)
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


class Network:
    """A running network: its URLs, and what only its operators can do."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        places = self._read()
        self.pds: str = places["pds"]
        self.appview: str = places["appview"]
        self.directory: str = places["plc"]
        self.labeler: str = places["labeler"]

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the network ended:\n" + self._log.read_text(errors="replace")[-3000:])
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def _do(self, command: str, **args: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"command": command, **args}) + "\n")
        self._process.stdin.flush()
        self._read()

    def settle(self) -> None:
        """Wait until the appview knows everything that has been written."""
        self._do("settle")

    def label(self, uri: str, value: str, *, neg: bool = False) -> None:
        """Have the network's own labeler label an account or a post."""
        self._do("label", src=self.labeler, uri=uri, val=value, neg=neg)

    def takedown(self, did: str) -> None:
        """Have the moderators take an account down."""
        self._do("takedown", did=did)


@contextlib.contextmanager
def running_network() -> Iterator[Network]:
    """Start the network, stop it and remove its files at the end."""
    root = os.geteuid() == 0
    # PostgreSQL refuses to run as root
    unprivileged: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if root else {}
    with tempfile.TemporaryDirectory(prefix="bluesky-network-") as folder, contextlib.ExitStack() as parts:
        work = Path(folder)
        data = work / "postgres"
        data.mkdir()
        if root:
            work.chmod(0o755)
            shutil.chown(data, "nobody", "nogroup")
        subprocess.run(
            [str(_program("initdb")), "-D", str(data), "-U", "bluesky", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, cwd=data, **unprivileged,
        )  # fmt: skip
        database, redis = _free_port(), _free_port()
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "fsync=off"]
        postgres = parts.enter_context(
            _running(
                [str(_program("postgres")), "-D", str(data), "-p", str(database), *(f"-c{setting}" for setting in settings)],
                work / "postgres.log",
                stdout=subprocess.DEVNULL,
                cwd=data,
                **unprivileged,
            )
        )
        store = parts.enter_context(
            _running(
                [str(_program("redis-server")), "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
                work / "redis.log",
                stdout=subprocess.DEVNULL,
            )
        )
        _wait_for(database, postgres, "PostgreSQL")
        _wait_for(redis, store, "Redis")
        node = home() / "node_modules" / ".bin" / "node"
        environment = {
            "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": folder,
            "TMPDIR": folder,
            "BLUESKY_NETWORK_HOME": str(home()),
            "DB_POSTGRES_URL": f"postgres://bluesky@127.0.0.1:{database}/postgres",
            "DB_POSTGRES_SCHEMA": "tweetfocus",
            "REDIS_HOST": f"127.0.0.1:{redis}",
            "NODE_OPTIONS": "--dns-result-order=ipv4first",
            "LOG_ENABLED": "false",
            **{f"{name}_PORT": str(_free_port()) for name in ("PLC", "PDS", "APPVIEW")},
        }
        log = work / "network.log"
        process = parts.enter_context(
            _running(
                [str(node), "--require", str(HERE / "loopback.cjs"), str(HERE / "network.mjs")],
                log,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
        )
        yield Network(process, log)
