"""`AccountIndex`: everything the library knows about a set of accounts, aligned by row."""

from __future__ import annotations

import html
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.assembly import SCHEMAS
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.engagement import Engagement, find_engagement
from tweetfocus.data.graph import FollowGraph
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.default import default_encoder, known_encoder
from tweetfocus.embedding.embed import OnDemand, default_cache, embed
from tweetfocus.embedding.encoders import Encoder
from tweetfocus.embedding.texts import clean_text, speaking_texts
from tweetfocus.errors import DataError, Mismatch
from tweetfocus.index.building import Facet, FacetTable, evenly, facet_table, fingerprint, other_encoder
from tweetfocus.index.derived import Derived
from tweetfocus.index.follow_space import FollowSpace, follow_space
from tweetfocus.index.glance import AtAGlance
from tweetfocus.index.names import name_words
from tweetfocus.index.parts import part_arrays, read_part
from tweetfocus.index.rounded import RoundedRows, round_large
from tweetfocus.index.signals import Signals, follow_back, measure_signals, off_topic_link_share, own_with_link
from tweetfocus.index.storage import load, save
from tweetfocus.index.vocabulary import Vocabulary
from tweetfocus.index.words import WordTable, word_table
from tweetfocus.kernels.interests import TopicSpace, topic_space
from tweetfocus.kernels.similarity import row_products, top_k, unit_rows

__all__ = ["AccountIndex"]

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Ints = npt.NDArray[np.int64]

_ARRAYS = ("bio_vectors", "post_vectors", "post_rows", "post_offsets")
_PARTS = ("graph", "engagement", "signals", "words", "space", "facets", "follow_space")


@dataclass(frozen=True, eq=False, repr=False)
class AccountIndex(Derived, AtAGlance):
    """A dataset with its vectors, facets, words, graph and signals; immutable, the row of an account is its identity throughout.

    Build it from a `Dataset`, save it, open it again; `add` gives a new index with more people in it.

    Attributes:
        data: the dataset.
        graph: who follows whom.
        engagement: who spoke to whom.
        signals: each account's manners.
        words: each account's terms.
        space: the topic space of the index.
        facets: each account's one or two fields, see `FacetTable`.
        follow_space: where everybody stands by whom they follow, and would stand by what they say.
        bio_vectors: (n, d) float32, unit to within half precision; zeros without a bio.
        post_vectors: (m, d) float16, of the posts in `post_rows`.
        post_rows: (m,) rows of `data.posts`.
        post_offsets: (n + 1,) account `i` has the vectors `post_offsets[i]:post_offsets[i + 1]`.
        rounded: what questions read of everybody, in 8 bits; of smaller indexes they read the vectors themselves.
        trusted_graph: of a large index that was opened, the follows that count as evidence; see `trusted`.
        encoder_fingerprint: which vector space.
        fingerprint: names the whole content: equal indexes have equal fingerprints.

    Example:
        >>> import tweetfocus as tf
        >>> data = tf.Dataset.from_records([tf.Account(account_id="1", bio="Heat pumps"), tf.Account(account_id="2", bio="Chef")])
        >>> tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
        AccountIndex(2 accounts, 2 with text, 0 follows, encoder hashing-256)
    """

    data: Dataset
    graph: FollowGraph
    engagement: Engagement
    signals: Signals
    words: WordTable
    space: TopicSpace
    facets: FacetTable
    follow_space: FollowSpace
    bio_vectors: Floats
    post_vectors: Halves
    post_rows: Ints
    post_offsets: Ints
    encoder_fingerprint: str
    max_posts: int
    fingerprint: str
    rounded: RoundedRows | None = None
    trusted_graph: FollowGraph | None = None
    encoder: Encoder | None = None

    @classmethod
    def build(
        cls,
        data: Dataset,
        *,
        encoder: Encoder | None = None,
        cache: VectorCache | bool = True,
        max_posts: int = 200,
        progress: bool | None = None,
    ) -> AccountIndex:
        """Embed bios and posts, build the graph, find everybody's facets and signals.

        Args:
            data: the people.
            encoder: all-MiniLM-L6-v2 with 8-bit integers by default, see `Int8Encoder`.
            cache: where vectors are kept between builds: True for this user's cache folder, False for nowhere.
            max_posts: the newest posts of an account to embed.
            progress: draw progress bars on standard error; by default when that is a terminal.

        Raises:
            DataError: no account in the dataset.
            EncoderError: the model cannot be loaded.

        Example:
            >>> import tweetfocus as tf
            >>> data = tf.Dataset.from_records([tf.Account(account_id="1", bio="Heat pumps")])
            >>> len(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False))
            1
        """
        return _build(data, encoder or default_encoder(), cache, max_posts, progress, {})

    def add(
        self, data: Dataset, *, encoder: Encoder | None = None, cache: VectorCache | bool = True, progress: bool | None = None
    ) -> AccountIndex:
        """A new index with the people of `data` added or updated; only texts that are new are encoded.

        What `data` says of an account replaces what was known, see `Dataset.update`. Equal to a fresh build of both together (with a
        real model, to within its rounding, unless both use the same cache).

        Raises:
            Mismatch: `encoder` is not the one the index was made with.

        Example:
            >>> import tweetfocus as tf
            >>> one, two = (tf.Dataset.from_records([tf.Account(account_id=i, bio="Chef")]) for i in "12")
            >>> index = tf.AccountIndex.build(one, encoder=tf.HashingEncoder(), cache=False)
            >>> len(index.add(two, cache=False))
            2
        """
        used = self._matching(encoder)
        return _build(self.data.update(data), used, cache, self.max_posts, progress, self._known_vectors())

    def forget(self, account_id: str, *, cache: VectorCache | bool = True) -> AccountIndex:
        """A new index without that person, and their texts gone from the cache; see `Dataset.forget`.

        Raises:
            UnknownAccount: nobody of that name.

        Example:
            >>> import tweetfocus as tf
            >>> data = tf.Dataset.from_records([tf.Account(account_id=i) for i in "12"])
            >>> len(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False).forget("1", cache=False))
            1
        """
        # nothing needs encoding, unless an older post moves up where somebody reposted the person
        encoder = OnDemand(self.encoder_fingerprint, self.bio_vectors.shape[1], lambda: self._matching(None))
        rest = _build(self.data.forget(account_id), encoder, False, self.max_posts, None, self._known_vectors())
        rest = replace(rest, encoder=self.encoder)
        store = _cache(cache)
        if store:
            # also posts that are too old to be embedded now, and what others reposted; they may have been encoded once
            store.forget([clean_text(text) for text in self.data.texts() - rest.data.texts()])
        return rest

    def with_follows(self, data: Dataset) -> AccountIndex:
        """The same people and texts with the follows of `data`: what a build of it would give, without encoding anything.

        Raises:
            Mismatch: `data` has other accounts.
        """
        if not data.accounts["account_id"].equals(self.data.accounts["account_id"]):
            raise Mismatch("with_follows needs a dataset with the very accounts of the index; use add for others")
        graph = FollowGraph.from_pairs(len(data), *data.pair_rows("follows"))
        trusted = graph.without_follows_by(self.signals.spammers)
        space = follow_space(trusted, self.facets, self.words, terms=self.follow_space.terms)
        return replace(
            self,
            data=data,
            graph=graph,
            signals=replace(self.signals, follow_back=follow_back(data)),
            follow_space=space,
            rounded=round_large(self.facets, self.bio_vectors, self.post_offsets, self.words, space),
            trusted_graph=None,
            fingerprint=fingerprint(data, self.encoder_fingerprint, self.max_posts),
        )

    def save(self, folder: str | PathLike[str]) -> None:
        """Write the index to `folder`, which is the old index until the new one is whole.

        Raises:
            StorageError: disk full, no permission, or other files there.

        Example:
            >>> import tempfile, tweetfocus as tf
            >>> folder = tempfile.mkdtemp()
            >>> data = tf.Dataset.from_records([tf.Account(account_id="1", bio="Chef")])
            >>> tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False).save(folder)
            >>> tf.AccountIndex.open(folder)
            AccountIndex(1 accounts, 1 with text, 0 follows, encoder hashing-256)
        """
        arrays: dict[str, npt.NDArray[Any]] = {name: getattr(self, name) for name in _ARRAYS}
        parts = {name: getattr(self, name) for name in _PARTS}
        if self.rounded is not None:  # in a large index, whatever takes long to work out is kept as well
            kept = "graph" if self.trusted is self.graph else "trusted"
            parts |= {"rounded": self.rounded, kept: self.trusted.with_both()}
        for name, part in parts.items():
            arrays |= part_arrays(name, part)
        tables = {f"data.{name}": getattr(self.data, name) for name in SCHEMAS}
        tables["words.vocabulary"] = pa.table({"term": pa.array(list(self.words.vocabulary), pa.string())})
        about = {"encoder": self.encoder_fingerprint, "fingerprint": self.fingerprint, "max_posts": self.max_posts}
        save(Path(folder), arrays, tables, about)

    @classmethod
    def open(cls, folder: str | PathLike[str], *, encoder: Encoder | None = None, verify: bool | None = None) -> AccountIndex:
        """Open a saved index; its arrays are mapped into memory, not read.

        Args:
            folder: where it was saved.
            encoder: for requests that bring their own text (`interests=`), loaded when needed; by default the one that the index was
                made with, where that is all-MiniLM-L6-v2 or `HashingEncoder`.
            verify: check all bytes against their SHA-256; by default for indexes up to 256 MB.

        Raises:
            Mismatch: made with another encoder, or by a version with another format.
            StorageError: not an index, or a damaged one.
        """
        arrays, tables, about = load(Path(folder), verify=verify)
        if encoder is not None and encoder.fingerprint != about.get("encoder"):
            raise Mismatch(other_encoder(str(folder), str(about.get("encoder")), encoder.fingerprint))

        try:
            graph = read_part("graph", FollowGraph, arrays)
            rounded = read_part("rounded", RoundedRows, arrays) if "rounded.residuals" in arrays else None
            trusted = (
                read_part("trusted", FollowGraph, arrays) if "trusted.out_indptr" in arrays else graph if rounded else None
            )
            return cls(
                data=Dataset(**{name: tables[f"data.{name}"] for name in SCHEMAS}),
                graph=graph,
                engagement=read_part("engagement", Engagement, arrays),
                signals=read_part("signals", Signals, arrays),
                words=read_part("words", WordTable, arrays, vocabulary=Vocabulary(tables["words.vocabulary"]["term"])),
                space=read_part("space", TopicSpace, arrays),
                facets=read_part("facets", FacetTable, arrays),
                follow_space=read_part("follow_space", FollowSpace, arrays),
                **{name: arrays[name] for name in _ARRAYS},
                rounded=rounded,
                trusted_graph=trusted,
                encoder_fingerprint=about["encoder"],
                max_posts=about["max_posts"],
                fingerprint=about["fingerprint"],
                encoder=encoder or known_encoder(about["encoder"]),
            )
        except KeyError as error:
            raise Mismatch(f"{folder}: holds no {error.args[0]}; build the index again") from error

    def __len__(self) -> int:
        return len(self.data)

    # -- one account ----------------------------------------------------------------------------------------------------------

    def bio(self, row: int) -> str:
        """The cleaned bio of the account in `row`, or an empty text."""
        return clean_text(self.data.accounts["bio"][row].as_py())

    def post_texts(self, row: int) -> list[str]:
        """The cleaned texts of the account's embedded posts."""
        rows = self.post_rows[self.post_offsets[row] : self.post_offsets[row + 1]]
        return [clean_text(text) for text in self.data.posts["text"].take(pa.array(rows)).to_pylist()]

    def facet_vectors(self, row: int) -> tuple[Floats, Floats]:
        """The account's facet vectors (k, d) and their shares (k,)."""
        own = slice(int(self.facets.offsets[row]), int(self.facets.offsets[row + 1]))
        return np.asarray(self.facets.vectors[own]), np.asarray(self.facets.shares[own])

    def facet_texts(self, row: int) -> list[list[str]]:
        """The cleaned texts behind each facet: its posts, of very many an even sample, and the bio where that is nearest to it."""
        (vectors, _), chosen = self.facet_vectors(row), evenly(*map(int, self.post_offsets[row : row + 2]))
        labels, posts = self.facets.post_facets[chosen], self.data.posts["text"].take(pa.array(self.post_rows[chosen]))
        texts = [clean_text(text) for text in posts.to_pylist()]
        found = [[text for text, label in zip(texts, labels, strict=True) if label == facet] for facet in range(len(vectors))]
        if found and self.bio_vectors[row].any():
            found[int(np.argmax(row_products(vectors, np.asarray(self.bio_vectors[row]))))].append(self.bio(row))
        return found

    def fields_of(self, who: str, *, posts: int = 3) -> tuple[Facet, ...]:
        """The account's one or two professional fields, the larger first; none where it has no text.

        Args:
            who: account id or @username.
            posts: how many of the nearest posts to quote for each.

        Example:
            >>> import tweetfocus as tf
            >>> people = [tf.Account(account_id=i, bio=bio) for i, bio in {"1": "Heat pumps", "2": "Pumps", "3": "Chef"}.items()]
            >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
            >>> index.fields_of("1")
            (Facet(share=1.0, words=('pumps',), posts=()),)
        """
        row = self.data.row(who)
        (vectors, shares), texts = self.facet_vectors(row), self.facet_texts(row)
        result = []
        for facet, (vector, share) in enumerate(zip(vectors, shares, strict=True)):
            others = [text for other, own in enumerate(texts) if other != facet for text in own]
            words = self.words.telling(texts[facet], others, names=name_words(self.data, row))
            result.append(Facet(float(share), words, tuple(text for text, _ in self.nearest_posts(row, vector, posts))))
        return tuple(result)

    def nearest_posts(self, row: int, vector: Floats, k: int) -> list[tuple[str, float]]:
        """The account's `k` posts nearest to `vector`, as they read (HTML entities resolved), with their cosines."""
        own = slice(int(self.post_offsets[row]), int(self.post_offsets[row + 1]))
        if k < 1 or own.stop == own.start:
            return []
        scores, found = top_k(vector, unit_rows(self.post_vectors[own]), k)
        texts, rows = self.data.posts["text"], self.post_rows[own][found].tolist()
        return [(html.unescape(str(texts[row].as_py())), float(s)) for s, row in zip(scores, rows, strict=True)]

    # -- texts that are not in the index --------------------------------------------------------------------------------------

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of texts of the caller's own, in the space of the index.

        Raises:
            Mismatch: the encoder at hand is not the one the index was made with.
        """
        return embed([clean_text(text) for text in texts], self._matching(None)).astype(np.float32)

    def _matching(self, encoder: Encoder | None) -> Encoder:
        used = encoder or self.encoder or default_encoder()
        if used.fingerprint != self.encoder_fingerprint:
            raise Mismatch(other_encoder("this index", self.encoder_fingerprint, used.fingerprint))
        return used

    def _known_vectors(self) -> Mapping[str, Halves]:
        known: dict[str, Halves] = {}
        for row in range(len(self)):
            own = slice(int(self.post_offsets[row]), int(self.post_offsets[row + 1]))
            if own.stop > own.start:
                known.update(zip(self.post_texts(row), self.post_vectors[own], strict=True))
            if self.bio_vectors[row].any():
                known[self.bio(row)] = self.bio_vectors[row].astype(np.float16)
        return known


def _cache(cache: VectorCache | bool) -> VectorCache | None:
    return (default_cache() if cache else None) if isinstance(cache, bool) else cache


def _build(
    data: Dataset,
    encoder: Encoder,
    cache: VectorCache | bool,
    max_posts: int,
    progress: bool | None,
    known: Mapping[str, Halves],
) -> AccountIndex:
    if len(data) == 0:
        raise DataError("no accounts to build an index of")
    shown = sys.stderr.isatty() if progress is None else progress
    texts = speaking_texts(data, max_posts=max_posts)
    encoded = embed([*texts.bios, *texts.posts], encoder, cache=_cache(cache), known=known, progress=shown)
    bios, posts = encoded[: len(data)].astype(np.float32), encoded[len(data) :].copy()
    del encoded  # held twice, they would be a gigabyte for a million accounts
    space = topic_space(posts, texts.offsets)
    words = word_table(texts.by_account(), progress=shown)
    facets = facet_table(bios, posts, texts.offsets, space, progress=shown)
    off_topic = off_topic_link_share(own_with_link(data)[texts.post_rows], bios, posts, texts.offsets, facets)
    graph = FollowGraph.from_pairs(len(data), *data.pair_rows("follows"))
    signals = replace(measure_signals(data), off_topic_link_share=off_topic)
    follows = follow_space(graph.without_follows_by(signals.spammers), facets, words)
    return AccountIndex(
        data=data,
        graph=graph,
        engagement=find_engagement(data),
        signals=signals,
        words=words,
        space=space,
        facets=facets,
        follow_space=follows,
        bio_vectors=bios,
        post_vectors=posts,
        post_rows=texts.post_rows,
        post_offsets=texts.offsets,
        rounded=round_large(facets, bios, texts.offsets, words, follows),
        encoder_fingerprint=encoder.fingerprint,
        max_posts=max_posts,
        fingerprint=fingerprint(data, encoder.fingerprint, max_posts),
        encoder=encoder,
    )
