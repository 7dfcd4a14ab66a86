"""How many texts a second does an encoder take, beside sentence-transformers as installed? Bios and posts, long and short mixed.

Outputs are compared first. Then every rival encodes every block of texts, in turn, so that whatever else the machine does falls on
all of them; a round's ratio is between neighbours in time. Loading is not counted. Repeated texts are part of the sample.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.data.dataset import read_dataset
from tweetfocus.embedding.encoders import DEFAULT_MODEL, SentenceTransformerEncoder, model_folder
from tweetfocus.embedding.int8 import Int8Encoder
from tweetfocus.embedding.texts import clean_text
from tweetfocus.errors import DataError, InvalidRequest

__all__ = ["measure", "sample"]

Vectors = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
_SEED = 0


def sample(folders: Sequence[Path], texts: int) -> list[str]:
    """Cleaned texts, half of them bios and half posts where there are both, drawn and mixed by a fixed seed."""
    bios: list[str] = []
    posts: list[str] = []
    for folder in folders:
        data = read_dataset(folder)
        bios += [text for text in map(clean_text, data.accounts["bio"].to_pylist()) if text]
        posts += [text for text in map(clean_text, data.posts["text"].to_pylist()) if text]
    kinds = [kind for kind in (bios, posts) if kind]
    if not kinds:
        raise DataError("no bios and no posts in these folders")
    rng = np.random.default_rng(_SEED)
    drawn = [kind[row] for kind in kinds for row in rng.permutation(len(kind))[: texts // len(kinds)].tolist()]
    return [drawn[row] for row in rng.permutation(len(drawn)).tolist()]


def measure(folders: Sequence[Path], *, texts: int = 20_000, blocks: int = 10) -> dict[str, Any]:
    """Cosines to the float32 vectors, texts per second, and ratios to sentence-transformers, block by block."""
    import torch

    if blocks < 1 or texts < blocks:
        raise InvalidRequest("at least one block, and one text in each")
    asked = sample(folders, texts)
    rivals = _rivals()
    for encode in rivals.values():
        encode(asked[:64])
    parts = [asked[start::blocks] for start in range(blocks)]  # every block as mixed as the whole
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    processor: dict[str, list[float]] = {name: [] for name in rivals}
    cosines: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in rivals}
    for part in parts:
        exact: Vectors | None = None
        for name, encode in rivals.items():
            start, busy = time.perf_counter(), time.process_time()
            found = encode(part)
            seconds[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - busy)
            exact = found if exact is None else exact
            cosines[name].append((found * exact).sum(axis=1))
    sizes, first = np.array([len(part) for part in parts]), next(iter(rivals))
    lengths = np.array([len(text) for text in asked])
    return {
        "threads": torch.get_num_threads(),  # after all have run, for none may take them from another
        "texts": len(asked),
        "distinct": len(set(asked)),
        "characters": {f"{q} %": int(np.percentile(lengths, q)) for q in (0, 5, 50, 95, 100)},
        "blocks": blocks,
        "seed": _SEED,
        "encoders": {
            name: {
                "cosine to float32": _cosines(np.concatenate(cosines[name])),
                "texts/s": _spread(sizes / seconds[name]),
                "ratio": _spread(np.divide(seconds[first], seconds[name])),
                # hardly depends on what else the machine does
                "texts per processor second": _spread(sizes / processor[name]),
                "ratio by processor time": _spread(np.divide(processor[first], processor[name])),
            }
            for name in rivals
        },
        "int8 alone against int8 in company": _company(rivals["Int8Encoder"], asked),
    }


def _rivals() -> dict[str, Encode]:
    """The first is the one that the others are measured by."""
    import torch
    from sentence_transformers import SentenceTransformer

    folder = str(model_folder(DEFAULT_MODEL))
    installed = SentenceTransformer(folder, device="cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch calls it deprecated, guides still name it
        dynamic = torch.ao.quantization.quantize_dynamic(installed, {torch.nn.Linear}, dtype=torch.qint8)  # a copy
    return {
        "sentence-transformers as installed": lambda texts: np.asarray(installed.encode(list(texts)), dtype=np.float32),
        "SentenceTransformerEncoder": SentenceTransformerEncoder().encode,
        "the same, torch dynamic int8": lambda texts: np.asarray(dynamic.encode(list(texts)), dtype=np.float32),
        "Int8Encoder": Int8Encoder().encode,
    }


def _cosines(cosines: Vectors) -> dict[str, float]:
    return {"mean": round(float(cosines.mean()), 5), "1 %": round(float(np.percentile(cosines, 1)), 5)}


def _spread(values: npt.NDArray[np.float64]) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 2),
        "min": round(float(values.min()), 2),
        "max": round(float(values.max()), 2),
    }


def _company(encode: Encode, texts: Sequence[str]) -> dict[str, Any]:
    few = list(texts[:200])
    alone = np.concatenate([encode([text]) for text in few])
    differences = np.abs(encode(texts[:4_000])[:200] - alone)
    return {"texts": len(few), "largest difference": float(differences.max())}
