"""What near-duplicate search needs of a text, without the text: its signature.

The hashes of its shingles of COUNTED words, which are counted exactly, and its fingerprints: those
of its shingles of SOUGHT words that `winnow` chooses. A signature depends on its text alone, so
that it can be taken anywhere, of a part of the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.model import Document
from corpus.splits.by_key import SIZE
from corpus.splits.shingles import Hashes, hash_words, shingle, winnow

COUNTED, SOUGHT = 3, 5  # words in a shingle that is counted, and in a fingerprint
WINDOW = 4  # shingles in a row, of which one at least is a fingerprint
WHOLE = 64  # shingles of a text of which all are fingerprints

Sizes = npt.NDArray[np.uint32]


class Signatures(NamedTuple):
    """The signatures of several texts in their order.

    `counted` and `sought` are the hashes of all texts, one text after the other; `counted_sizes`
    and `sought_sizes` say how many of them each text has, `lengths` of how many shingles the
    fingerprints of each were chosen.
    """

    counted_sizes: Sizes
    sought_sizes: Sizes
    lengths: Sizes
    counted: Hashes
    sought: Hashes


def sign_texts(texts: Sequence[str]) -> Signatures:
    """The signatures of the texts; memory is some 50 bytes a character."""
    words = hash_words(texts)
    counted, sought = shingle(words, COUNTED), shingle(words, SOUGHT)
    chosen = winnow(sought, WINDOW, all_up_to=WHOLE)
    before = np.concatenate([[0], np.cumsum(chosen)])
    return Signatures(
        np.diff(counted.bounds).astype(np.uint32),
        np.diff(before[sought.bounds]).astype(np.uint32),
        np.diff(sought.bounds).astype(np.uint32),
        counted.hashes,
        sought.hashes[chosen],
    )


def join_signatures(parts: Iterable[Signatures]) -> Signatures:
    """The signatures of all texts of the parts, of which there is at least one."""
    return Signatures(*map(np.concatenate, zip(*parts, strict=True)))


def each_signature(signatures: Signatures) -> Iterator[Signatures]:
    """The signature of each text by itself."""
    counted = [0, *np.cumsum(signatures.counted_sizes, dtype=np.int64).tolist()]
    sought = [0, *np.cumsum(signatures.sought_sizes, dtype=np.int64).tolist()]
    for at in range(len(signatures.lengths)):
        yield Signatures(
            signatures.counted_sizes[at : at + 1],
            signatures.sought_sizes[at : at + 1],
            signatures.lengths[at : at + 1],
            signatures.counted[counted[at] : counted[at + 1]],
            signatures.sought[sought[at] : sought[at + 1]],
        )


def text_key(document: Document) -> bytes:
    """What is remembered of a document's text."""
    return bytes.fromhex(document.sha256)[:SIZE]
