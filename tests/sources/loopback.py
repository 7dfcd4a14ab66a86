"""An HTTP server on the loopback interface that answers what it is told, and goes wrong in every way a real one does."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HTML = b"<!doctype html><html><head><title>503</title></head><body><h1>Down for maintenance</h1></body></html>"
BODIES = {
    "broken json": b'{"accounts": [{"id": "1"',
    "json of another kind": b'"no"',
    "not utf-8": b'["\xff\xfe"]',
    "nested": b"[" * 200_000,
    "empty": b"",
}


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass
class Answer:
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Loopback:
    """Serves `answer`; each request first uses up one of `faults`, by name."""

    answer: Callable[[Asked], Answer]
    faults: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    limit_headers: Callable[[str], dict[str, str]] = lambda fault: {}

    def __enter__(self) -> Loopback:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"loopback": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    loopback: Loopback
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, split.path, parse_qs(split.query), self.headers, body)
        self.loopback.asked.append(asked)
        fault = self.loopback.faults.pop(0) if self.loopback.faults else ""
        if fault:
            self.fault(fault)
        else:
            answer = self.loopback.answer(asked)
            self.send(answer.status, json.dumps(answer.body).encode(), headers=answer.headers)

    def do_POST(self) -> None:
        self.do_GET()

    def send(self, status: int, body: bytes, kind: str = "application/json", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def fault(self, name: str) -> None:
        """Go wrong."""
        if name.startswith("429"):
            self.send(429, b'{"error": "Too many requests"}', headers=self.loopback.limit_headers(name))
        elif name.startswith("html"):
            self.send(int(name[4:] or 200), HTML, "text/html")
        elif name.isdecimal():
            self.send(int(name), b'{"error": "Bearer secret-token is not welcome"}')
        elif name in BODIES:
            self.send(200, BODIES[name])
        else:
            self.close_connection = True
            {"dropped": self.drop, "slow": self.dawdle, "half": self.half, "endless": self.endless}[name]()

    def drop(self) -> None:
        """Hang up without a word."""

    def dawdle(self) -> None:
        time.sleep(1.5)

    def half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'[{"id":')

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        with contextlib.suppress(OSError):  # the other side hangs up
            for _ in range(64):
                self.wfile.write(b" " * 2**20)

    def log_message(self, *_: object) -> None:
        pass
