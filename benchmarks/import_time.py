"""How long does `import tweetfocus` take beside `import numpy`? Fresh processes, in turn, the bare interpreter taken off."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import numpy as np

__all__ = ["measure"]


def measure(runs: int = 25) -> dict[str, Any]:
    """Median seconds beyond a bare interpreter, and the ratio."""
    programs = {"nothing": "pass", "numpy": "import numpy", "tweetfocus": "import tweetfocus"}
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            seconds[name].append(time.perf_counter() - start)
    median = {name: float(np.median(times)) for name, times in seconds.items()}
    own = {name: median[name] - median["nothing"] for name in ("numpy", "tweetfocus")}
    return {"runs": runs, "numpy_s": own["numpy"], "tweetfocus_s": own["tweetfocus"], "ratio": own["tweetfocus"] / own["numpy"]}
