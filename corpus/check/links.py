"""Are the links' targets in the knowledge base that they were chosen from?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from corpus.kb.knowledge_base import KB
from corpus.model import NIL, Document, Link, Mention


class LinkProof:
    """The knowledge bases at hand, by hash; `unproven` counts the links that none could prove."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.bases = {base.info.hash: base for base in map(KB, folders)}
        self.unproven = 0
        self._strange: set[str] = set()
        self._has = lru_cache(100_000)(self._look_up)

    def problems_of(self, document: Document) -> Iterator[str]:
        """What is wrong with the document's links, in words; another KB is named once only."""
        for layer in document.layers:
            for mention in layer.mentions:
                for link in mention.links:
                    if link.target != NIL:
                        yield from self._problems(layer.name, mention, link)

    def _problems(self, layer: str, mention: Mention, link: Link) -> Iterator[str]:
        if not self.bases:
            self.unproven += 1
        elif link.kb_hash and link.kb_hash not in self.bases:
            self.unproven += 1
            if link.kb_hash not in self._strange:
                self._strange.add(link.kb_hash)
                yield (
                    f"mention {mention.id} of layer {layer!r} was linked with another state of "
                    f"{link.kb or 'a knowledge base'} ({link.kb_hash[:12]}) than any given"
                )
        elif not self._has(link.kb_hash, link.target):
            yield (
                f"mention {mention.id} of layer {layer!r} links to {link.target}, which is not "
                f"in {link.kb or 'any knowledge base given'}"
            )

    def _look_up(self, kb_hash: str, target: str) -> bool:
        bases = [self.bases[kb_hash]] if kb_hash else list(self.bases.values())
        return any(base.find(target) is not None for base in bases)
