"""Links of one state of a knowledge base -> links of another, each change listed.

An id that was redirected or merged is replaced. A link to one that is gone is taken away: the
mention is not judged any more, and a person must judge it again; what it was stands in the
repairs. A link whose target stays only takes the name and hash of the newer knowledge base.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import msgspec

from corpus.kb.knowledge_base import KB
from corpus.kb.redirects import Redirects
from corpus.manifest import Stage
from corpus.model import NIL, Change, Document, Layer, Link, Mention, count_mentions

GONE = "links_to_judge_again"
REDIRECTED = "links_redirected"
RENAMED = "links_that_stay"
NIL_KNOWN = "nil_that_the_newer_knowledge_base_may_know"
NIL_OPENED = "nil_to_judge_again"
FOREIGN = "links_of_another_knowledge_base"


def migrate_links(
    documents: Iterable[Document],
    stage: Stage,
    *,
    old: KB,
    redirects: Redirects,
    layers: Collection[str] = ("gold",),
    reopen_nil: bool = False,
) -> Iterator[Document]:
    """The documents with the links of these layers as the newer knowledge base has them.

    Links that are of neither of the two stay and are counted. NIL stays NIL; where the newer one
    offers for the surface what the older did not, it stays NIL of the older one, or, with
    `reopen_nil`, is taken away to be judged again.
    """
    migration = _Migration(stage, old, redirects, reopen_nil)
    for document in documents:
        stage.documents.received += 1
        stage.mentions.received += count_mentions(document)
        moved = tuple(
            migration.layer(document, layer) if layer.name in layers else layer
            for layer in document.layers
        )
        document = msgspec.structs.replace(document, layers=moved)
        stage.documents.kept += 1
        stage.documents.written += 1
        stage.mentions.written += count_mentions(document)
        yield document
    stage.mentions.kept = stage.mentions.received - stage.mentions.repaired
    stage.manifest.notes.update(sorted(migration.notes.items()))


class _Migration:
    """What the links of one run are moved by, and how many of each kind there were."""

    def __init__(self, stage: Stage, old: KB, redirects: Redirects, reopen_nil: bool) -> None:
        self.stage, self.old, self.new = stage, old, redirects.new
        self.redirects, self.reopen_nil = redirects, reopen_nil
        self.notes: Counter[str] = Counter()

    def layer(self, document: Document, layer: Layer) -> Layer:
        mentions = tuple(self._mention(document, layer, mention) for mention in layer.mentions)
        return msgspec.structs.replace(layer, mentions=mentions)

    def _mention(self, document: Document, layer: Layer, mention: Mention) -> Mention:
        surface = document.text[mention.start : mention.end]
        links: list[Link] = []
        reasons = []
        for link in mention.links:
            moved, reason = self._link(link, surface)
            if reason:
                reasons.append(reason)
            if moved is None:
                continue
            if any(moved.target == other.target for other in links):
                reasons.append(f"two links lead to {moved.target} now, the {link.role} one left")
                continue
            links.append(moved)
        after = msgspec.structs.replace(mention, links=tuple(links))
        if reasons:
            self._record(document, layer, mention, after, "; ".join(reasons))
        return after

    def _link(self, link: Link, surface: str) -> tuple[Link | None, str]:
        """The link as it is now, None if it is to be judged again, and why it changed."""
        if link.kb_hash == self.new.info.hash:
            return link, ""
        if link.kb_hash not in ("", self.old.info.hash):
            self.notes[FOREIGN] += 1
            return link, ""
        if link.target == NIL:
            return self._nil(link, surface)
        target = self.redirects.target_of(link.target)
        if target is None:
            self.notes[GONE] += 1
            return None, (
                f"{link.target} is not in {self.new.info.name} any more and nothing says what "
                f"became of it: judge it again"
            )
        moved = msgspec.structs.replace(
            link, target=target, kb=self.new.info.name, kb_hash=self.new.info.hash
        )
        if target == link.target:
            self.notes[RENAMED] += 1
            return moved, ""
        self.notes[REDIRECTED] += 1
        return moved, f"{link.target} is {target} now"

    def _nil(self, link: Link, surface: str) -> tuple[Link | None, str]:
        fresh = _offers(self.new, surface) - _offers(self.old, surface)
        if not fresh:
            self.notes[RENAMED] += 1
            name, hash = self.new.info.name, self.new.info.hash
            return msgspec.structs.replace(link, kb=name, kb_hash=hash), ""
        if not self.reopen_nil:
            self.notes[NIL_KNOWN] += 1
            return link, ""
        self.notes[NIL_OPENED] += 1
        return None, f"NIL, but {self.new.info.name} knows {', '.join(sorted(fresh)[:3])} by it"

    def _record(
        self, document: Document, layer: Layer, before: Mention, after: Mention, reason: str
    ) -> None:
        self.stage.mentions.repaired += 1
        self.stage.record(
            Change(
                kind="repaired",
                document=document.id,
                layer=layer.name,
                mention=before.id,
                where=f"{before.start}-{before.end}",
                reason=reason,
                before={"links": msgspec.to_builtins(before.links)},
                after={"links": msgspec.to_builtins(after.links)},
            )
        )


def _offers(kb: KB, surface: str) -> set[str]:
    """The ids of what a surface may mean."""
    return {kb.entity(posting.entity).id for posting in kb.lookup(surface)}
