"""Writing figures down, with what is needed to read them later."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["settings_before", "threads_used", "write_result"]

_FOLDER = Path(__file__).parent / "results"
_PACKAGES = (
    "ctranslate2",
    "faiss-cpu",
    "hnswlib",
    "igraph",
    "implicit",
    "lenskit",
    "networkx",
    "numkong",
    "numpy",
    "pyarrow",
    "scikit-learn",
    "scikit-network",
    "scipy",
    "sentence-transformers",
    "torch",
    "usearch",
)


def write_result(name: str, figures: dict[str, Any]) -> Path:
    """Write `figures` to results/NAME.json, beside the machine and the versions that gave them."""
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    said = {"figures": figures, "machine": machine, "versions": _versions()}
    _FOLDER.mkdir(exist_ok=True)
    path = _FOLDER / f"{name}.json"
    path.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")
    return path


def settings_before(name: str) -> dict[str, Any]:
    """Peers and the settings they were measured with in results/NAME.json; nothing where there is no such file."""
    path = _FOLDER / f"{name}.json"
    methods = json.loads(path.read_text())["figures"]["methods"] if path.exists() else {}
    return {peer: {"setting": found["setting"]} for peer, found in methods.items() if "setting" in found}


def threads_used() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
